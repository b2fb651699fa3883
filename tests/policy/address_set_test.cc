#include "policy/address_set.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace fabrix::policy {
namespace {

AddressSet prefix(std::string_view text) {
  return block(net::Prefix::parse(text).value());
}

net::IpAddress address(std::string_view text) {
  return net::IpAddress::parse(text).value();
}

bool has(const AddressSet& set, const net::IpAddress& member) {
  const AddressSet one = single(member);
  return intersect(set, one) == one;
}

bool has_by_predicate(const AddressSet& set, const net::IpAddress& member) {
  net::Packet packet;
  const bool v4 = member.family() == net::Family::kIpv4;
  packet.eth_type = v4 ? net::kEthTypeIpv4 : net::kEthTypeIpv6;
  packet.src_ip = net::IpAddress::unspecified(member.family());
  packet.dst_ip = member;
  return holds(*address_in(set, Side::kDestination), packet, {});
}

TEST(AddressSetTest, OperationsAreExact) {
  const AddressSet ten = prefix("10.0.0.0/8");
  const AddressSet part = prefix("10.1.0.0/16");
  EXPECT_EQ(unite(ten, part), ten);
  EXPECT_EQ(intersect(ten, part), part);
  EXPECT_FALSE(has(subtract(ten, part), address("10.1.2.3")));
  EXPECT_TRUE(has(subtract(ten, part), address("10.2.2.3")));
  EXPECT_EQ(unite(subtract(ten, part), part), ten);
  EXPECT_EQ(unite(prefix("::/1"), prefix("8000::/1")), prefix("::/0"));
}

TEST(AddressSetTest, AComplementStaysInItsFamilies) {
  const AddressSet rest = complement(prefix("0.0.0.0/1"));
  EXPECT_EQ(rest, prefix("128.0.0.0/1"));
  EXPECT_EQ(complement(prefix("::/0")), AddressSet{});
}

// Addresses near the ends of 64-bit halves, where a range needs more than one box.
net::IpAddress random_v6(std::mt19937& random) {
  constexpr std::array<std::uint8_t, 3> kOctets{0x00, 0x01, 0xff};
  std::array<std::uint8_t, 16> octets{};
  const std::uint8_t high = kOctets.at(random() % 3);
  const std::uint8_t low = kOctets.at(random() % 3);
  octets.fill(low);
  for (std::size_t i = 0; i < 8; ++i) octets.at(i) = high;
  octets[7] = kOctets.at(random() % 3);
  octets[15] = kOctets.at(random() % 3);
  return net::IpAddress::v6(octets);
}

TEST(AddressSetTest, ThePredicateHoldsForTheMembers) {
  for (std::uint32_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    auto first = random_v6(random);
    auto last = random_v6(random);
    if (last < first) std::swap(first, last);
    const AddressSet set = unite(range(first, last), prefix("140.0.0.0/24"));
    for (int i = 0; i < 20; ++i) {
      const net::IpAddress each = random_v6(random);
      ASSERT_EQ(has_by_predicate(set, each), first <= each && each <= last) << each.to_string();
    }
    ASSERT_TRUE(has_by_predicate(set, address("140.0.0.255")));
    ASSERT_FALSE(has_by_predicate(set, address("140.0.1.0")));
  }
}

TEST(AddressSetTest, AddressesOfOneHighHalfAreOneTest) {
  AddressSet set;
  for (const auto* each : {"2001:db8::1", "2001:db8::5", "2001:db8::9", "2001:db8:0:1::1"}) {
    set = unite(set, single(address(each)));
  }
  const auto predicate = address_in(set, Side::kDestination);
  const auto& all = std::get<And>(predicate->node);
  const auto& networks = std::get<Or>(all.operands.back()->node).operands;
  ASSERT_EQ(networks.size(), 2U);
  const auto& halves = std::get<And>(networks.front()->node).operands;
  const auto& low = std::get<FieldTest>(halves.back()->node);
  EXPECT_EQ(low.field, net::Field::kDstIp6Low);
  EXPECT_EQ(low.intervals, (std::vector<Interval>{{1, 1}, {5, 5}, {9, 9}}));
}

}  // namespace
}  // namespace fabrix::policy
