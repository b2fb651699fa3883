#include "compiler/fate.h"

#include <functional>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "policy/interpret.h"
#include "tests/policy/all_probes.h"
#include "tests/policy/policy_world.h"
#include "tests/policy/random_policy.h"

namespace fabrix::compiler {
namespace {

using policy::ClauseList;
using policy::Direction;
using policy::parsed;
using policy::world;

std::vector<Change> changes(std::string_view before, std::string_view after,
                            std::string_view owner = "A",
                            Direction direction = Direction::kOutbound) {
  const auto was = parsed(before, owner).policy;
  const auto is = parsed(after, owner).policy;
  const auto result = compare(was.of(direction), is.of(direction), direction, world(owner));
  EXPECT_TRUE(result);
  return result ? *result : std::vector<Change>{};
}

std::string in_words(const std::vector<Change>& all) {
  std::string text;
  for (const Change& each : all) {
    text += each.witness + ": " + each.before + " => " + each.after + "\n";
  }
  return text;
}

TEST(FateTest, AChangedTargetIsOneChange) {
  const auto all =
      changes("outbound = match(dstport=80) >> fwd(B)", "outbound = match(dstport=80) >> fwd(C)");
  EXPECT_EQ(in_words(all),
            "tcp 100.0.0.1:1024 -> 140.0.0.1:80: B, else as BGP says => C, else as BGP says\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].clauses_before, std::vector<std::uint32_t>{0});
  EXPECT_EQ(all[0].clauses_after, std::vector<std::uint32_t>{0});
}

TEST(FateTest, GroupsByWhatHappensBeforeAndAfter) {
  EXPECT_EQ(in_words(changes("outbound = (match(dstport=80) >> fwd(B)) + (match(dstport=81) >> "
                             "fwd(B)) + (match(dstport=82) >> drop)",
                             "outbound = match(dstport={80, 81, 83}) >> fwd(C)")),
            "tcp 100.0.0.1:1024 -> 140.0.0.1:80: B, else as BGP says => C, else as BGP says\n"
            "tcp 100.0.0.1:1024 -> 140.0.0.1:83: as BGP says => C, else as BGP says\n"
            "tcp 100.0.0.1:1024 -> 140.0.0.1:82: drop => as BGP says\n");
}

TEST(FateTest, WhatIsWrittenOtherwiseButMeansTheSameDoesNotChange) {
  EXPECT_TRUE(changes("outbound = match(dstport={80, 81}) >> fwd(B)",
                      "outbound = (match(dstport=81) >> fwd(B)) + (match(dstport=80) >> fwd(B))")
                  .empty());
  EXPECT_TRUE(changes("outbound = match(dstport=80) >> fwd(B)",
                      "outbound = (match(dstport=80) >> fwd(B)) // identity")
                  .empty());
  EXPECT_TRUE(changes("outbound = none", "").empty());
}

// The alternatives behind an unreachable target count.
TEST(FateTest, ComparesEveryRank) {
  EXPECT_EQ(in_words(changes("outbound = (match(dstport=80) >> fwd(B)) // fwd(C)",
                             "outbound = (match(dstport=80) >> fwd(B)) // drop")),
            "tcp 100.0.0.1:1024 -> 140.0.0.1:80: B, else C, else as BGP says => B, else drop\n"
            "tcp 100.0.0.1:1024 -> 140.0.0.1:1024: C, else as BGP says => drop\n");
  EXPECT_TRUE(
      changes("outbound = (match(dstport=80) >> fwd(B)) // fwd(B)", "outbound = fwd(B)").empty());
}

TEST(FateTest, ConditionsOnRoutesMayHoldOrNot) {
  EXPECT_EQ(
      in_words(changes("outbound = announced_by(B) >> drop", "outbound = none")),
      "tcp 100.0.0.1:1024 -> 140.0.0.1:1024, where dst_in(prefixes(B)): drop => as BGP says\n");
  EXPECT_TRUE(
      changes("outbound = announced_by(B) >> drop", "outbound = dst_in(prefixes(B)) >> drop")
          .empty());
}

TEST(FateTest, InboundSaysWhoSends) {
  EXPECT_EQ(in_words(changes("inbound = from(B) >> fwd(C1)", "inbound = from(B) >> fwd(C2)", "C",
                             Direction::kInbound)),
            "tcp 100.0.0.1:1024 -> 140.0.0.1:1024 from B: c1 => c2\n");
}

// What is asked of the routes, as pure functions of a seed.
struct Routes {
  std::uint32_t seed = 0;

  bool coin(std::uint32_t salt, net::ParticipantId who, const net::IpAddress& address) const {
    std::uint32_t mixed = (seed + salt) * 2654435761U + who.value;
    for (const std::uint8_t octet : address.octets()) mixed = (mixed ^ octet) * 16777619U;
    mixed ^= mixed >> 15U;
    return (mixed * 2246822519U >> 17U & 1U) != 0;
  }
};

std::string outcome(const ClauseList& list, const net::Packet& packet, Direction direction,
                    net::ParticipantId sender, const Routes& routes) {
  const std::function<bool(net::ParticipantId, const net::IpAddress&)> announced =
      [&](net::ParticipantId who, const net::IpAddress& address) {
        return routes.coin(0, who, address);
      };
  const policy::Reachable reachable = [&](net::ParticipantId who, const net::Packet& to) {
    return direction == Direction::kInbound || routes.coin(1, who, to.dst_ip);
  };
  const auto found = policy::first_applicable(
      list, packet, {.sender = sender, .announced = &announced}, reachable);
  const std::string as_is = net::to_string(packet) + " dscp " + std::to_string(packet.dscp);
  if (!found) return as_is + " by BGP";
  if (std::holds_alternative<policy::Drop>(found->verdict)) return "drop";
  const auto* forward = std::get_if<policy::Forward>(&found->verdict);
  return net::to_string(found->packet) + " dscp " + std::to_string(found->packet.dscp) +
         (forward == nullptr ? " by BGP" : " to " + policy::name_of(forward->target, world("A")));
}

// Of two random policies: where no change is found, packets at every boundary go the same way,
// whatever the routes. So that this happens, one is often a part of the other.
TEST(FateTest, AgreesWithWalkingTheClauses) {
  std::size_t different = 0;
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    const Direction direction = seed % 2 == 0 ? Direction::kOutbound : Direction::kInbound;
    const std::string owner = direction == Direction::kOutbound ? "A" : "C";
    const auto text = random_policy(seed, world(owner), direction, 1 + seed % 4);
    const auto other = seed % 3 == 0
                           ? text + "unused = none\n"
                           : random_policy(seed + 1000, world(owner), direction, 1 + seed % 3);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + text + other);
    const auto was = parsed(text, owner).policy.of(direction);
    const auto is = parsed(other, owner).policy.of(direction);
    const auto found = compare(was, is, direction, world(owner));
    ASSERT_TRUE(found);
    if (!found->empty()) ++different;
    std::mt19937 random(seed);
    const auto packets = policy::probes_of(was, is);
    for (unsigned i = 0; found->empty() && i < 200; ++i) {
      const Routes routes{static_cast<std::uint32_t>(random())};
      const auto& packet = packets[random() % packets.size()];
      const net::ParticipantId sender{
          static_cast<std::uint16_t>(direction == Direction::kOutbound ? 0 : random() % 2)};
      ASSERT_EQ(outcome(was, packet, direction, sender, routes),
                outcome(is, packet, direction, sender, routes))
          << net::to_string(packet);
    }
    for (const Change& change : *found) EXPECT_NE(change.before, change.after);
  }
  EXPECT_GT(different, 100U);
}

// The same policy in two texts: one reordered where the order does not matter.
TEST(FateTest, AnEqualPolicyHasNoChange) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    const auto text = random_policy(seed, world("A"), Direction::kOutbound, 1 + seed % 8);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + text);
    EXPECT_TRUE(changes(text, text + "\nlet unused = match()\n").empty());
  }
}

TEST(FateTest, TooManyConditionsOnRoutesAreSaid) {
  policy::SymbolTable symbols = world("A");
  ClauseList list;
  for (std::uint16_t i = 0; i <= PacketSpace::kMaxQuestions; ++i) {
    list.clauses.push_back(
        {std::make_shared<const policy::Predicate>(policy::Predicate{
             policy::InPrefixesOf{{static_cast<std::uint16_t>(100 + i)}, policy::Side::kSource}}),
         {},
         policy::Drop{},
         {}});
  }
  EXPECT_FALSE(compare(list, {}, Direction::kOutbound, symbols));
}

}  // namespace
}  // namespace fabrix::compiler
