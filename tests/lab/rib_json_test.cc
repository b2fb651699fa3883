#include "lab/rib_json.h"

#include <cstddef>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/lab/daemon_world.h"

namespace fabrix::lab {
namespace {

using testing::ip;
using testing::prefix;

// Answers as bgpctl 7.7, gobgp 3.10 and vtysh 8.4 gave them, shortened.
constexpr std::string_view kOpenBgpdRib = R"({"rib": [
  {"prefix": "203.0.113.0/24", "aspath": "64999", "exit_nexthop": "192.0.2.77",
   "true_nexthop": "192.0.2.1", "valid": true, "best": true, "source": "external"},
  {"prefix": "198.51.100.0/24", "exit_nexthop": "0.0.0.0", "announced": true,
   "valid": true, "best": true, "source": "internal"},
  {"prefix": "203.0.114.0/24", "exit_nexthop": "192.0.2.78", "valid": false,
   "best": true, "source": "external"},
  {"prefix": "203.0.115.0/24", "exit_nexthop": "192.0.2.78", "valid": true, "source": "external"},
  {"prefix": "2001:db8:77::/48", "exit_nexthop": "2001:db8::77", "valid": true, "best": true,
   "source": "external"}]})";

constexpr std::string_view kGoBgpRib = R"({
  "198.51.101.0/24": [{"nlri": {"prefix": "198.51.101.0/24"}, "best": true,
    "attrs": [{"type": 1, "value": 2}, {"type": 3, "nexthop": "0.0.0.0"}], "stale": false}],
  "203.0.113.0/24": [
    {"best": false, "attrs": [{"type": 3, "nexthop": "192.0.2.78"}], "neighbor-ip": "192.0.2.253"},
    {"best": true, "attrs": [{"type": 1, "value": 0},
      {"type": 2, "as_paths": [{"segment_type": 2, "num": 1, "asns": [64999]}]},
      {"type": 3, "nexthop": "192.0.2.77"}], "neighbor-ip": "192.0.2.254"}],
  "2001:db8:77::/48": [{"best": true, "attrs": [
      {"type": 14, "nexthop": "2001:db8::77", "afi": 2, "safi": 1}],
    "neighbor-ip": "2001:db8::fe"}]})";

std::vector<LearnedRoute> expected() {
  return {{prefix("203.0.113.0/24"), ip("192.0.2.77")},
          {prefix("2001:db8:77::/48"), ip("2001:db8::77")}};
}

TEST(RibJsonTest, ReadsTheBestRoutesThatOpenBgpdLearned) {
  EXPECT_EQ(openbgpd_routes(kOpenBgpdRib).value(), expected());
}

TEST(RibJsonTest, ReadsTheBestRoutesThatGoBgpLearned) {
  EXPECT_EQ(gobgp_routes(kGoBgpRib).value(), expected());
}

TEST(RibJsonTest, ReadsAnEmptyRibAsNoRoutes) {
  EXPECT_TRUE(openbgpd_routes("{\n\n}\n").value().empty());
  EXPECT_TRUE(gobgp_routes("{}").value().empty());
}

TEST(RibJsonTest, CountsEstablishedSessions) {
  EXPECT_EQ(openbgpd_established(R"({"neighbors": [{"state": "Established"}, {"state": "Idle"},
                                     {"state": "Established"}]})")
                .value(),
            2U);
  EXPECT_EQ(gobgp_established(R"([{"state": {"session_state": 6}}, {"state": {"session_state": 3}},
                                  {"state": {}}])")
                .value(),
            1U);
  EXPECT_EQ(frr_established(R"({
    "ipv4Unicast": {"routerId": "192.0.2.2", "peers": {"192.0.2.254": {"state": "Established"}}},
    "ipv6Unicast": {"peers": {"2001:db8::fe": {"state": "Active"},
                              "2001:db8::fd": {"state": "Established"}}}})")
                .value(),
            2U);
  // One session that carries both families is one.
  EXPECT_EQ(frr_established(R"({
    "ipv4Unicast": {"peers": {"2001:db8::fe": {"state": "Established"}}},
    "ipv6Unicast": {"peers": {"2001:db8::fe": {"state": "Established"}}}})")
                .value(),
            1U);
}

TEST(RibJsonTest, CountsNothingInValuesOfOtherShapes) {
  for (const std::string_view text :
       {"[]", "{}", "null", "7", R"("text")", "[1, [], {}]",
        R"({"neighbors": {"state": 1}, "rib": [3, {"best": 1}]})",
        R"({"ipv4Unicast": {"peers": [1]}, "x/y": [{"best": true}]})"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(openbgpd_established(text).value(), 0U);
    EXPECT_EQ(gobgp_established(text).value(), 0U);
    EXPECT_EQ(frr_established(text).value(), 0U);
    EXPECT_TRUE(openbgpd_routes(text).value().empty());
    EXPECT_TRUE(gobgp_routes(text).value().empty());
  }
}

TEST(RibJsonTest, RejectsEveryTruncation) {
  for (const std::string_view whole : {kOpenBgpdRib, kGoBgpRib}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      EXPECT_FALSE(openbgpd_routes(whole.substr(0, length)));
      EXPECT_FALSE(gobgp_routes(whole.substr(0, length)));
    }
  }
}

}  // namespace
}  // namespace fabrix::lab
