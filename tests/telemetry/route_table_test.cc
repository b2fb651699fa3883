#include "telemetry/route_table.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

net::Prefix prefix(std::string_view text) {
  return net::Prefix::parse(text).value();
}

net::IpAddress address(std::string_view text) {
  return net::IpAddress::parse(text).value();
}

RouteInfoPtr route(std::string as_path) {
  return std::make_shared<const RouteInfo>(RouteInfo{.as_path = std::move(as_path)});
}

// "65002/18", or "none".
std::string match(const RouteTable& table, std::string_view text) {
  const auto found = table.match(address(text));
  return found ? found->route->as_path + "/" + std::to_string(found->length) : "none";
}

TEST(RouteTable, MatchesTheLongestPrefix) {
  RouteTable table;
  table.insert(prefix("10.0.0.0/16"), route("a"));
  table.insert(prefix("10.0.64.0/18"), route("b"));
  table.insert(prefix("10.0.65.0/24"), route("c"));
  table.insert(prefix("10.0.255.255/32"), route("d"));
  table.insert(prefix("10.0.0.0/9"), route("e"));
  EXPECT_EQ(match(table, "10.0.0.1"), "a/16");
  EXPECT_EQ(match(table, "10.0.64.0"), "b/18");
  EXPECT_EQ(match(table, "10.0.65.255"), "c/24");
  EXPECT_EQ(match(table, "10.0.66.0"), "b/18");
  EXPECT_EQ(match(table, "10.0.128.0"), "a/16");
  EXPECT_EQ(match(table, "10.0.255.254"), "a/16");
  EXPECT_EQ(match(table, "10.0.255.255"), "d/32");
  EXPECT_EQ(match(table, "10.127.0.0"), "e/9");
  EXPECT_EQ(match(table, "10.128.0.0"), "none");
  EXPECT_EQ(match(table, "2001:db8::1"), "none");
}

TEST(RouteTable, TheDefaultRouteIsARoute) {
  RouteTable table;
  table.insert(prefix("0.0.0.0/0"), route("a"));
  table.insert(prefix("::/0"), route("b"));
  EXPECT_EQ(match(table, "0.0.0.0"), "a/0");
  EXPECT_EQ(match(table, "255.255.255.255"), "a/0");
  EXPECT_EQ(match(table, "ffff::"), "b/0");
  table.erase(prefix("0.0.0.0/0"));
  EXPECT_EQ(match(table, "0.0.0.0"), "none");
}

TEST(RouteTable, MatchesLongPrefixesOfIpv6) {
  RouteTable table;
  table.insert(prefix("2001:db8::/32"), route("a"));
  table.insert(prefix("2001:db8:1::/48"), route("b"));
  table.insert(prefix("2001:db8:1:2:8000::/65"), route("c"));
  table.insert(prefix("2001:db8:1:2:3:4::/96"), route("d"));
  table.insert(prefix("2001:db8:1:2:3:4:5:6/128"), route("e"));
  EXPECT_EQ(match(table, "2001:db8::1"), "a/32");
  EXPECT_EQ(match(table, "2001:db8:1:1::"), "b/48");
  EXPECT_EQ(match(table, "2001:db8:1:2:8000::"), "c/65");
  EXPECT_EQ(match(table, "2001:db8:1:2:3:4:5:5"), "d/96");
  EXPECT_EQ(match(table, "2001:db8:1:2:3:4:5:6"), "e/128");
  EXPECT_EQ(match(table, "2001:db8:1:2:3:5:5:6"), "b/48");
  EXPECT_EQ(match(table, "2001:db8:2::"), "a/32");
}

TEST(RouteTable, InsertingTwiceReplaces) {
  RouteTable table;
  table.insert(prefix("10.0.0.0/8"), route("a"));
  EXPECT_EQ(match(table, "10.0.0.0"), "a/8");
  table.insert(prefix("10.0.0.0/8"), route("b"));
  EXPECT_EQ(match(table, "10.0.0.0"), "b/8");
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.size(net::Family::kIpv4), 1U);
  EXPECT_TRUE(table.erase(prefix("10.0.0.0/8")));
  EXPECT_FALSE(table.erase(prefix("10.0.0.0/8")));
  EXPECT_EQ(table.size(), 0U);
}

// Against the obvious: every prefix that has the address, the longest of them.
TEST(RouteTable, AgreesWithAListThroughRandomChanges) {
  std::mt19937_64 random(20261122);  // NOLINT(cert-msc51-cpp): the same every time
  for (const bool ipv6 : {false, true}) {
    SCOPED_TRACE(ipv6);
    RouteTable table;
    std::map<net::Prefix, std::string> list;
    const auto random_address = [&] {
      // Close together, so that they nest; some at the ends of what there is.
      const std::uint64_t near = random() % 4 * 0x3fff'ffff'ffff'ffffU;
      const net::AddressBits bits{.high = (near & 0xffff'0000'0000'0000U) |
                                          (random() & 0x0003'8000'c001'0007U) |
                                          (random() % 8 == 0 ? 0x0000'ffff'ffff'ffffU : 0),
                                  .low = random() & 0x8001'8000'0000'0003U};
      return bits.to_address(ipv6 ? net::Family::kIpv6 : net::Family::kIpv4);
    };
    for (int round = 0; round < 1000; ++round) {
      const auto at = random_address();
      const auto length = static_cast<unsigned>(random() % (net::width_of(at.family()) + 1));
      const auto where = net::Prefix::containing(at, length).value();
      if (random() % 3 == 0 && !list.empty()) {
        auto gone = list.lower_bound(where);
        if (gone == list.end()) gone = list.begin();
        EXPECT_TRUE(table.erase(gone->first));
        list.erase(gone);
      } else {
        const std::string name = std::to_string(round);
        table.insert(where, route(name));
        list.insert_or_assign(where, name);
      }
      for (int n = 0; n < 4; ++n) {
        const auto asked = random_address();
        std::string expected = "none";
        unsigned longest = 0;
        for (const auto& [block, name] : list) {
          if (!block.contains(asked) || (expected != "none" && block.length() < longest)) continue;
          longest = block.length();
          expected = name + "/" + std::to_string(longest);
        }
        ASSERT_EQ(match(table, asked.to_string()), expected) << asked.to_string();
      }
    }
  }
}

// A table as the Internet's, with nothing longer than 24 bits, to which a few longer routes come
// and go: against the map of prefixes, in steps as for one address.
TEST(RouteTable, AgreesWithTheMapWhileLongerRoutesComeAndGo) {
  std::mt19937_64 random(20261123);  // NOLINT(cert-msc51-cpp): the same every time
  RouteTable table;
  net::PrefixMap<std::string> map;
  const auto random_address = [&] {
    const net::AddressBits bits{
        .high = (random() & 0x0003'ffff'0000'0000U) | 0x0a00'0000'0000'0000U, .low = 0};
    return bits.to_address(net::Family::kIpv4);
  };
  const auto insert = [&](unsigned length) {
    const auto where = net::Prefix::containing(random_address(), length).value();
    const std::string name = where.to_string();
    table.insert(where, route(name));
    map.insert(where, name);
    return where;
  };
  for (int n = 0; n < 500; ++n) insert(15 + static_cast<unsigned>(random() % 10));
  for (int round = 0; round < 200; ++round) {
    std::optional<net::Prefix> longer;
    if (round % 2 == 0) longer = insert(25 + static_cast<unsigned>(random() % 8));
    for (int n = 0; n < 100; ++n) {
      const auto asked = random_address();
      auto search = table.begin(asked.family(), net::AddressBits::of(asked));
      table.fetch_begins(search);
      table.find(search);
      const auto found = table.finish(search);
      const auto expected = map.longest_match(asked);
      ASSERT_EQ(found != RouteTable::kNoRoute, expected.has_value()) << asked.to_string();
      if (!expected) continue;
      ASSERT_EQ(table.route_of(found).as_path, *expected->value) << asked.to_string();
    }
    if (!longer) continue;
    EXPECT_TRUE(table.erase(*longer));
    map.erase(*longer);
  }
}

}  // namespace
}  // namespace fabrix::telemetry
