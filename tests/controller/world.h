// World: a whole exchange on the simulated fabric, with member routers that behave as routers do:
// they believe what BGP tells them, ask for MACs through the fabric, remember the answers for good,
// and send by the longest prefix.
//
//     A (AS 100: a1, a2), B (AS 200: b1), C (AS 300: c1, c2), D (AS 400: d1); all of both families
//
//     World world;
//     world.announce("b1", "140.0.0.0/24");
//     world.set_policy("A", "outbound = match(dstport=80) >> fwd(B)");
//     EXPECT_EQ(world.send("a1", "tcp 100.0.0.1:40000 -> 140.0.0.1:80"), "b1");
//
// Each change is settled at once; hold() lets several become one round.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/diagnostic.h"
#include "controller/controller.h"
#include "controller/trace.h"
#include "exchange/load.h"
#include "exchange/reload.h"
#include "fabric/simulated.h"
#include "net/frame.h"

namespace fabrix::controller {

inline exchange::Exchange four_members() {
  return exchange::load(R"(version: 1
exchange:
  name: four
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16, "2001:db8:ff::/64"]
  virtual_next_hops: [172.0.1.0/24, "2001:db8:ff:0:1::/80"]
  route_server: {addresses: [172.0.255.254, "2001:db8:ff::fffe"], policy: minimal}
participants:
  - name: A
    asn: 100
    routers:
      - {name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1, "2001:db8:ff::1"], port: 1}
      - {name: a2, mac: "08:00:27:00:00:02", addresses: [172.0.0.2, "2001:db8:ff::2"], port: 2}
  - name: B
    asn: 200
    routers:
      - {name: b1, mac: "08:00:27:00:00:11", addresses: [172.0.0.11, "2001:db8:ff::11"], port: 3}
  - name: C
    asn: 300
    routers:
      - {name: c1, mac: "08:00:27:00:00:21", addresses: [172.0.0.21, "2001:db8:ff::21"], port: 4}
      - {name: c2, mac: "08:00:27:00:00:22", addresses: [172.0.0.22, "2001:db8:ff::22"], port: 5}
  - name: D
    asn: 400
    routers:
      - {name: d1, mac: "08:00:27:00:00:31", addresses: [172.0.0.31, "2001:db8:ff::31"], port: 6}
)",
                        "four.yaml")
      .value();
}

class World {
 public:
  explicit World(exchange::Exchange members = four_members()) : exchange_(std::move(members)) {
    controller_.emplace(exchange_, fabric_);
    controller_->on_notice = [this](const Notice& notice) { notices_.push_back(notice.text); };
    for (const exchange::Router& router : exchange_.routers) bring_up(router.name);
    settle();
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  World(World&&) = delete;
  World& operator=(World&&) = delete;
  ~World() = default;

  // Changes.

  void announce(std::string_view router, std::string_view prefix_text,
                bgp::PathAttributes attributes = {}) {
    bgp::UpdateMessage update;
    add(update, router, prefix_text, std::move(attributes));
    apply(router, update);
  }

  // Many at once, of one family.
  void announce_all(std::string_view router, const std::vector<net::Prefix>& prefixes) {
    bgp::UpdateMessage update;
    add(update, router, prefixes.front().to_string(), {});
    update.announced.front().prefixes = prefixes;
    apply(router, update);
  }

  // AS path of one segment; by default the member's own AS.
  static bgp::PathAttributes path(const std::vector<std::uint32_t>& asns) {
    bgp::PathAttributes attributes;
    bgp::AsPathSegment segment;
    for (const std::uint32_t asn : asns) segment.asns.push_back(net::Asn{asn});
    attributes.as_path.segments = {segment};
    return attributes;
  }

  void withdraw(std::string_view router, std::string_view prefix_text) {
    bgp::UpdateMessage update;
    update.withdrawn = {prefix(prefix_text)};
    apply(router, update);
  }

  // One UPDATE with both.
  void replace(std::string_view router, std::string_view withdrawn, std::string_view announced) {
    bgp::UpdateMessage update;
    add(update, router, announced, {});
    update.withdrawn = {prefix(withdrawn)};
    apply(router, update);
  }

  // RFC 8950: whether its sessions understand IPv6 next hops of IPv4 routes.
  enum class NextHops { kOfTheFamily, kExtended };
  void bring_up(std::string_view name, NextHops understood = NextHops::kOfTheFamily) {
    const exchange::Router& router = find(name);
    for (const net::IpAddress& address : router.addresses) {
      controller_->session_up(*controller_->route_server().find_peer(address),
                              {.bgp_identifier = router.id.value + 1U,
                               .families = {.ipv4 = true, .ipv6 = true},
                               .asn_width = bgp::AsnWidth::kFourOctets,
                               .extended_next_hop = understood == NextHops::kExtended});
    }
    settle_unless_held();
  }

  void take_down(std::string_view name) {
    for (const net::IpAddress& address : find(name).addresses) {
      controller_->session_down(*controller_->route_server().find_peer(address));
    }
    settle_unless_held();
  }

  // The diagnostics as text; empty when there are none.
  std::string set_policy(std::string_view participant, const std::string& text) {
    const auto set = controller_->set_policy(id_of(participant), text, "test.policy");
    settle_unless_held();
    return render(set ? *set : set.error(), text);
  }

  void remove_policy(std::string_view participant) {
    controller_->remove_policy(id_of(participant));
    settle_unless_held();
  }

  // Another configuration, which keeps ids as a reload does. Sessions of new routers come up.
  std::vector<Controller::LostPolicy> reconfigure(const exchange::Exchange& candidate) {
    auto reload = exchange::plan(exchange_, candidate);
    EXPECT_TRUE(reload);
    exchange_ = std::move(reload->exchange);
    auto lost = controller_->reconfigure(exchange_);
    for (const routeserver::Peer& peer : controller_->route_server().peers()) {
      if (!peer.present || controller_->route_server().is_up(peer.id)) continue;
      controller_->session_up(peer.id, {.bgp_identifier = peer.router.value + 1U,
                                        .families = {.ipv4 = true, .ipv6 = true},
                                        .asn_width = bgp::AsnWidth::kFourOctets});
    }
    settle_unless_held();
    return lost;
  }

  void set_port(std::string_view router, bool up) {
    const net::PortNo port = find(router).port;
    up ? fabric_.bring_up(port) : fabric_.take_down(port);
    settle_unless_held();
  }

  void hold() { held_ = true; }
  void release() {
    held_ = false;
    settle();
  }

  // Rounds until nothing is left to do, and members hear the news.
  void settle() {
    constexpr int kEnough = 10;
    for (int i = 0; i < kEnough && controller_->needs_settling(); ++i) controller_->settle(now_);
    EXPECT_FALSE(controller_->needs_settling());
    for (const routeserver::Peer& peer : controller_->route_server().peers()) {
      while (!controller_->pull(peer.id).empty()) {
      }
    }
  }

  void advance(std::chrono::seconds time) { now_ += time; }

  // The controller dies, and another begins with the same fabric: without sessions, routes and
  // policies. `meanwhile` is between the two.
  template <typename Meanwhile>
  void restart(const Meanwhile& meanwhile) {
    controller_.reset();
    meanwhile();
    controller_.emplace(exchange_, fabric_);
    controller_->on_notice = [this](const Notice& notice) { notices_.push_back(notice.text); };
  }

  // The frame that a router's packet is, by what the router knows now; none: it has no route.
  std::optional<net::Packet> frame_of(std::string_view from, std::string_view text) {
    const exchange::Router& router = find(from);
    net::Packet packet = net::parse_packet(text).value();
    const auto next_hop = route_of(router, packet.dst_ip);
    const auto mac = next_hop ? mac_of(router, *next_hop) : std::nullopt;
    if (!mac) return std::nullopt;
    packet.dst_mac = *mac;
    return packet;
  }

  // What comes of it.

  // Where a packet of a router comes out: a router's name, "route server" or "nowhere".
  std::string send(std::string_view from, std::string_view text) {
    const exchange::Router& router = find(from);
    const auto frame = frame_of(from, text);
    std::string seen = frame ? send_frame(from, *frame) : "nowhere";
    // The trace is about what enters the fabric.
    if (!controller_->world().port_up[router.id.index()]) return seen;
    const Trace said = trace(*controller_, router.id, net::parse_packet(text).value());
    EXPECT_TRUE(said.agrees) << to_string(said, exchange_);
    EXPECT_EQ(seen, name_of(said)) << to_string(said, exchange_);
    return seen;
  }

  // The packet as it is, but for the source.
  std::string send_frame(std::string_view from, net::Packet packet) {
    const exchange::Router& router = find(from);
    packet.in_port = router.port;
    if (packet.src_mac == net::MacAddress{}) packet.src_mac = router.mac;
    const auto outcome = fabric_.send(packet);
    if (!outcome.output) return "nowhere";
    if (*outcome.output == exchange_.route_server.port) return "route server";
    return exchange_.find_router(*outcome.output)->name;
  }

  // The next hop by the router's own table.
  std::optional<net::IpAddress> route_of(const exchange::Router& router,
                                         const net::IpAddress& destination) const {
    const auto& server = controller_->route_server();
    for (unsigned length = net::width_of(destination.family()) + 1; length-- > 0;) {
      const auto covering = net::Prefix::containing(destination, length).value();
      for (const net::IpAddress& address : router.addresses) {
        const auto told = server.told(*server.find_peer(address), covering);
        if (told) return told->next_hop;
      }
    }
    return std::nullopt;
  }

  std::string next_hop(std::string_view router, std::string_view destination) const {
    const auto found = route_of(find(router), address(destination));
    return found ? found->to_string() : "none";
  }

  // The AS path that a router was told; "none" without a route.
  std::string as_path(std::string_view router, std::string_view prefix_text) const {
    const auto& server = controller_->route_server();
    const auto told =
        server.told(*server.find_peer(find(router).addresses.front()), prefix(prefix_text));
    return told ? told->attributes.as_path.to_string() : "none";
  }

  // The answer to an ARP request or a neighbour solicitation; none: nobody answers it.
  std::optional<net::MacAddress> ask(const exchange::Router& router,
                                     const net::IpAddress& address) {
    const bool is_v4 = address.family() == net::Family::kIpv4;
    const auto own = std::ranges::find(router.addresses, address.family(), &net::IpAddress::family);
    const auto frame = is_v4 ? net::build_arp_request(router.mac, *own, address)
                             : net::build_neighbor_solicitation(router.mac, *own, address);
    net::Packet question = net::parse_frame(frame).value();
    question.in_port = router.port;
    // Again, as routers do, while the controller has looked at as many as it does in one window.
    std::uint64_t refused = 0;
    do {
      refused = controller_->punt_budget().refused();
      fabric_.take_sent_frames();
      const auto outcome = fabric_.send(question);
      if (outcome.output) return exchange_.find_router(address)->mac;
      for (const auto& sent : fabric_.take_sent_frames()) {
        const auto answer = net::parse_frame(sent.octets);
        if (sent.port == router.port && answer) return answer->src_mac;
      }
    } while (controller_->punt_budget().refused() != refused);
    return std::nullopt;
  }

  const exchange::Router& find(std::string_view name) const {
    const auto* router = exchange_.find_router(name);
    EXPECT_NE(router, nullptr) << name;
    return *router;
  }
  net::ParticipantId id_of(std::string_view name) const {
    return exchange_.find_participant(name)->id;
  }
  static net::Prefix prefix(std::string_view text) { return net::Prefix::parse(text).value(); }
  static net::IpAddress address(std::string_view text) {
    return net::IpAddress::parse(text).value();
  }

  Controller& controller() { return *controller_; }
  fabric::SimulatedFabric& fabric() { return fabric_; }
  const exchange::Exchange& exchange() const { return exchange_; }
  std::vector<std::string> take_notices() { return std::exchange(notices_, {}); }

 private:
  void add(bgp::UpdateMessage& update, std::string_view router, std::string_view prefix_text,
           bgp::PathAttributes attributes) {
    const exchange::Router& from = find(router);
    const net::Prefix announced = prefix(prefix_text);
    if (attributes.as_path.segments.empty()) {
      attributes.as_path = path({exchange_.participant(from.participant).asn.value}).as_path;
    }
    const auto own = std::ranges::find(from.addresses, announced.family(), &net::IpAddress::family);
    update.announced = {{.family = announced.family(), .next_hop = *own, .prefixes = {announced}}};
    update.attributes = std::make_shared<const bgp::PathAttributes>(std::move(attributes));
  }

  // Over the session of the update's family.
  void apply(std::string_view router, const bgp::UpdateMessage& update) {
    const net::Family family = update.announced.empty() ? update.withdrawn.front().family()
                                                        : update.announced.front().family;
    const auto& addresses = find(router).addresses;
    const auto own = std::ranges::find(addresses, family, &net::IpAddress::family);
    const auto peer = *controller_->route_server().find_peer(*own);
    EXPECT_EQ(controller_->update(peer, update).kind, routeserver::UpdateOutcome::Kind::kTaken);
    settle_unless_held();
  }

  std::optional<net::MacAddress> mac_of(const exchange::Router& router,
                                        const net::IpAddress& next_hop) {
    const auto key = std::pair(router.id, next_hop);
    const auto known = neighbours_.find(key);
    if (known != neighbours_.end()) return known->second;
    auto mac = ask(router, next_hop);
    // A neighbour whose port is down now is remembered from before.
    const auto* other = exchange_.find_router(next_hop);
    if (!mac && other != nullptr && !controller_->world().port_up[other->id.index()]) {
      mac = other->mac;
    }
    if (mac) neighbours_.emplace(key, *mac);
    return mac;
  }

  std::string name_of(const Trace& said) const {
    if (said.to_route_server) return "route server";
    return said.delivered ? exchange_.router(*said.delivered).name : "nowhere";
  }

  void settle_unless_held() {
    if (!held_) settle();
  }

  exchange::Exchange exchange_;
  fabric::SimulatedFabric fabric_;
  std::optional<Controller> controller_;
  std::map<std::pair<net::RouterId, net::IpAddress>, net::MacAddress> neighbours_;
  std::vector<std::string> notices_;
  Controller::Clock::time_point now_;
  bool held_ = false;
};

// A packet to a port of 140.0.0.1 (or elsewhere), by TCP over IPv4.
inline std::string tcp_to(unsigned port, std::string_view destination = "140.0.0.1") {
  return fmt::format("tcp 100.0.0.1:40000 -> {}:{}", destination, port);
}

}  // namespace fabrix::controller
