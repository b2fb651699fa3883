#include "api/web.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace fabrix::api {
namespace {

class Web {
 public:
  explicit Web(WebSources sources) : sources_(std::move(sources)) {
    if (sources_.looking_glass != nullptr) {
      birdwatcher_.emplace(*sources_.looking_glass, sources_.birdwatcher);
    }
  }

  http::Response answer(const http::Request& request) const {
    const std::span<const std::string> path(request.target.segments);
    if (!path.empty() && path[0] == "birdwatcher" && birdwatcher_) {
      return birdwatcher_->answer(request, path.subspan(1));
    }
    if (path.size() != 1) return missing();
    if (request.method != http::Method::kGet && request.method != http::Method::kHead) {
      return http::method_not_allowed("GET, HEAD");
    }
    return document(path[0]);
  }

 private:
  static http::Response missing() { return http::problem(404, "there is nothing at this path"); }

  http::Response document(const std::string& name) const {
    if (name == "livez") return live_response();
    if (name == "readyz" || name == "healthz") {
      return health_response(sources_.health ? sources_.health() : std::vector<HealthCheck>{});
    }
    if (name != "metrics" || !sources_.metrics) return missing();
    return {.status = 200,
            .headers = {{"Content-Type", std::string(kExpositionType)}},
            .body = to_prometheus(sources_.metrics())};
  }

  WebSources sources_;
  std::optional<Birdwatcher> birdwatcher_;
};

}  // namespace

http::Handler web_handler(WebSources sources) {
  // Shared, because a std::function is copied.
  return [web = std::make_shared<const Web>(std::move(sources))](const http::Request& request) {
    return web->answer(request);
  };
}

http::Handler birdwatcher_handler(const LookingGlass& glass, BirdwatcherOptions options) {
  return [birdwatcher = Birdwatcher(glass, std::move(options))](const http::Request& request) {
    return birdwatcher.answer(request, request.target.segments);
  };
}

}  // namespace fabrix::api
