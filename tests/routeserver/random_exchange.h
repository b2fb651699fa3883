// Random exchanges, sessions and routes, with a liking for what is awkward: shared ASNs, several
// routers and addresses, members that peer with few, communities with orders, MEDs that make the
// order depend on the set, attributes that are too large for some sessions.
#pragma once

#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "exchange/load.h"
#include "tests/routeserver/oracle.h"
#include "tests/routeserver/world.h"

namespace fabrix::routeserver {

inline constexpr std::uint32_t kRouteServerAsn = 65000;

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}

  // 0 .. count - 1
  std::uint32_t below(std::size_t count) {
    return static_cast<std::uint32_t>(random_() % static_cast<std::uint32_t>(count));
  }
  bool one_in(std::uint32_t count) { return below(count) == 0; }
  template <typename T>
  const T& of(const std::vector<T>& all) {
    return all[below(all.size())];
  }
  std::mt19937& random() { return random_; }

 private:
  std::mt19937 random_;
};

inline const std::vector<std::uint32_t>& member_asns() {
  static const std::vector<std::uint32_t> asns{100, 200, 300, 300, 400, 70'000, 4'200'000'001};
  return asns;
}

inline exchange::Exchange random_exchange(Dice& dice) {
  std::string text =
      "version: 1\nexchange:\n  name: random\n  asn: 65000\n  router_id: 172.0.255.254\n"
      "  peering_lan: [172.0.0.0/16, \"2001:db8:ff::/64\"]\n"
      "  virtual_next_hops: [172.0.200.0/24, \"2001:db8:ff:0:1::/80\"]\n"
      "  route_server: {addresses: [172.0.255.254, \"2001:db8:ff::fffe\"], policy: minimal}\n"
      "participants:\n";
  const std::uint32_t members = 2 + dice.below(7);
  for (std::uint32_t i = 0, port = 1; i < members; ++i) {
    text += fmt::format("  - name: M{}\n    asn: {}\n", i, dice.of(member_asns()));
    if (members > 3 && dice.one_in(3)) {
      text += fmt::format("    peers: [M{}, M{}]\n", (i + 1) % members, (i + 2) % members);
    }
    text += "    routers:\n";
    for (std::uint32_t r = 1 + dice.below(3); r > 0; --r, ++port) {
      // Addresses and ids do not go up together.
      const std::uint32_t host = (port * 37) % 101 + 1;
      text += fmt::format(
          "      - {{name: r{0}, mac: \"08:00:27:00:00:{0:02x}\", port: {0}, addresses: "
          "[172.0.0.{1}{2}]}}\n",
          port, host, dice.one_in(2) ? fmt::format(", \"2001:db8:ff::{:x}\"", host) : "");
    }
  }
  auto exchange = exchange::load(text, "random.yaml").value();
  for (auto& member : exchange.participants) {
    member.session.role = !dice.one_in(3);
    if (!dice.one_in(3)) continue;
    member.import.blackhole.accept = true;
    if (dice.one_in(2)) member.import.blackhole.next_hop_ipv4 = address("172.0.255.66");
  }
  return exchange;
}

inline SessionInfo random_session(Dice& dice, std::uint32_t identifier) {
  const auto some = [&] {
    return bgp::FamilySet{.ipv4 = !dice.one_in(4), .ipv6 = !dice.one_in(4)};
  };
  SessionInfo info{.bgp_identifier = identifier, .families = {.ipv4 = true, .ipv6 = true}};
  if (dice.one_in(3)) info.families = some();
  if (dice.one_in(3)) info.asn_width = bgp::AsnWidth::kTwoOctets;
  if (dice.one_in(3)) info.max_message = 65535;
  if (dice.one_in(3)) info.add_path = intersection(info.families, some());
  info.extended_next_hop = dice.one_in(3);
  info.enhanced_refresh = dice.one_in(2);
  info.long_lived = dice.one_in(2);
  return info;
}

inline const std::vector<net::Prefix>& prefix_pool() {
  static const std::vector<net::Prefix> pool{
      prefix("0.0.0.0/0"),       prefix("10.0.0.0/8"),
      prefix("10.1.0.0/16"),     prefix("10.1.2.0/24"),
      prefix("10.1.2.3/32"),     prefix("20.0.0.0/13"),
      prefix("20.1.0.0/17"),     prefix("30.0.0.128/25"),
      prefix("30.0.0.0/24"),     prefix("::/0"),
      prefix("2001:db8::/32"),   prefix("2001:db8:1::/48"),
      prefix("2001:db8:1::/64"), prefix("2a00:1::1/128"),
      prefix("2a00::/16"),
  };
  return pool;
}

inline bgp::Community random_community(Dice& dice) {
  const auto asn = static_cast<std::uint16_t>(dice.of(std::vector{100, 200, 300, 400, 9}));
  const std::vector<bgp::Community> all{
      bgp::community(0, asn),
      bgp::community(65000, asn),
      bgp::community(0, 65000),
      bgp::community(65000, 65000),
      bgp::community(65511, asn),
      bgp::community(65513, asn),
      bgp::community(65502, 65000),
      bgp::community(65281, asn),
      bgp::community(65282, asn),
      bgp::kNoExport,
      bgp::kNoAdvertise,
      bgp::kBlackhole,
      bgp::kGracefulShutdown,
      bgp::community(100, 1),
      {0xffff0007},
  };
  return dice.of(all);
}

inline bgp::LargeCommunity random_large_community(Dice& dice) {
  const auto order = dice.of(std::vector<std::uint32_t>{0, 1, 100, 101, 102, 103, 65281, 65282, 7});
  const auto peer = dice.of(std::vector<std::uint32_t>{100, 300, 70'000, 4'200'000'001, 0});
  return {dice.one_in(6) ? 100 : kRouteServerAsn, order, peer};
}

inline bgp::AsPath random_path(Dice& dice, net::Asn first) {
  bgp::AsPath path;
  path.segments.push_back({.asns = {dice.one_in(25) ? net::Asn{9} : first}});
  auto& asns = path.segments.front().asns;
  const std::vector<std::uint32_t> others{7, 8, 100, 300, 4'200'000'001, 80'000, kRouteServerAsn};
  for (std::uint32_t more = dice.below(3); more > 0; --more) {
    asns.push_back(net::Asn{others[dice.below(dice.one_in(4) ? others.size() : 2)]});
  }
  if (dice.one_in(10)) {
    path.segments.push_back({.kind = bgp::AsPathSegment::Kind::kSet,
                             .asns = {net::Asn{8}, net::Asn{dice.one_in(2) ? 200U : 90'000U}}});
  }
  return path;
}

inline bgp::PathAttributes random_attributes(Dice& dice, net::Asn first) {
  bgp::PathAttributes made{.as_path = random_path(dice, first)};
  if (dice.one_in(3)) made.origin = bgp::Origin::kIncomplete;
  if (dice.one_in(2)) made.med = dice.below(3);
  made.atomic_aggregate = dice.one_in(8);
  if (dice.one_in(8))
    made.aggregator = {net::Asn{dice.one_in(2) ? 8U : 90'000U}, address("9.9.9.9")};
  if (dice.one_in(3)) {
    for (std::uint32_t n = dice.below(4); n > 0; --n) {
      made.communities.push_back(random_community(dice));
    }
  }
  if (dice.one_in(4)) made.large_communities.push_back(random_large_community(dice));
  if (dice.one_in(8)) made.large_communities.push_back({kRouteServerAsn, 9, 9});
  if (dice.one_in(8)) made.extended_communities = {{0x0002'0064'0000'0001U}};
  if (dice.one_in(20)) made.only_to_customer = net::Asn{8};
  // Too much for messages of 4096 octets, or nearly.
  if (dice.one_in(20)) {
    made.communities.assign(dice.one_in(2) ? 1100 : 980, bgp::community(100, 2));
  }
  return made;
}

}  // namespace fabrix::routeserver
