#include "daemon/engine_table.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace fabrix::daemon {
namespace {

// Places whose prefixes are fetched at once.
constexpr std::uint32_t kPlacesAtOnce = 256;

class EngineWalk final : public monitoring::TableWalk {
 public:
  explicit EngineWalk(const routeserver::RouteServer& server) : server_(server) {}

  std::optional<monitoring::PrefixRoutes> next() override {
    while (fetch()) {
      const net::Prefix prefix = prefixes_[used_++];
      routes_.clear();
      for (const routeserver::Route& route : server_.all_routes(prefix)) {
        routes_.push_back(monitored(route));
      }
      // It may have lost its routes since it was fetched.
      if (!routes_.empty()) return monitoring::PrefixRoutes{.prefix = prefix, .routes = routes_};
    }
    return std::nullopt;
  }

 private:
  // Whether there is a prefix to look at.
  bool fetch() {
    while (used_ == prefixes_.size() && !at_end_) {
      prefixes_ = server_.prefixes_from(cursor_, kPlacesAtOnce);
      used_ = 0;
      at_end_ = cursor_ == 0;
    }
    return used_ < prefixes_.size();
  }

  const routeserver::RouteServer& server_;
  std::vector<net::Prefix> prefixes_;
  std::size_t used_ = 0;
  std::uint32_t cursor_ = 0;
  bool at_end_ = false;
  std::vector<monitoring::Route> routes_;
};

bool has_routes(const routeserver::RouteServer& server, routeserver::PeerId peer) {
  return server.count(peer, net::Family::kIpv4).routes > 0 ||
         server.count(peer, net::Family::kIpv6).routes > 0;
}

}  // namespace

std::vector<monitoring::PeerSession> EngineTable::peers() const {
  std::vector<monitoring::PeerSession> all;
  for (const auto& [peer, session] : watch_.sessions()) {
    if (session.established || has_routes(server_, peer)) all.push_back(session);
  }
  return all;
}

std::unique_ptr<monitoring::TableWalk> EngineTable::walk() const {
  return std::make_unique<EngineWalk>(server_);
}

}  // namespace fabrix::daemon
