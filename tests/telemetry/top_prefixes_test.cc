#include "telemetry/top_prefixes.h"

#include <cmath>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

// A step's average, as FlowCache has it.
TEST(RouteRates, AreMovingAverages) {
  RouteRates rates(seconds(2));
  rates.add(3, Direction::kEgress, 1000, seconds(10));
  EXPECT_DOUBLE_EQ(rates.rate(3, Direction::kEgress, seconds(10)), 500);
  EXPECT_DOUBLE_EQ(rates.rate(3, Direction::kEgress, seconds(12)), 500 * std::exp(-1));
  rates.add(3, Direction::kEgress, 1000, seconds(12));
  EXPECT_DOUBLE_EQ(rates.rate(3, Direction::kEgress, seconds(12)), 500 * std::exp(-1) + 500);
  EXPECT_EQ(rates.rate(3, Direction::kIngress, seconds(12)), 0);
  EXPECT_EQ(rates.rate(4, Direction::kEgress, seconds(12)), 0);
  rates.forget(3);
  EXPECT_EQ(rates.rate(3, Direction::kEgress, seconds(12)), 0);
}

TEST(RouteRates, MayBeInTheTable) {
  RouteTable table;
  const auto prefix = net::Prefix::parse("10.0.0.0/8").value();
  const auto route = std::make_shared<const RouteInfo>();
  table.insert(prefix, route);
  const auto id = table.find(prefix).value();
  RouteRates rates(seconds(2), &table);
  rates.add(id, Direction::kIngress, 1000, seconds(10));
  EXPECT_DOUBLE_EQ(rates.rate(id, Direction::kIngress, seconds(10)), 500);
  EXPECT_EQ(rates.rate(id, Direction::kEgress, seconds(10)), 0);
  table.insert(prefix, std::make_shared<const RouteInfo>());
  EXPECT_DOUBLE_EQ(rates.rate(id, Direction::kIngress, seconds(10)), 500);
  // Another route that gets its number has no traffic yet.
  table.erase(prefix);
  table.insert(net::Prefix::parse("11.0.0.0/8").value(), route);
  ASSERT_EQ(table.find(net::Prefix::parse("11.0.0.0/8").value()), id);
  EXPECT_EQ(rates.rate(id, Direction::kIngress, seconds(10)), 0);
  rates.add(id, Direction::kIngress, 1000, seconds(10));
  rates.forget(id);
  EXPECT_EQ(rates.rate(id, Direction::kIngress, seconds(10)), 0);
  rates.add(id, Direction::kIngress, 1000, seconds(10));
  table.clear_averages();
  EXPECT_EQ(rates.rate(id, Direction::kIngress, seconds(10)), 0);
}

// Prefixes with next hops 192.0.2.N and rates.
class TopPrefixesTest : public testing::Test {
 protected:
  void put(std::string_view text, std::uint8_t hop, double out, double in = 0) {
    const auto prefix = net::Prefix::parse(text).value();
    table_.insert(prefix, std::make_shared<const RouteInfo>(
                              RouteInfo{.next_hop = net::IpAddress::v4({192, 0, 2, hop})}));
    const auto route = table_.find(prefix).value();
    if (out > 0) rates_.add(route, Direction::kEgress, out, seconds(1));
    if (in > 0) rates_.add(route, Direction::kIngress, in, seconds(1));
  }

  // "10.0.0.0/16=300 [10.0.1.0/24]; ..."
  std::string top(const TopPrefixQuery& query) {
    result_ = top_prefixes(table_, rates_, query, seconds(1));
    std::string out;
    for (const TopPrefix& prefix : result_.prefixes) {
      if (!out.empty()) out += "; ";
      out += table_.prefix_of(prefix.route).to_string() + "=" +
             std::to_string(std::lround(prefix.value));
      for (const auto child : prefix.children) {
        out += " [" + table_.prefix_of(child).to_string() + "]";
      }
    }
    return out;
  }

  RouteTable table_;
  RouteRates rates_{seconds(1)};
  TopPrefixes result_;
};

TEST_F(TopPrefixesTest, TheLargestComeFirst) {
  put("10.1.0.0/16", 1, 100);
  put("10.2.0.0/16", 1, 300);
  put("10.3.0.0/16", 1, 200);
  put("10.4.0.0/16", 1, 200);
  put("10.5.0.0/16", 1, 0);
  EXPECT_EQ(top({}), "10.2.0.0/16=300; 10.3.0.0/16=200; 10.4.0.0/16=200; 10.1.0.0/16=100");
  EXPECT_EQ(top({.most = 2}), "10.2.0.0/16=300; 10.3.0.0/16=200");
  EXPECT_EQ(result_.total, 800);
  EXPECT_EQ(result_.top, 500);
  EXPECT_EQ(top({.min_value = 200}), "10.2.0.0/16=300; 10.3.0.0/16=200; 10.4.0.0/16=200");
  EXPECT_EQ(top({.most = 0}), "");
}

TEST_F(TopPrefixesTest, BothDirectionsAreApart) {
  put("10.1.0.0/16", 1, 100, 7);
  put("10.2.0.0/16", 1, 300);
  EXPECT_EQ(top({.direction = Direction::kIngress}), "10.1.0.0/16=7");
  EXPECT_EQ(result_.total, 7);
}

TEST_F(TopPrefixesTest, BothFamiliesAreApart) {
  put("10.1.0.0/16", 1, 100);
  put("2001:db8::/32", 1, 50);
  EXPECT_EQ(top({.family = net::Family::kIpv6}), "2001:db8::/32=50");
  EXPECT_EQ(result_.total, 50);
}

TEST_F(TopPrefixesTest, TheDefaultRouteIsARouteUnlessItIsTooShort) {
  put("0.0.0.0/0", 1, 100);
  put("10.0.0.0/8", 2, 50);
  EXPECT_EQ(top({}), "0.0.0.0/0=100; 10.0.0.0/8=50");
  EXPECT_EQ(top({.min_length = 1}), "10.0.0.0/8=50");
  EXPECT_EQ(top({.min_length = 9}), "");
  EXPECT_EQ(result_.total, 150);
}

TEST_F(TopPrefixesTest, WhatGoesTheSameWayAsWhatIsAroundItIsPruned) {
  put("10.0.0.0/8", 1, 1);
  put("10.1.0.0/16", 1, 10);    // the same
  put("10.1.1.0/24", 1, 100);   // the same again
  put("10.1.2.0/24", 2, 1000);  // another
  put("10.1.2.128/25", 1, 5);   // another than what is around it
  EXPECT_EQ(top({.prune_covered = true}), "10.1.2.0/24=1000; 10.0.0.0/8=111; 10.1.2.128/25=5");
  EXPECT_EQ(result_.total, 1116);
  EXPECT_EQ(top({.most = 1}), "10.1.2.0/24=1000");
}

// Who installs a prefix must know what is more specific, or it goes astray.
TEST_F(TopPrefixesTest, CoveredOnesAreTold) {
  put("10.0.0.0/8", 1, 50);
  put("10.1.0.0/16", 1, 0);
  put("10.1.2.0/24", 2, 10);
  put("11.0.0.0/8", 1, 20);
  EXPECT_EQ(top({.include_covered = true}),
            "10.0.0.0/8=50 [10.1.0.0/16] [10.1.2.0/24]; 11.0.0.0/8=20; 10.1.2.0/24=10");
  EXPECT_EQ(top({.include_covered = true, .prune_covered = true}),
            "10.0.0.0/8=50 [10.1.2.0/24]; 11.0.0.0/8=20; 10.1.2.0/24=10");
}

}  // namespace
}  // namespace fabrix::telemetry
