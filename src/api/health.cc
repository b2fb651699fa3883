#include "api/health.h"

#include <algorithm>

#include <fmt/format.h>

namespace fabrix::api {

http::Response live_response() {
  return http::text_response(200, "ok\n");
}

http::Response health_response(const std::vector<HealthCheck>& checks) {
  std::string text;
  for (const HealthCheck& check : checks) {
    text += check.holds ? fmt::format("[+]{} ok\n", check.name)
                        : fmt::format("[-]{} failed: {}\n", check.name, check.detail);
  }
  const bool is_ready = std::ranges::all_of(checks, &HealthCheck::holds);
  text += is_ready ? "ready\n" : "not ready\n";
  return http::text_response(is_ready ? 200 : 503, text);
}

}  // namespace fabrix::api
