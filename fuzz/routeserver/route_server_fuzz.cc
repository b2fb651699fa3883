// Whatever members do, in whatever order, everyone is told what a new session would be told, and in
// whole messages that decode.
//
// Every two octets of the input are an event: what happens, and to whom or what.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "bgp/message_splitter.h"
#include "bgp/update_message.h"
#include "exchange/load.h"
#include "routeserver/route_server.h"

namespace {

// NOLINTNEXTLINE(google-build-using-namespace): a target is no part of what it feeds.
using namespace fabrix;
using routeserver::Peer;
using routeserver::PeerId;

constexpr bgp::FamilySet kBoth{.ipv4 = true, .ipv6 = true};

const exchange::Exchange& members() {
  static const auto three = exchange::load(R"(version: 1
exchange:
  name: three
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16]
  route_server: {addresses: [172.0.255.254], policy: minimal}
participants:
  - {name: A, asn: 100, routers: [{name: a, mac: "08:00:27:00:00:01", addresses: [172.0.0.1], port: 1}]}
  - {name: B, asn: 200, routers: [{name: b, mac: "08:00:27:00:00:02", addresses: [172.0.0.2], port: 2}]}
  - {name: C, asn: 300, routers: [{name: c, mac: "08:00:27:00:00:03", addresses: [172.0.0.3], port: 3}]}
)",
                                           "three.yaml")
                                .value();
  return three;
}

net::Prefix prefix(std::uint8_t number) {
  const auto network = net::IpAddress::v4({20, 0, static_cast<std::uint8_t>(number % 8), 0});
  return net::Prefix::containing(network, 24).value();
}

class World {
 public:
  void event(std::uint8_t what, std::uint8_t detail) {
    const PeerId peer{static_cast<std::uint16_t>(what / 16 % 3)};
    const bool is_up = server_.is_up(peer);
    switch (what % 16) {
      case 0:
        return bring_up(peer);
      case 1:
        return server_.session_down(peer);
      case 2:
        return server_.session_lost(peer, kBoth);
      case 3:
        return server_.drop_stale(peer, net::Family::kIpv4);
      case 4:
        return server_.keep_stale_long(peer, net::Family::kIpv4);
      case 5:
        return server_.publish_changed(detail % 4 + 1U);
      case 6:
        return server_.refresh(peer, net::Family::kIpv4);
      case 7:
        return server_.shed(peer);
      case 8:
        return server_.set_usable(
            server_.peer(peer).participant,
            detail % 2 == 0 ? routeserver::Usability::kUsable : routeserver::Usability::kUnusable);
      case 9:
      case 10:
        if (is_up) withdraw(peer, detail);
        return;
      case 11:
        return hear(peer);
      default:
        if (is_up) announce(peer, what, detail);
    }
  }

  void settle() {
    while (server_.has_changed()) server_.publish_changed(1);
    for (const Peer& peer : server_.peers()) {
      while (server_.has_output(peer.id)) hear(peer.id);
      if (server_.is_up(peer.id)) compare(peer.id);
    }
    for (const Peer& peer : server_.peers()) server_.session_down(peer.id);
    server_.publish(server_.take_changed());
    if (server_.path_count() != 0 || server_.prefix_count() != 0) std::abort();
  }

 private:
  struct Heard {
    bgp::PathAttributes attributes;
    net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
  };

  void bring_up(PeerId peer) {
    server_.session_up(
        peer,
        {.bgp_identifier = peer.value + 1U, .families = kBoth, .long_lived = peer.value == 1});
    tables_[peer].clear();
  }

  void announce(PeerId peer, std::uint8_t what, std::uint8_t detail) {
    const Peer& from = server_.peer(peer);
    bgp::PathAttributes attributes{.as_path = {.segments = {{.asns = {from.asn}}}}};
    auto& asns = attributes.as_path.segments.front().asns;
    if (detail / 8 % 4 == 1) asns.push_back(net::Asn{100});
    if (detail / 8 % 4 == 2) asns.push_back(net::Asn{7});
    if (what % 16 == 13) attributes.communities = {bgp::community(0, 100)};
    if (what % 16 == 14) attributes.communities = {bgp::community(65512, 200)};
    attributes.med = detail / 32U;
    bgp::UpdateMessage update;
    update.attributes = std::make_shared<const bgp::PathAttributes>(std::move(attributes));
    update.announced = {{.next_hop = from.address, .prefixes = {prefix(detail)}}};
    server_.update(peer, update);
  }

  void withdraw(PeerId peer, std::uint8_t detail) {
    bgp::UpdateMessage update;
    update.withdrawn = {prefix(detail)};
    server_.update(peer, update);
  }

  // All that is there at the moment.
  void hear(PeerId peer) {
    bgp::MessageSplitter splitter;
    std::size_t sent = 0;
    for (auto piece : server_.output(peer)) {
      sent += piece.size();
      while (!piece.empty()) {
        const auto message = splitter.next(piece);
        if (!message || !*message) std::abort();
        if ((*message)->type == bgp::MessageType::kUpdate) take(peer, (*message)->body);
      }
    }
    server_.sent(peer, sent);
  }

  void take(PeerId peer, std::span<const std::byte> body) {
    const auto update = bgp::decode_update(body, {});
    if (!update || !update->treated_as_withdraw.empty()) std::abort();
    for (const auto& gone : update->withdrawn) tables_[peer].erase(gone);
    for (const auto& announcement : update->announced) {
      for (const auto& each : announcement.prefixes) {
        tables_[peer].insert_or_assign(each, Heard{*update->attributes, announcement.next_hop});
      }
    }
  }

  void compare(PeerId peer) {
    const auto& table = tables_[peer];
    if (server_.told_count(peer, net::Family::kIpv4) != table.size()) std::abort();
    for (std::uint8_t number = 0; number < 8; ++number) {
      const auto told = server_.told(peer, prefix(number));
      const auto heard = table.find(prefix(number));
      if (told.has_value() != (heard != table.end())) std::abort();
      if (!told) continue;
      const bool same =
          told->attributes == heard->second.attributes && told->next_hop == heard->second.next_hop;
      if (!same) std::abort();
    }
  }

  routeserver::RouteServer server_{members()};
  std::map<PeerId, std::map<net::Prefix, Heard>> tables_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  const std::span<const std::uint8_t> events(data, size);
  for (std::size_t i = 0; i + 1 < events.size(); i += 2) world.event(events[i], events[i + 1]);
  world.settle();
  return 0;
}
