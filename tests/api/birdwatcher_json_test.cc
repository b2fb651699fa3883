// Golden documents: what Alice-LG's parser (pkg/sources/birdwatcher/parsers.go) takes, type by
// type.
#include "api/birdwatcher_json.h"

#include <gtest/gtest.h>

#include "tests/api/fake_looking_glass.h"

namespace fabrix::api {
namespace {

using testing::address;
using testing::FakeLookingGlass;
using testing::json;
using testing::kNow;

const RouteContext kContext{.route_server = net::Asn{64500}, .now = kNow};

std::string route_text(const RouteView& route) {
  std::string text;
  append_route(text, route, kContext);
  return text;
}

boost::json::array large_communities(const RouteView& route) {
  return json(route_text(route)).at("bgp").at("large_communities").as_array();
}

TEST(BirdwatcherJson, WritesTimesAsBirdDoes) {
  EXPECT_EQ(bird_time(kNow), "2026-11-21 05:00:00");
  EXPECT_EQ(bird_time(kNow + std::chrono::milliseconds(900)), "2026-11-21 05:00:00");
}

TEST(BirdwatcherJson, BeginsWithAnEnvelopeThatAliceTakes) {
  EXPECT_EQ(json("{" + birdwatcher_envelope(kNow) + "}"), json(R"({
    "api": {"Version": "2.2.5", "result_from_cache": false, "cache_status": {"cached_at":
      {"date": "2026-11-21T05:00:00Z", "timezone_type": "UTC", "timezone": "UTC"}}},
    "ttl": "2026-11-21T05:00:00Z"})"));
}

TEST(BirdwatcherJson, ShowsTheStatus) {
  EXPECT_EQ(boost::json::value(birdwatcher_status(FakeLookingGlass().status(), kNow)), json(R"({
    "current_server": "2026-11-21 05:00:00", "last_reboot": "2026-11-19 05:00:00",
    "last_reconfig": "2026-11-21 04:00:00", "version": "0.1.0",
    "message": "Fabrix is up and running", "router_id": "192.0.2.254"})"));
}

Neighbor sample_neighbor() {
  return {.id = {},
          .name = "A_v4",
          .address = address("192.0.2.1"),
          .asn = net::Asn{4200000001},
          .description = "Member \"A\"",
          .state = NeighborState::kDown,
          .since = kNow,
          .last_error = "hold timer expired",
          .channels = {{.family = net::Family::kIpv4,
                        .routes = {.accepted = 5, .filtered = 2, .exported = 9, .preferred = 3},
                        .updates_received = 11,
                        .withdrawals_received = 12,
                        .updates_sent = 13,
                        .withdrawals_sent = 14,
                        .max_prefix = 100}}};
}

TEST(BirdwatcherJson, ShowsAProtocol) {
  EXPECT_EQ(boost::json::value(birdwatcher_protocol(sample_neighbor())), json(R"({
    "protocol": "A_v4", "bird_protocol": "BGP", "table": "master4", "state": "down",
    "state_changed": "2026-11-21 05:00:00", "connection": "Idle", "bgp_state": "Idle",
    "description": "Member \"A\"", "neighbor_address": "192.0.2.1", "neighbor_as": 4200000001,
    "preference": 100, "last_error": "hold timer expired",
    "routes": {"accepted": 5, "imported": 5, "filtered": 2, "exported": 9, "preferred": 3},
    "route_changes": {"import_updates": {"received": 11}, "import_withdraws": {"received": 12},
      "export_updates": {"accepted": 13}, "export_withdraws": {"accepted": 14}},
    "channels": {"ipv4": {"state": "DOWN", "table": "master4", "preference": 100,
      "import_limit": 100,
      "routes_count": {"accepted": 5, "imported": 5, "filtered": 2, "exported": 9, "preferred": 3},
      "route_changes": {"import_updates": {"received": 11}, "import_withdraws": {"received": 12},
        "export_updates": {"accepted": 13}, "export_withdraws": {"accepted": 14}}}}})"));
}

TEST(BirdwatcherJson, AddsTheFamiliesOfASessionUp) {
  Neighbor both = sample_neighbor();
  both.state = NeighborState::kUp;
  both.last_error.clear();
  both.channels.push_back({.family = net::Family::kIpv6, .routes = {.accepted = 1}});
  const auto shown = boost::json::value(birdwatcher_protocol(both));
  EXPECT_EQ(shown.at("routes").at("imported"), 6);
  EXPECT_EQ(shown.at("channels").at("ipv6").at("routes_count").at("imported"), 1);
  EXPECT_EQ(shown.at("channels").at("ipv6").at("state"), "UP");
  EXPECT_EQ(shown.at("state"), "up");
  EXPECT_FALSE(shown.as_object().contains("last_error"));
}

TEST(BirdwatcherJson, ShowsRoutesOfASessionThatCarriesNothing) {
  Neighbor none = sample_neighbor();
  none.channels.clear();
  const auto shown = boost::json::value(birdwatcher_protocol(none));
  EXPECT_EQ(shown.at("routes").at("imported"), 0);  // Alice would not survive without.
}

TEST(BirdwatcherJson, ShowsAProtocolInShort) {
  EXPECT_EQ(boost::json::value(birdwatcher_short_protocol(sample_neighbor())), json(R"({
    "proto": "BGP", "table": "---", "state": "down", "since": "2026-11-21 05:00:00",
    "info": "Idle hold timer expired"})"));
}

bgp::PathAttributes full_attributes() {
  using Kind = bgp::AsPathSegment::Kind;
  return {.origin = bgp::Origin::kIncomplete,
          .as_path = {{{Kind::kSequence, {net::Asn{100}, net::Asn{4200000001}}},
                       {Kind::kSet, {net::Asn{7}, net::Asn{8}}}}},
          .med = 20,
          .atomic_aggregate = true,
          .aggregator = bgp::Aggregator{net::Asn{100}, address("198.51.100.1")},
          .communities = {bgp::community(65535, 666), bgp::community(0, 100)},
          .extended_communities = {{0x0002'002a'0000'04d2},
                                   {0x0103'c000'0201'0005},
                                   {0x0202'fa56'ea01'0007},
                                   {0x4300'0000'0000'0001}},
          .large_communities = {{64500, 0, 100}},
          .only_to_customer = net::Asn{100}};
}

TEST(BirdwatcherJson, ShowsARouteWithTheTypesThatAliceReads) {
  FakeLookingGlass glass;
  const auto a = glass.add_neighbor("A_v4", "192.0.2.1", 100);
  RouteView& route = glass.add_route(a, "203.0.113.0/24", full_attributes());
  route.next_hop = address("192.0.2.7");
  EXPECT_EQ(json(route_text(route)), json(R"({
    "network": "203.0.113.0/24", "gateway": "192.0.2.1", "interface": "", "metric": 100,
    "from_protocol": "A_v4", "learnt_from": "192.0.2.1", "age": "2026-11-21 04:59:00",
    "type": ["BGP", "univ"], "primary": true,
    "bgp": {"origin": "Incomplete", "as_path": ["100", "4200000001", "7", "8"],
      "next_hop": "192.0.2.7", "local_pref": "100", "med": "20", "otc": "100",
      "atomic_aggr": "", "aggregator": "198.51.100.1 AS100",
      "communities": [[65535, 666], [0, 100]],
      "large_communities": [[64500, 0, 100]],
      "ext_communities": [["rt", "42", "1234"], ["ro", "192.0.2.1", "5"],
        ["rt", "4200000001", "7"], ["generic", "0x43000000", "0x1"]]}})"));
}

TEST(BirdwatcherJson, ShowsARouteThatSaysLittle) {
  FakeLookingGlass glass;
  const auto a = glass.add_neighbor("A_v6", "2001:db8::1", 100);
  RouteView& route = glass.add_route(a, "2001:db8:1::/48", {});
  route.is_primary = false;
  EXPECT_EQ(json(route_text(route)), json(R"({
    "network": "2001:db8:1::/48", "gateway": "2001:db8::1", "interface": "", "metric": 100,
    "from_protocol": "A_v6", "learnt_from": "2001:db8::1", "age": "2026-11-21 04:59:00",
    "type": ["BGP", "univ"], "primary": false,
    "bgp": {"origin": "IGP", "as_path": [], "next_hop": "2001:db8::1", "local_pref": "100",
      "communities": [], "large_communities": [], "ext_communities": []}})"));
}

TEST(BirdwatcherJson, SaysWhyByTheCommunitiesOfEuroIx) {
  FakeLookingGlass glass;
  const auto a = glass.add_neighbor("A", "192.0.2.1", 100);
  RouteView& route = glass.add_route(a, "203.0.113.0/24", {});
  route.status = RouteStatus::kFiltered;
  route.reason = {13, "RPKI says \"invalid\""};
  route.rpki = RpkiState::kInvalid;
  EXPECT_EQ(large_communities(route), json("[[64500,1000,4],[64500,1101,13]]").as_array());
  EXPECT_EQ(json(route_text(route)).at("reason"), "RPKI says \"invalid\"");
  route.status = RouteStatus::kNotExported;
  EXPECT_EQ(large_communities(route), json("[[64500,1000,4],[64500,1103,13]]").as_array());
  route.reason->code = 0;
  EXPECT_EQ(large_communities(route), json("[[64500,1000,4]]").as_array());
}

TEST(BirdwatcherJson, ShowsNoReasonThatAMemberMadeUp) {
  FakeLookingGlass glass;
  const auto a = glass.add_neighbor("A", "192.0.2.1", 100);
  const RouteView& route = glass.add_route(a, "203.0.113.0/24",
                                           {.large_communities = {{64500, 999, 1},
                                                                  {64500, 1000, 1},
                                                                  {64500, 1101, 3},
                                                                  {64500, 1999, 1},
                                                                  {64500, 2000, 1},
                                                                  {64501, 1101, 1}}});
  EXPECT_EQ(large_communities(route),
            json("[[64500,999,1],[64500,2000,1],[64501,1101,1]]").as_array());
}

}  // namespace
}  // namespace fabrix::api
