// Web: what Fabrix answers over HTTP, by path.
//
//   /metrics                   Prometheus
//   /livez /readyz /healthz    orchestrators
//   /birdwatcher/...           Alice-LG
//
// Other paths are 404. Everything here reads; nothing changes anything.
#pragma once

#include <functional>
#include <vector>

#include "api/birdwatcher.h"
#include "api/health.h"
#include "api/looking_glass.h"
#include "api/metrics.h"
#include "http/connection.h"

namespace fabrix::api {

// What is missing is not served.
struct WebSources {
  const LookingGlass* looking_glass = nullptr;
  BirdwatcherOptions birdwatcher;
  std::function<MetricsSnapshot()> metrics;
  std::function<std::vector<HealthCheck>()> health;
};

// What the sources point to outlives the handler and its responses.
http::Handler web_handler(WebSources sources);

// Birdwatcher alone, at the root, as on its own port 29184 or 29186.
http::Handler birdwatcher_handler(const LookingGlass& glass, BirdwatcherOptions options);

}  // namespace fabrix::api
