#include "compiler/value_tests.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using net::Field;
using policy::Range128;
using policy::Side;
using policy::Uint128;

PredicatePtr ip4() {
  return ether_type(net::kEthTypeIpv4);
}
PredicatePtr ip6() {
  return ether_type(net::kEthTypeIpv6);
}
PredicatePtr high(std::uint64_t from, std::uint64_t to) {
  return test(Field::kSrcIp6High, {{from, to}});
}
PredicatePtr low(std::uint64_t from, std::uint64_t to) {
  return test(Field::kSrcIp6Low, {{from, to}});
}
PredicatePtr host(std::uint64_t network, std::uint64_t number) {
  return all_of({high(network, network), low(number, number)});
}
Range128 range(std::uint64_t network, std::uint64_t from, std::uint64_t to) {
  return {Uint128{network} << 64U | from, Uint128{network} << 64U | to};
}

std::optional<ValueTests> tests_of(const std::vector<PredicatePtr>& conditions,
                                   const Line& line = ip6_line(Side::kSource)) {
  return ValueTests::of(conditions, line);
}

TEST(ValueTestsTest, TheHalvesOfAnAddressAreOneValue) {
  const auto tests = tests_of({all_of({ip6(), high(7, 7), low(1, 3), dst_port(80)})});
  ASSERT_TRUE(tests);
  EXPECT_EQ(tests->sets, (std::vector<Values>{{range(7, 1, 3)}}));
}

TEST(ValueTestsTest, HostsOfManyNetworksAreOneSet) {
  const auto hosts = any_of({host(3, 1), host(5, 1), host(5, 9), high(8, 9)});
  const auto tests = tests_of({all_of({ip6(), hosts}), not_of(all_of({ip6(), hosts}))});
  ASSERT_TRUE(tests);
  const Values all{range(3, 1, 1),
                   range(5, 1, 1),
                   range(5, 9, 9),
                   {Uint128{8} << 64U, (Uint128{10} << 64U) - 1}};
  EXPECT_EQ(tests->sets, std::vector<Values>{all});
}

TEST(ValueTestsTest, TheLowHalfIsThatOfTheNetworkBesideIt) {
  // As a conjunction leaves it that has been made shorter by what its other operands say.
  const auto tests = tests_of({all_of({ip6(), high(7, 7), low(1, 99), not_of(low(5, 6))})});
  ASSERT_TRUE(tests);
  EXPECT_EQ(tests->sets, (std::vector<Values>{{range(7, 5, 6)}, {range(7, 1, 99)}}));
  EXPECT_FALSE(tests_of({all_of({ip6(), low(5, 6)})})) << "of all networks";
  EXPECT_FALSE(tests_of({all_of({ip6(), high(7, 8), low(5, 6)})})) << "of two";
}

TEST(ValueTestsTest, AddressesStandBesideATestOfTheFamily) {
  EXPECT_TRUE(tests_of({all_of({ip6(), any_of({host(3, 1), dst_port(80)})})}));
  EXPECT_FALSE(tests_of({host(3, 1)}));
  EXPECT_FALSE(tests_of({all_of({ip4(), host(3, 1)})}));
  EXPECT_FALSE(tests_of({any_of({ip6(), host(3, 1)})}));
  const auto from = test(Field::kSrcIp4, {{1, 1}});
  EXPECT_TRUE(tests_of({all_of({ip4(), from})}, ip4_line(Side::kSource)));
  EXPECT_FALSE(tests_of({from}, ip4_line(Side::kSource)));
  EXPECT_TRUE(tests_of({dst_port(80)}, {.field = Field::kDstPort}));
}

TEST(ValueTestsTest, PrefixesOfRoutesAreNoTests) {
  EXPECT_FALSE(tests_of({in_prefixes_of(participant(1), Side::kSource)}));
}

TEST(ValueTestsTest, TooManySetsAreNone) {
  std::vector<PredicatePtr> all;
  for (std::size_t i = 0; i < kMaxValueSets; ++i) all.push_back(all_of({ip6(), host(i, i)}));
  EXPECT_TRUE(tests_of(all));
  all.push_back(all_of({ip6(), host(0, 0)}));
  EXPECT_TRUE(tests_of(all)) << "that one again";
  all.push_back(all_of({ip6(), host(1, 0)}));
  EXPECT_FALSE(tests_of(all));
}

// Conditions at random, with packets at random.
class RandomConditions : public testing::Test {
 protected:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  PredicatePtr any_host() {
    const std::uint64_t network = below(6);
    const std::uint64_t first = below(6);
    return all_of({high(network, network), low(first, first + below(2))});
  }
  PredicatePtr any_network() {
    const std::uint64_t first = below(6);
    return high(first, first + below(3));
  }
  // NOLINTBEGIN(misc-no-recursion): as deep as they are told.
  PredicatePtr any_set(int depth) {
    const std::size_t kind = depth == 0 ? below(2) : below(5);
    if (kind == 0) return any_host();
    if (kind == 1) return any_network();
    if (kind == 2) return not_of(any_set(depth - 1));
    const std::vector<PredicatePtr> both{any_set(depth - 1), any_set(depth - 1)};
    return kind == 3 ? all_of(both) : any_of(both);
  }
  PredicatePtr any_condition(int depth) {
    const std::size_t kind = depth == 0 ? below(3) : below(6);
    if (kind == 0) return all_of({ip6(), any_set(2)});
    if (kind == 1) return dst_port(80);
    if (kind == 2) return all_of({ip4(), test(Field::kSrcIp4, {{below(3), 3}})});
    if (kind == 3) return not_of(any_condition(depth - 1));
    const std::vector<PredicatePtr> both{any_condition(depth - 1), any_condition(depth - 1)};
    return kind == 4 ? all_of(both) : any_of(both);
  }
  // NOLINTEND(misc-no-recursion)
  net::Packet any_packet() {
    net::Packet packet;
    const bool is_ip6 = below(4) > 0;
    net::set_value(packet, Field::kEthType, is_ip6 ? net::kEthTypeIpv6 : net::kEthTypeIpv4);
    if (is_ip6) {
      net::set_value(packet, Field::kSrcIp6High, below(8));
      net::set_value(packet, Field::kSrcIp6Low, below(8));
    } else {
      net::set_value(packet, Field::kSrcIp4, below(5));
    }
    packet.protocol = net::kProtocolTcp;
    packet.dst_port = static_cast<std::uint16_t>(80 + below(2));
    return packet;
  }

  std::mt19937 random_{3};
};

// The condition with a number for the address, for a packet that has this one.
class Numbered {
 public:
  Numbered(const std::vector<Values>& sets, const net::Packet& packet)
      : sets_(sets),
        packet_(packet),
        address_(Uint128{net::value_of(packet, Field::kSrcIp6High)} << 64U |
                 net::value_of(packet, Field::kSrcIp6Low)) {}

  // NOLINTBEGIN(misc-no-recursion): as deep as a predicate.
  bool holds(const policy::Predicate& predicate) const {
    const auto here = [this](const PredicatePtr& each) { return holds(*each); };
    if (const auto* negated = std::get_if<policy::Not>(&predicate.node)) {
      return !holds(*negated->operand);
    }
    if (const auto* all = std::get_if<policy::And>(&predicate.node)) {
      return std::ranges::all_of(all->operands, here);
    }
    if (const auto* any = std::get_if<policy::Or>(&predicate.node)) {
      return std::ranges::any_of(any->operands, here);
    }
    const auto* test = std::get_if<policy::FieldTest>(&predicate.node);
    if (test != nullptr && test->field == Field::kSrcIp6High) {
      return std::ranges::any_of(sets_[test->intervals.front().low], [this](const auto& each) {
        return each.low <= address_ && address_ <= each.high;
      });
    }
    EXPECT_FALSE(test != nullptr && test->field == Field::kSrcIp6Low);
    return policy::holds(predicate, packet_, {.sender = participant(0)});
  }
  // NOLINTEND(misc-no-recursion)

 private:
  const std::vector<Values>& sets_;
  const net::Packet& packet_;
  Uint128 address_;
};

TEST_F(RandomConditions, MeanTheSame) {
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    std::vector<PredicatePtr> conditions;
    for (int i = 0; i < 3; ++i) conditions.push_back(any_condition(3));
    const auto tests = tests_of(conditions);
    ASSERT_TRUE(tests);
    ASSERT_EQ(tests->conditions.size(), conditions.size());
    for (int i = 0; i < 40; ++i) {
      const net::Packet packet = any_packet();
      const Numbered numbered(tests->sets, packet);
      for (std::size_t k = 0; k < conditions.size(); ++k) {
        ASSERT_EQ(numbered.holds(*tests->conditions[k]),
                  policy::holds(*conditions[k], packet, {.sender = participant(0)}));
      }
    }
  }
}

}  // namespace
}  // namespace fabrix::compiler
