#include "compiler/value_rows.h"

#include <algorithm>
#include <array>
#include <random>

#include <gtest/gtest.h>

#include "compiler/judge.h"
#include "policy/address_set.h"
#include "policy/intervals.h"
#include "tests/compiler/clause_rows_world.h"

namespace fabrix::compiler {
namespace {

using program::Goto;
using program::TableId;

// Clauses that let some hosts in, shut others out, and treat one port otherwise.
class ValueRowsTest : public ClauseRowsWorld {
 protected:
  using Values = std::vector<policy::Interval>;

  static Values hosts(std::uint64_t first, std::uint64_t step, std::size_t count) {
    Values values;
    for (std::uint64_t i = 0; i < count; ++i) {
      values.push_back({first + i * step, first + i * step});
    }
    return values;
  }
  static PredicatePtr from_any(const Values& values) {
    return all_of({ether_type(net::kEthTypeIpv4), test(net::Field::kSrcIp4, values)});
  }
  static ClauseRows to(const PredicatePtr& when, std::uint32_t bit, std::uint32_t index) {
    const Option option{.tag = program::match_reach(bit, bit),
                        .action = {.set_fields = {},
                                   .write_metadata = program::Metadata::egress(participant(1)),
                                   .next = Goto{TableId::kInbound}}};
    return {.when = when.get(), .clause = index, .options = {option}, .decisive = false};
  }
  // As many as there are hosts that are let in, but for the last.
  std::vector<ClauseRows> clauses(const Values& in, const Values& out) {
    whens_ = {all_of({from_any(in), dst_port(443)}), from_any(out),
              all_of({from_any(in), not_of(dst_port(22))}), not_of(from_any(in))};
    return {to(whens_[0], 2, 0), drop(whens_[1], 1), to(whens_[2], 1, 2), drop(whens_[3], 3)};
  }

  // What a packet meets: the row of the highest priority. None: what the table does else.
  static const program::Row* met(const std::vector<program::Row>& rows, const net::Packet& packet) {
    const program::Row* found = nullptr;
    for (const program::Row& row : rows) {
      const bool matches =
          std::ranges::all_of(row.match.fields, [&](const program::FieldMatch& match) {
            return (net::value_of(packet, match.field) & match.mask) == match.bits;
          });
      if (!matches) continue;
      if (found == nullptr || row.priority > found->priority) {
        found = &row;
      } else {
        EXPECT_LT(row.priority, found->priority) << "two rows of one priority match a packet";
      }
    }
    return found;
  }
  // The clause that acts; none: the table goes on.
  std::optional<std::uint32_t> meant(const net::Packet& packet, std::uint32_t reach) const {
    const policy::PacketContext context{.sender = participant(0)};
    if (holds(*whens_[0], packet, context) && (reach & 2U) != 0) return 0;
    if (holds(*whens_[1], packet, context)) return 1;
    if (holds(*whens_[2], packet, context) && (reach & 1U) != 0) return 2;
    if (holds(*whens_[3], packet, context)) return 3;
    return std::nullopt;
  }

  std::vector<PredicatePtr> whens_;
};

// Where hosts are.
enum class Hosts : std::uint8_t {
  kIpv4,
  kOneNetwork,      // of IPv6
  kManyNetworks,    // of IPv6
  kSameInEach,      // of many networks of IPv6 the same few hosts
  kBothFamilies,    // IPv4, and IPv6 in many networks
  kFewOfOneFamily,  // IPv4, and a few of IPv6
  kBothDirections,  // of both families; what is asked of some is where packets go to
};

// Clauses at random, each of which drops, or sends where the tag has its bit.
class RandomClausesTest : public ValueRowsTest, public testing::WithParamInterface<Hosts> {
 protected:
  static constexpr unsigned kBits = 3;

  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool is_ip4() {
    switch (GetParam()) {
      case Hosts::kIpv4:
        return true;
      case Hosts::kBothFamilies:
      case Hosts::kBothDirections:
        return below(2) == 0;
      case Hosts::kFewOfOneFamily:
        return below(12) > 0;
      default:
        return false;
    }
  }
  policy::Uint128 any_host(bool ip4) {
    if (ip4) return 1000 + below(600);
    const policy::Uint128 network = GetParam() == Hosts::kOneNetwork ? 7 : 1000 + below(300);
    return network << 64U | below(GetParam() == Hosts::kSameInEach ? 2 : 400);
  }

  // Mostly single ones; and a few of those that follow, or a few networks.
  policy::AddressSet any_hosts() {
    policy::AddressSet hosts;
    for (int i = 0; i < 60; ++i) {
      const bool ip4 = is_ip4();
      const policy::Uint128 low = any_host(ip4);
      const policy::Uint128 high = low + (below(20) == 0 ? below(9) : 0);
      const auto number = [](policy::Uint128 value) { return static_cast<std::uint64_t>(value); };
      if (ip4) {
        hosts.v4.push_back({number(low), number(high)});
      } else if (below(40) == 0 && GetParam() != Hosts::kOneNetwork) {
        hosts.v6.push_back({low, low + (policy::Uint128{below(3)} << 64U)});
      } else {
        hosts.v6.push_back({low, high});
      }
    }
    return {.v4 = policy::normalize(std::move(hosts.v4)),
            .v6 = policy::normalize(std::move(hosts.v6))};
  }
  PredicatePtr any_port() {
    const auto low = static_cast<std::uint16_t>(79 + below(4));
    return dst_port(low, static_cast<std::uint16_t>(low + below(2)));
  }
  PredicatePtr any_test() {
    const std::size_t kind = below(8);
    if (kind < 4) {
      const bool to = GetParam() == Hosts::kBothDirections && below(2) == 0;
      return policy::address_in(lists_.at(below(lists_.size())),
                                to ? policy::Side::kDestination : policy::Side::kSource);
    }
    if (kind < 6) return any_port();
    if (kind == 6) return test(net::Field::kProtocol, {{6, 6}});
    return ether_type(below(2) == 0 ? net::kEthTypeIpv4 : net::kEthTypeIpv6);
  }
  // NOLINTNEXTLINE(misc-no-recursion): as deep as it is told.
  PredicatePtr any_predicate(int depth) {
    const std::size_t kind = depth == 0 ? 0 : below(4);
    if (kind == 1) return not_of(any_predicate(depth - 1));
    if (kind == 2) return all_of({any_predicate(depth - 1), any_predicate(depth - 1)});
    if (kind == 3) return any_of({any_predicate(depth - 1), any_predicate(depth - 1)});
    return any_test();
  }
  std::vector<ClauseRows> any_clauses() {
    for (policy::AddressSet& each : lists_) each = any_hosts();
    whens_.clear();
    for (std::size_t i = 0, count = 1 + below(4); i < count; ++i) {
      whens_.push_back(any_predicate(2));
    }
    bits_.clear();
    std::vector<ClauseRows> clauses;
    for (std::uint32_t i = 0; i < whens_.size(); ++i) {
      bits_.push_back(below(3) == 0 ? 0 : 1U << below(kBits));
      clauses.push_back(bits_[i] == 0 ? drop(whens_[i], i) : to(whens_[i], bits_[i], i));
    }
    return clauses;
  }

  // An address that is named, a bound of what is, one beside it, or any.
  policy::Uint128 any_address(bool ip4) {
    const policy::AddressSet& list = lists_.at(below(lists_.size()));
    policy::Range128 named{1, 1};
    if (ip4 && !list.v4.empty()) {
      const policy::Interval& each = list.v4[below(list.v4.size())];
      named = {each.low, each.high};
    }
    if (!ip4 && !list.v6.empty()) named = list.v6[below(list.v6.size())];
    constexpr policy::Uint128 kNetwork = policy::Uint128{1} << 64U;
    const std::array<policy::Uint128, 7> all{named.low,
                                             named.high,
                                             named.low - 1,
                                             named.high + 1,
                                             any_host(ip4),
                                             ip4 ? named.low : named.low - kNetwork,
                                             ip4 ? named.high : named.low + kNetwork};
    return all.at(below(all.size()));
  }
  static void put(policy::Uint128 address, policy::Side side, net::Packet& packet) {
    using enum net::Field;
    const bool source = side == policy::Side::kSource;
    const auto low = static_cast<std::uint64_t>(address);
    if (net::value_of(packet, kEthType) == net::kEthTypeIpv4) {
      net::set_value(packet, source ? kSrcIp4 : kDstIp4, low);
    } else {
      net::set_value(packet, source ? kSrcIp6High : kDstIp6High,
                     static_cast<std::uint64_t>(address >> 64U));
      net::set_value(packet, source ? kSrcIp6Low : kDstIp6Low, low);
    }
  }
  net::Packet any_packet() {
    net::Packet packet;
    const bool ip4 = below(12) == 0 ? !is_ip4() : is_ip4();
    net::set_value(packet, net::Field::kEthType, ip4 ? net::kEthTypeIpv4 : net::kEthTypeIpv6);
    put(any_address(ip4), policy::Side::kSource, packet);
    put(any_address(ip4), policy::Side::kDestination, packet);
    packet.protocol = below(4) == 0 ? net::kProtocolUdp : net::kProtocolTcp;
    packet.dst_port = static_cast<std::uint16_t>(78 + below(8));
    return packet;
  }
  std::optional<std::uint32_t> deciding(const net::Packet& packet, std::uint32_t reach) const {
    const policy::PacketContext context{.sender = participant(0)};
    for (std::uint32_t i = 0; i < whens_.size(); ++i) {
      const bool acts = bits_[i] == 0 || (reach & bits_[i]) != 0;
      if (acts && holds(*whens_[i], packet, context)) return i;
    }
    return std::nullopt;
  }
  void expect_right(const std::vector<program::Row>& made) {
    for (int i = 0; i < 300; ++i) {
      net::Packet packet = any_packet();
      const auto reach = static_cast<std::uint32_t>(below(1U << kBits));
      packet.dst_mac =
          net::MacAddress::from_u64(program::match_reach(reach, (1U << kBits) - 1).bits);
      const program::Row* row = met(made, packet);
      const bool goes_on = row == nullptr || row->next == program::Next{Goto{TableId::kResolve}};
      const auto clause = deciding(packet, reach);
      ASSERT_EQ(goes_on, !clause) << i;
      if (!clause) continue;
      ASSERT_EQ(row->origin.clause, *clause) << i;
    }
  }

  std::mt19937 random_{20240701};
  std::array<policy::AddressSet, 3> lists_;
  std::vector<std::uint32_t> bits_;  // 0: drops
};

TEST_F(ValueRowsTest, EachHostHasRowsOfItsOwnThatMeanWhatTheClausesMean) {
  const auto made = rows(clauses(hosts(1000, 3, 300), hosts(1090, 9, 200)));
  ASSERT_TRUE(made);
  EXPECT_LE(made->size(), 8 * 500U);  // ports are of three protocols
  std::mt19937 random(1);
  for (int i = 0; i < 4000; ++i) {
    net::Packet packet;
    const bool ip6 = random() % 8 == 0;
    net::set_value(packet, net::Field::kEthType, ip6 ? net::kEthTypeIpv6 : net::kEthTypeIpv4);
    if (!ip6) net::set_value(packet, net::Field::kSrcIp4, 990 + random() % 2000);
    packet.protocol = net::kProtocolTcp;
    constexpr std::array<std::uint16_t, 4> kPorts{22, 80, 443, 8080};
    packet.dst_port = kPorts.at(random() % kPorts.size());
    const auto reach = static_cast<std::uint32_t>(random() % 4);
    const auto tag = program::match_reach(reach, 3);
    packet.dst_mac = net::MacAddress::from_u64(tag.bits);
    const program::Row* row = met(*made, packet);
    const bool goes_on = row == nullptr || row->next == program::Next{Goto{TableId::kResolve}};
    const auto clause = meant(packet, reach);
    ASSERT_EQ(goes_on, !clause) << i;
    if (!clause) continue;
    ASSERT_EQ(row->origin.clause, *clause) << i;
  }
}

TEST_P(RandomClausesTest, RowsByValueMeanWhatTheClausesMean) {
  int by_value = 0;
  for (int round = 0; round < 40; ++round) {
    SCOPED_TRACE(round);
    const auto clauses = any_clauses();
    const auto made = emit_by_value(clauses, scope(), store_, {world_.routes});
    store_.collect({});
    if (made) {
      ++by_value;
      expect_right(made->rows);
    }
    const auto any_way = rows(clauses);
    // Each source with each destination may be too many.
    if (!any_way && GetParam() == Hosts::kBothDirections) continue;
    ASSERT_TRUE(any_way);
    expect_right(*any_way);
  }
  EXPECT_GT(by_value, GetParam() == Hosts::kBothDirections ? 2 : 12);
}

INSTANTIATE_TEST_SUITE_P(Everywhere, RandomClausesTest,
                         testing::Values(Hosts::kIpv4, Hosts::kOneNetwork, Hosts::kManyNetworks,
                                         Hosts::kSameInEach, Hosts::kBothFamilies,
                                         Hosts::kFewOfOneFamily, Hosts::kBothDirections));

TEST_F(ValueRowsTest, OneHostMoreChangesItsOwnRows) {
  const auto out = hosts(1090, 9, 200);
  auto in = hosts(1000, 3, 300);
  const auto before = rows(clauses(in, out));
  in.push_back({5000, 5000});
  const auto after = rows(clauses(in, out));
  ASSERT_TRUE(before && after);
  const auto is_among = [](const program::Row& row, const std::vector<program::Row>& all) {
    return std::ranges::find(all, row) != all.end();
  };
  for (const program::Row& row : *before) EXPECT_TRUE(is_among(row, *after));
  for (const program::Row& row : *after) {
    if (is_among(row, *before)) continue;
    const auto host =
        std::ranges::find(row.match.fields, net::Field::kSrcIp4, &program::FieldMatch::field);
    ASSERT_NE(host, row.match.fields.end());
    EXPECT_EQ(host->bits, 5000U);
    EXPECT_EQ(host->mask, 0xffffffffU);
  }
  EXPECT_GT(after->size(), before->size());
}

// Hosts of IPv4, and in every third network of IPv6 two.
PredicatePtr from_both(std::size_t count, std::uint64_t first) {
  policy::AddressSet all;
  for (std::uint64_t i = 0; i < count; ++i) {
    const policy::Uint128 network = policy::Uint128{first + 3 * i} << 64U;
    all.v4.push_back({first + 3 * i, first + 3 * i});
    all.v6.push_back({network | 1, network | 1});
    all.v6.push_back({network | 9, network | 9});
  }
  return policy::address_in(all, policy::Side::kSource);
}

TEST_F(ValueRowsTest, OneHostMoreOfEitherFamilyChangesItsOwnRows) {
  const auto made_of = [this](const PredicatePtr& in) {
    whens_ = {all_of({in, not_of(dst_port(22))}), not_of(in)};
    return rows({to(whens_[0], 1, 0), drop(whens_[1], 1)});
  };
  const auto before = made_of(from_both(100, 1000));
  const auto after = made_of(from_both(101, 1000));
  ASSERT_TRUE(before && after);
  EXPECT_LE(before->size(), 8 * 300U);
  const auto is_among = [](const program::Row& row, const std::vector<program::Row>& all) {
    return std::ranges::find(all, row) != all.end();
  };
  for (const program::Row& row : *before) EXPECT_TRUE(is_among(row, *after));
  for (const program::Row& row : *after) {
    if (is_among(row, *before)) continue;
    const auto tests = [&row](net::Field field, std::uint64_t value) {
      const program::FieldMatch exact{field, value, net::max_value(field)};
      return std::ranges::find(row.match.fields, exact) != row.match.fields.end();
    };
    const bool is_ip6 = tests(net::Field::kSrcIp6High, 1300) &&
                        (tests(net::Field::kSrcIp6Low, 1) || tests(net::Field::kSrcIp6Low, 9)) &&
                        tests(net::Field::kEthType, net::kEthTypeIpv6);
    EXPECT_TRUE(is_ip6 || (tests(net::Field::kSrcIp4, 1300) &&
                           tests(net::Field::kEthType, net::kEthTypeIpv4)));
  }
  EXPECT_EQ(after->size() - before->size(), (before->size() - 1) / 100);
}

TEST_F(ValueRowsTest, TakesNoMoreRowsThanADiagramOfAll) {
  // The same host of networks side by side, which a diagram takes together.
  policy::AddressSet all;
  for (std::uint64_t i = 0; i < 96; ++i) {
    const policy::Uint128 host = policy::Uint128{i} << 64U | 1;
    all.v6.push_back({host, host});
    const policy::Uint128 other = policy::Uint128{1000 + 3 * i} << 64U | 1;
    all.v6.push_back({other, other});
  }
  std::ranges::sort(all.v6, {}, &policy::Range128::low);
  const auto in = policy::address_in(all, policy::Side::kSource);
  const auto closed = not_of(in);
  const auto made =
      emit_by_value({to(in, 1, 0), drop(closed, 1)}, scope(), store_, {world_.routes});
  ASSERT_TRUE(made);
  // Of 64 and of 32 networks one block each, and 96 hosts; then two rows a block, and the last.
  EXPECT_LE(made->rows.size(), 2 * 98 + 1U);
}

TEST_F(ValueRowsTest, RowsAreInTheOrderOfATableAndDisjointWherePrioritiesAreEqual) {
  const auto made = rows(clauses(hosts(1000, 3, 300), hosts(1090, 9, 200)));
  ASSERT_TRUE(made);
  for (std::size_t i = 1; i < made->size(); ++i) {
    const program::Row& a = (*made)[i - 1];
    const program::Row& b = (*made)[i];
    EXPECT_TRUE(a.priority > b.priority || (a.priority == b.priority && a.match < b.match)) << i;
  }
}

TEST_F(ValueRowsTest, AreWithinTheStepsOfAPolicy) {
  Budget budget(kPolicySteps);
  const diagram::Limited limited(store_, budget);
  EXPECT_TRUE(rows(clauses(hosts(1000, 3, 3000), hosts(50'000, 9, 2000))));
}

TEST_F(ValueRowsTest, WhatADiagramSharesBetweenHostsIsLeftToIt) {
  const auto in = from_any(hosts(1000, 3, 300));
  const auto at_closed = port_test(net::Field::kDstPort, hosts(10, 10, 30));
  const auto all = not_of(in);
  EXPECT_FALSE(emit_by_value({drop(at_closed, 0), to(in, 1, 1), drop(all, 2)}, scope(), store_,
                             {world_.routes}))
      << "one row for each port, whatever the host";
  EXPECT_TRUE(emit_by_value({to(in, 1, 1), drop(all, 2)}, scope(), store_, {world_.routes}));
}

TEST_F(ValueRowsTest, FewHostsAreLeftToTheDiagram) {
  EXPECT_FALSE(emit_by_value(clauses(hosts(1000, 3, 9), hosts(1090, 9, 9)), scope(), store_,
                             {world_.routes}));
}

TEST_F(ValueRowsTest, RangesAreLeftToTheDiagram) {
  Values ranges;
  for (std::uint64_t i = 0; i < 100; ++i) ranges.push_back({1000 * i + 1, 1000 * i + 500});
  const auto in = from_any(ranges);
  const auto all = not_of(in);
  EXPECT_FALSE(emit_by_value({to(in, 1, 0), drop(all, 1)}, scope(), store_, {world_.routes}));
}

}  // namespace
}  // namespace fabrix::compiler
