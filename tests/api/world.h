// An exchange of three members on the simulated fabric, with routes and a policy of A: what the
// tests of the API ask about.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "api/protocol.h"
#include "controller/controller.h"
#include "exchange/load.h"
#include "fabric/simulated.h"

namespace fabrix::api::testing {

inline constexpr const char* kExchangeText = R"(version: 1
exchange:
  name: sample
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16]
  virtual_next_hops: [172.0.1.0/24]
  route_server: {addresses: [172.0.255.254], policy: minimal}
participants:
  - {name: A, asn: 100, routers: [{name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1], port: 1}]}
  - {name: B, asn: 200, routers: [{name: b1, mac: "08:00:27:00:00:02", addresses: [172.0.0.2], port: 2}]}
  - {name: C, asn: 300, routers: [{name: c1, mac: "08:00:27:00:00:03", addresses: [172.0.0.3], port: 3}]}
)";

inline constexpr const char* kPolicyText = "outbound = match(dstport=80) >> fwd(B)\n";

class World {
 public:
  World() : controller(exchange, fabric) {
    for (const routeserver::Peer& peer : controller.route_server().peers()) {
      controller.session_up(peer.id, {.bgp_identifier = peer.id.value + 1U,
                                      .families = {.ipv4 = true, .ipv6 = false},
                                      .asn_width = bgp::AsnWidth::kFourOctets});
    }
    announce("b1", "140.0.0.0/24", {200});
    announce("c1", "140.0.0.0/24", {300});
    announce("c1", "140.0.0.0/16", {300, 7});
    announce("c1", "9.9.9.0/24", {666});  // The first AS is not C's.
    EXPECT_TRUE(controller.set_policy(exchange.find_participant("A")->id, kPolicyText, "A.policy"));
    settle();
  }

  void announce(const std::string& router, const std::string& prefix,
                const std::vector<std::uint32_t>& path, bgp::PathAttributes attributes = {}) {
    const auto& address = exchange.find_router(router)->addresses.front();
    bgp::AsPathSegment segment;
    for (const std::uint32_t asn : path) segment.asns.push_back(net::Asn{asn});
    attributes.as_path = {.segments = {segment}};
    bgp::UpdateMessage update;
    update.announced = {{.family = address.family(),
                         .next_hop = address,
                         .prefixes = {*net::Prefix::parse(prefix)}}};
    update.attributes = std::make_shared<const bgp::PathAttributes>(attributes);
    controller.update(*controller.route_server().find_peer(address), update);
  }

  void settle() { controller.settle(controller::Controller::Clock::now()); }

  // Members take all that there is to tell them.
  void deliver() {
    for (const routeserver::Peer& peer : controller.route_server().peers()) {
      std::ignore = controller.pull(peer.id);
    }
  }

  Sources sources() const { return {.controller = &controller, .bgp = nullptr}; }
  Handlers handlers() { return {.sources = sources(), .controller = &controller}; }

  exchange::Exchange exchange = *exchange::load(kExchangeText, "exchange.yaml");
  fabric::SimulatedFabric fabric;
  controller::Controller controller;
};

// A directory of its own for a socket, removed at the end.
class SocketDirectory {
 public:
  SocketDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "fabrix-api-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~SocketDirectory() { std::filesystem::remove_all(path_); }
  SocketDirectory(const SocketDirectory&) = delete;
  SocketDirectory& operator=(const SocketDirectory&) = delete;
  SocketDirectory(SocketDirectory&&) = delete;
  SocketDirectory& operator=(SocketDirectory&&) = delete;

  std::string socket() const { return (path_ / "fabrix.sock").string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace fabrix::api::testing
