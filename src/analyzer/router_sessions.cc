#include "analyzer/router_sessions.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "analyzer/route_info.h"

namespace fabrix::analyzer {
namespace {

using speaker::NeighborState;

net::IpAddress address_of(std::uint32_t identifier) {
  return net::IpAddress::v4(
      {static_cast<std::uint8_t>(identifier >> 24U), static_cast<std::uint8_t>(identifier >> 16U),
       static_cast<std::uint8_t>(identifier >> 8U), static_cast<std::uint8_t>(identifier)});
}

telemetry::RouterInfo info_of(const speaker::NeighborView& neighbor) {
  return {.as = neighbor.peer_as,
          .id = address_of(neighbor.peer_identifier).to_string(),
          .state = std::string(to_string(neighbor.state)),
          .start = std::chrono::duration_cast<telemetry::Time>(neighbor.since.time_since_epoch())};
}

}  // namespace

RouterSessions::RouterSessions(io::EventLoop& loop, telemetry::Engine& engine)
    : engine_(engine),
      speaker_(loop,
               {.on_open = [this](const speaker::NeighborView& neighbor) { opened(neighbor); },
                .on_update =
                    [this](const net::IpAddress& router, const bgp::UpdateMessage& update) {
                      return updated(router, update);
                    },
                .on_close = [this](const net::IpAddress& router,
                                   const std::string& /*reason*/) { closed(router); }}) {}

Result<void> RouterSessions::configure(const BgpOptions& options) {
  if (auto done = speaker_.listen(options.listen); !done) return done;
  std::set<net::IpAddress> wanted;
  for (const speaker::NeighborOptions& neighbor : options.neighbors) {
    wanted.insert(neighbor.address);
    if (auto done = join(neighbor); !done) return done;
    configured_.insert(neighbor.address);
  }
  const std::set<net::IpAddress> before = configured_;
  for (const net::IpAddress& router : before) {
    if (wanted.contains(router)) continue;
    configured_.erase(router);
    remove(router);
  }
  return {};
}

Result<void> RouterSessions::add(const speaker::NeighborOptions& options) {
  if (configured_.contains(options.address)) return {};
  return join(options);
}

Result<void> RouterSessions::join(const speaker::NeighborOptions& options) {
  const net::IpAddress& router = options.address;
  const bool is_new = !speaker_.view(router);
  if (is_new && engine_.routers().see(router)) {
    return fail(Error{fmt::format("{} is a router of the exchange", router.to_string())});
  }
  if (auto done = speaker_.add(options); !done) return done;
  if (is_new && !engine_.routers().add_router(router, info_of(*speaker_.view(router)))) {
    speaker_.remove(router);
    return fail(Error{fmt::format("at most {} routers", telemetry::Routers::kMaxRouters)});
  }
  return {};
}

bool RouterSessions::remove(const net::IpAddress& router) {
  if (configured_.contains(router) || !speaker_.remove(router)) return false;
  engine_.routers().remove_router(router);
  return true;
}

void RouterSessions::opened(const speaker::NeighborView& neighbor) {
  const net::IpAddress router = neighbor.options.address;
  engine_.routers().renew_router(router, info_of(neighbor));
  tell(router, neighbor.state);
}

void RouterSessions::closed(const net::IpAddress& router) {
  engine_.routers().renew_router(router, info_of({}));
  tell(router, NeighborState::kIdle);
}

void RouterSessions::tell(const net::IpAddress& router, NeighborState state) const {
  if (watch_) watch_(router, state);
}

telemetry::RouteInfoPtr RouterSessions::route(const bgp::PathAttributes& attributes,
                                              const net::IpAddress& next_hop) {
  const std::size_t hash =
      std::hash<bgp::PathAttributes>()(attributes) ^ std::hash<net::IpAddress>()(next_hop);
  return routes_.get({.attributes = attributes, .next_hop = next_hop}, hash, [&] {
    return std::make_shared<const telemetry::RouteInfo>(route_info(attributes, next_hop));
  });
}

// A table that is full keeps what it has; its router's limit is lower.
std::size_t RouterSessions::updated(const net::IpAddress& router,
                                    const bgp::UpdateMessage& update) {
  telemetry::Routers& routers = engine_.routers();
  for (const net::Prefix& prefix : update.withdrawn) routers.set_route(router, prefix, nullptr);
  for (const bgp::Announcement& announced : update.announced) {
    const telemetry::RouteInfoPtr info = route(*update.attributes, announced.next_hop);
    for (const net::Prefix& prefix : announced.prefixes) routers.set_route(router, prefix, info);
  }
  const auto* const known = routers.find(router);
  return known == nullptr ? 0 : known->table.size();
}

}  // namespace fabrix::analyzer
