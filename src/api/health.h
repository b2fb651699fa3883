// Health: whether this process lives, and whether it serves, as orchestrators and load balancers
// ask: /livez (the loop turns), /readyz and /healthz (every check holds; 503 if one does not).
#pragma once

#include <string>
#include <vector>

#include "http/message.h"

namespace fabrix::api {

struct HealthCheck {
  std::string name;  // one word: "config", "fabric"
  bool holds = true;
  std::string detail;  // if it does not, in words
};

// "ok": whoever gets this answer was served by the loop.
http::Response live_response();

// "[+]name ok" or "[-]name failed: detail", a line each; then whether all hold.
http::Response health_response(const std::vector<HealthCheck>& checks);

}  // namespace fabrix::api
