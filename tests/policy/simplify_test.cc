#include "policy/simplify.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "policy/intervals.h"

namespace fabrix::policy {
namespace {

using enum net::Field;

// Small values of three fields, so that every packet of this world can be tried.
constexpr std::uint64_t kValues = 5;

PredicatePtr random_test(std::mt19937& random) {
  constexpr std::array<net::Field, 3> kFields{kProtocol, kSrcPort, kDstPort};
  const std::uint64_t low = random() % kValues;
  const std::uint64_t high = low + random() % (kValues - low);
  return test_field(kFields.at(random() % kFields.size()), {{low, high}});
}

// A random predicate twice: simplified, and as the plain nodes say.
struct Both {
  PredicatePtr simple;
  PredicatePtr plain;
};

template <typename Node>
PredicatePtr plain(Node node) {
  return std::make_shared<const Predicate>(Predicate{std::move(node)});
}

Both random_both(std::mt19937& random, unsigned depth) {
  if (depth == 0) {
    const PredicatePtr test = random_test(random);
    return {test, test};
  }
  if (random() % 4 == 0) {
    const Both inner = random_both(random, depth - 1);
    return {negation(inner.simple), plain(Not{inner.plain})};
  }
  std::vector<PredicatePtr> simples;
  std::vector<PredicatePtr> plains;
  for (unsigned i = 0; i < 2 + random() % 2; ++i) {
    const Both part = random_both(random, depth - 1);
    simples.push_back(part.simple);
    plains.push_back(part.plain);
  }
  if (random() % 2 == 0) return {conjunction(std::move(simples)), plain(And{std::move(plains)})};
  return {disjunction(std::move(simples)), plain(Or{std::move(plains)})};
}

std::vector<net::Packet> all_packets() {
  std::vector<net::Packet> result;
  for (std::uint64_t i = 0; i < kValues * kValues * kValues; ++i) {
    net::Packet packet;
    packet.eth_type = net::kEthTypeIpv4;
    packet.protocol = static_cast<std::uint8_t>(i % kValues);
    packet.src_port = static_cast<std::uint16_t>(i / kValues % kValues);
    packet.dst_port = static_cast<std::uint16_t>(i / kValues / kValues);
    result.push_back(packet);
  }
  return result;
}

TEST(SimplifyTest, PreservesMeaning) {
  const auto packets = all_packets();
  for (std::uint32_t seed = 1; seed <= 1500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const Both both = random_both(random, 3);
    for (const net::Packet& each : packets) {
      ASSERT_EQ(holds(*both.simple, each, {}), holds(*both.plain, each, {}));
    }
  }
}

TEST(SimplifyTest, FoldingWritesIsTestingTheWrittenPacket) {
  const auto packets = all_packets();
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const PredicatePtr predicate = random_both(random, 3).simple;
    const Write write{kDstPort, random() % kValues};
    const PredicatePtr before = before_writes(predicate, {write});
    ASSERT_NE(before, nullptr);
    for (net::Packet each : packets) {
      const bool folded = holds(*before, each, {});
      net::set_value(each, write.field, write.value);
      ASSERT_EQ(folded, holds(*predicate, each, {}));
    }
  }
}

TEST(SimplifyTest, FindsPlainContradictions) {
  const PredicatePtr web = test_field(kDstPort, {{80, 80}});
  const PredicatePtr tcp = test_field(kProtocol, {{6, 6}});
  EXPECT_TRUE(is_never(*conjunction(web, test_field(kDstPort, {{443, 443}}))));
  EXPECT_TRUE(is_never(*conjunction(web, negation(web))));
  EXPECT_TRUE(is_never(*conjunction({tcp, web, negation(conjunction(tcp, web))})));
  EXPECT_TRUE(is_always(*disjunction({web, negation(web)})));
  EXPECT_TRUE(is_always(*conjunction(std::vector<PredicatePtr>{})));
  EXPECT_TRUE(is_never(*disjunction({})));
}

TEST(SimplifyTest, CannotFoldARouteTestOfAWrittenAddress) {
  const auto routes = plain(InPrefixesOf{{1}, Side::kDestination});
  EXPECT_EQ(before_writes(negation(routes), {{kDstIp4, 1}}), nullptr);
  EXPECT_EQ(before_writes(routes, {{kSrcIp4, 1}}), routes);
}

TEST(SimplifyTest, DepthCountsNodesOnTheLongestPath) {
  const PredicatePtr leaf = plain(InPrefixesOf{{1}, Side::kDestination});
  EXPECT_EQ(extent_of(*leaf, 1)->depth, 1U);
  EXPECT_EQ(extent_of(*leaf, 1)->nodes, 1U);
  EXPECT_FALSE(extent_of(*leaf, 0));
  const auto tree = plain(Not{plain(And{{leaf, plain(Not{leaf})}})});
  EXPECT_EQ(extent_of(*tree, 5)->depth, 4U);
  EXPECT_EQ(extent_of(*tree, 5)->nodes, 5U) << "the leaf twice";
  EXPECT_FALSE(extent_of(*tree, 4));
}

}  // namespace
}  // namespace fabrix::policy
