// The law of monitoring: whatever happens, what a BMP station has been told is what the route
// server holds of the sessions that are up, in both views.
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

#include "bgp/message_header.h"
#include "daemon/engine_table.h"
#include "daemon/session_watch.h"
#include "exchange/load.h"
#include "fabric/simulated.h"
#include "monitoring/bmp_decoder.h"
#include "monitoring/bmp_feed.h"
#include "rpki/origin_validation.h"
#include "tests/daemon/watched_world.h"

namespace fabrix::daemon {
namespace {

using monitoring::RibView;
using routeserver::PeerId;

constexpr std::size_t kPeers = 3;

exchange::Exchange exchange_of(const std::string& bounds, const std::string& blackhole) {
  const std::string text = R"(version: 1
exchange:
  name: law
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16]
  virtual_next_hops: [172.0.1.0/24]
  route_server:
    addresses: [172.0.255.254]
    import: {prefix_length: {ipv4: )" +
                           bounds + R"(}, rpki: reject-invalid, blackhole: {accept: )" + blackhole +
                           R"(}}
participants:
  - {name: A, asn: 100, routers: [{name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1], port: 1}]}
  - {name: B, asn: 200, routers: [{name: b1, mac: "08:00:27:00:00:02", addresses: [172.0.0.2], port: 2}]}
  - {name: C, asn: 300, routers: [{name: c1, mac: "08:00:27:00:00:03", addresses: [172.0.0.3], port: 3}]}
)";
  const auto exchange = exchange::load(text, "law.yaml");
  EXPECT_TRUE(exchange) << render(exchange.error(), text);
  return *exchange;
}

using Key = std::tuple<net::Asn, RibView, net::Prefix>;
using Picture = std::map<Key, bgp::PathAttributes>;

// What a station knows.
class Station {
 public:
  void take(monitoring::BmpFeed& feed) {
    while (feed.queued() > 0) {
      const auto octets = feed.take();
      const auto messages = monitoring::decode_bmp_stream(octets);
      ASSERT_TRUE(messages);
      for (const auto& message : *messages) hear(message);
    }
  }
  Picture routes;

 private:
  void hear(const monitoring::BmpMessage& message) {
    if (const auto* down = std::get_if<monitoring::PeerDown>(&message)) {
      // RFC 7854 §4.9: a Peer Down is the withdrawal of all that the peer had.
      std::erase_if(routes, [&](const auto& each) {
        return std::get<net::Asn>(each.first) == down->peer.asn;
      });
    }
    const auto* route = std::get_if<monitoring::RouteMonitoring>(&message);
    if (route == nullptr) return;
    const auto update =
        bgp::decode_update(std::span(route->update).subspan(bgp::kHeaderSize), {}).value();
    const net::Asn asn = route->peer.asn;
    const RibView view = route->peer.view;
    for (const net::Prefix& gone : update.withdrawn) routes.erase({asn, view, gone});
    for (const bgp::Announcement& announcement : update.announced) {
      for (const net::Prefix& prefix : announcement.prefixes) {
        routes[{asn, view, prefix}] = *update.attributes;
      }
    }
  }
};

class MonitoredTable : public ::testing::TestWithParam<unsigned> {
 protected:
  MonitoredTable() { watch_.add(feed_); }

  unsigned below(unsigned end) {
    return std::uniform_int_distribution<unsigned>(0, end - 1)(random_);
  }
  PeerId some_peer() { return PeerId{static_cast<std::uint16_t>(below(kPeers))}; }
  bool is_up(PeerId peer) const { return controller_.route_server().is_up(peer); }

  net::Prefix some_prefix() {
    const auto octet = static_cast<std::uint8_t>(20 + below(6));
    return *net::Prefix::containing(net::IpAddress::v4({octet, 0, 0, 0}), 22 + below(4));
  }

  void session_up(PeerId peer) {
    if (is_up(peer)) return;
    controller_.session_up(peer, {.bgp_identifier = peer.value + 1U,
                                  .families = {.ipv4 = true, .ipv6 = false},
                                  .asn_width = bgp::AsnWidth::kFourOctets});
  }

  void session_lost(PeerId peer) {
    if (is_up(peer)) controller_.session_lost(peer, {.ipv4 = below(2) == 0, .ipv6 = false});
  }

  void update(PeerId peer) {
    if (!is_up(peer)) return;
    const auto& session = controller_.route_server().peer(peer);
    bgp::PathAttributes attributes;
    attributes.as_path.segments = {{.asns = {session.asn, net::Asn{1000 + below(3)}}}};
    if (below(4) == 0) attributes.communities = {bgp::Community{0xffff029a}};  // BLACKHOLE
    bgp::UpdateMessage update;
    update.withdrawn = {some_prefix()};
    update.announced = {{.family = net::Family::kIpv4,
                         .next_hop = session.address,
                         .prefixes = {some_prefix(), some_prefix()}}};
    update.attributes = std::make_shared<const bgp::PathAttributes>(attributes);
    controller_.update(peer, update);
  }

  void new_vrps() {
    std::vector<rpki::Vrp> vrps;
    for (unsigned i = below(4); i > 0; --i) {
      vrps.push_back({.prefix = *net::Prefix::containing(some_prefix().address(), 8),
                      .max_length = 24,
                      .asn = net::Asn{1000 + below(3)}});
    }
    controller_.set_import_data(
        {.vrps = std::make_shared<const rpki::VrpTable>(rpki::VrpTable::build(std::move(vrps))),
         .irr = {}});
  }

  void reconfigure() {
    controller_.reconfigure(
        exchange_of(below(2) == 0 ? "8..24" : "8..23", below(2) == 0 ? "true" : "false"));
  }

  void set_port() {
    controller_.set_port(net::RouterId{static_cast<std::uint16_t>(below(kPeers))}, below(2) == 0);
  }

  void anything() {
    const PeerId peer = some_peer();
    switch (below(12)) {
      case 0:
        return session_lost(peer);
      case 1:
        return controller_.mark_stale(peer, net::Family::kIpv4);
      case 2:
        return controller_.drop_stale(peer, net::Family::kIpv4);
      case 3:
        return controller_.keep_stale_long(peer, net::Family::kIpv4);
      case 4:
        return new_vrps();
      case 5:
        return reconfigure();
      case 6:
        return set_port();
      case 7:
        return session_up(peer);
      default:
        return update(peer);
    }
  }

  // What a station should know.
  Picture held() const {
    Picture picture;
    const auto walk = table_.walk();
    while (const auto prefix = walk->next()) {
      for (const monitoring::Route& route : prefix->routes) {
        const PeerId peer{static_cast<std::uint16_t>(route.peer.value)};
        if (!is_up(peer)) continue;
        const net::Asn asn = controller_.route_server().peer(peer).asn;
        picture[{asn, RibView::kAdjRibIn, prefix->prefix}] = *route.attributes;
        if (route.state != monitoring::RouteState::kAccepted) continue;
        picture[{asn, RibView::kAdjRibInPostPolicy, prefix->prefix}] =
            *(route.imported ? route.imported : route.attributes);
      }
    }
    return picture;
  }

  static void finish(monitoring::BmpFeed& feed) {
    while (!feed.table_complete()) feed.advance(2, monitoring::Timestamp());
  }

  std::mt19937 random_{GetParam()};
  fabric::SimulatedFabric fabric_;
  controller::Controller controller_{exchange_of("8..24", "true"), fabric_};
  SessionWatch watch_{controller_, testing::fake_words(controller_)};
  EngineTable table_{controller_.route_server(), watch_};
  monitoring::BmpFeed feed_{{.system_name = "rs", .system_description = "law"}, table_};
  Station station_;
};

TEST_P(MonitoredTable, Rfc7854_5_IsWhatAStationIsToldWhateverHappens) {
  for (int step = 0; step < 400; ++step) {
    anything();
    feed_.advance(below(3), monitoring::Timestamp());
    if (below(4) != 0) continue;
    finish(feed_);
    station_.take(feed_);
    ASSERT_EQ(station_.routes, held()) << "seed " << GetParam() << ", step " << step;
  }
  // A station that comes late is told the same.
  monitoring::BmpFeed late({.system_name = "rs", .system_description = "late"}, table_);
  finish(late);
  Station other;
  other.take(late);
  EXPECT_EQ(other.routes, held());
}

INSTANTIATE_TEST_SUITE_P(Seeds, MonitoredTable, ::testing::Range(1U, 21U));

}  // namespace
}  // namespace fabrix::daemon
