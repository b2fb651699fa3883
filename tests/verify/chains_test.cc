#include "verify/chains.h"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/verify/compiled_world.h"
#include "tests/verify/walkthrough.h"
#include "verify/findings.h"
#include "verify/reference.h"
#include "verify/traffic.h"

namespace fabrix::verify {
namespace {

using net::RouterId;
using program::Row;
using program::TableId;
using Via = std::vector<RouterId>;

constexpr RouterId kOne = Walkthrough::kB1;
constexpr RouterId kTwo = Walkthrough::kC1;
constexpr RouterId kThree = Walkthrough::kC2;

// Clauses of A's that are about no packet.
void add(policy::ClauseList& list, const std::vector<Via>& chains) {
  for (const Via& each : chains) {
    policy::Clause clause;
    clause.when = any_of({});
    clause.verdict = policy::UseDefault{};
    clause.extras.via = each;
    list.clauses.push_back(std::move(clause));
  }
}

std::vector<Violation> found(const std::vector<Via>& sent, const std::vector<Via>& received) {
  Walkthrough walkthrough;
  policy::Policy policy = *walkthrough.policies[Walkthrough::kA.index()];
  add(policy.outbound, sent);
  add(policy.inbound, received);
  walkthrough.policies[Walkthrough::kA.index()] =
      std::make_shared<const policy::Policy>(std::move(policy));
  return walkthrough.check();
}

TEST(ChainsTest, I5SeesARound) {
  EXPECT_TRUE(found({{kOne, kTwo, kThree}, {kOne, kThree}, {kTwo}}, {}).empty());
  for (const std::vector<Via>& round : {std::vector<Via>{{kOne, kTwo}, {kTwo, kOne}},
                                        {{kOne, kTwo}, {kTwo, kThree}, {kThree, kOne}}}) {
    const auto violations = found(round, {});
    ASSERT_EQ(violations.size(), 1U);
    EXPECT_EQ(violations[0].invariant, "I5");
    EXPECT_EQ(violations[0].message, "what A sends may come to b1 again from there");
  }
}

TEST(ChainsTest, I11SeesChainsThatPartWhereNothingTellsPacketsFromEachOther) {
  EXPECT_TRUE(found({}, {{kOne, kTwo}, {kTwo}, {kThree, kTwo}}).empty());
  const auto violations = found({}, {{kOne, kTwo}, {kOne}});
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].invariant, "I11");
  EXPECT_EQ(violations[0].message, "what A receives goes on from b1 in more than one way");
}

// What a middlebox makes of a packet, so that it is another clause's.
void rewrite(net::Packet& packet, RandomWorld& random) {
  if (random.below(2) != 0) return;
  packet.dst_port = random.below(2) == 0 ? 80 : 443;
}

struct Walk {
  Via sent;
  Via received;
};

// The middleboxes that a packet passes on its way, until it is delivered or stops.
Walk walk(RandomWorld& random, RouterId from, net::Packet packet) {
  const World world = random.world();
  const net::ParticipantId sender = random.exchange().router(from).participant;
  Walk walk;
  RouterId at = from;
  bool is_sent = true;
  while (walk.sent.size() + walk.received.size() < 20) {
    packet.in_port = random.exchange().router(at).port;
    const Delivery delivery =
        is_sent ? deliver(world, at, packet) : deliver_to_mac(world, at, packet);
    if (!delivery.router || !random.exchange().router(*delivery.router).middlebox) return walk;
    at = *delivery.router;
    packet = delivery.packet;
    is_sent = packet.dst_mac == net::MacAddress{};
    EXPECT_TRUE(!is_sent || random.exchange().router(at).participant == sender);
    (is_sent ? walk.sent : walk.received).push_back(at);
    if (is_sent) rewrite(packet, random);
  }
  ADD_FAILURE() << "the packet goes round";
  return walk;
}

bool is_one_of_each(Via via) {
  std::ranges::sort(via);
  return std::ranges::adjacent_find(via) == via.end();
}

TEST(ChainsTest, WhateverMiddleboxesMakeOfAPacketItComesOutAgain) {
  constexpr std::uint32_t kSeeds = 200;
  constexpr int kWalks = 60;
  std::size_t longest = 0;
  std::size_t longest_received = 0;
  for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomWorld random(seed, RandomWorld::Middleboxes::kSome);
    for (int i = 0; i < kWalks; ++i) {
      const RouterId from = random.any_router().id;
      const Walk way = walk(random, from, random.routed_packet(from));
      EXPECT_TRUE(is_one_of_each(way.sent));
      EXPECT_TRUE(is_one_of_each(way.received));
      longest = std::max(longest, way.sent.size());
      longest_received = std::max(longest_received, way.received.size());
      if (i == kWalks / 2) random.flip_port();
    }
  }
  EXPECT_EQ(longest, 3U);
  EXPECT_EQ(longest_received, 3U);
}

// A row by which some packet goes from one middlebox to another of its sender's. Null: none was
// found.
Row* step_of(CompiledWorld& compiled) {
  constexpr int kTries = 200;
  const auto& boxes = compiled.random.middleboxes();
  for (int i = 0; i < kTries && !boxes.empty(); ++i) {
    const RouterId box = boxes[compiled.random.below(boxes.size())];
    net::Packet packet = returned_by_route(compiled.random, box);
    const auto mac =
        compiled.mac_for(compiled.random.exchange().router(box).participant, packet.dst_ip);
    if (!mac) continue;
    packet.dst_mac = *mac;
    const std::vector<Row> taken = rows_for(compiled.program, packet);
    auto& rows = compiled.program.table(TableId::kOutbound);
    const auto found = taken.empty() ? rows.end() : std::ranges::find(rows, taken.back());
    if (found != rows.end() && std::holds_alternative<program::Output>(found->next)) return &*found;
  }
  return nullptr;
}

// Where packets come in that the row is about.
net::PortNo came_in(const Row& row) {
  const auto test =
      std::ranges::find(row.match.fields, net::Field::kInPort, &program::FieldMatch::field);
  return {static_cast<std::uint32_t>(test->bits)};
}

std::set<std::string> violated(const CompiledWorld& compiled) {
  std::set<std::string> names;
  for (const Violation& each : compiled.validate_it()) names.insert(each.invariant);
  return names;
}

TEST(ChainsTest, AStepThatLeadsWrongIsSeen) {
  int sent = 0;
  int received = 0;
  for (std::uint32_t seed = 0; seed < 40 && (sent < 5 || received < 5); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    CompiledWorld compiled(seed, RandomWorld::Middleboxes::kSome);
    const program::Program right = compiled.program;
    if (Row* const step = step_of(compiled); step != nullptr && sent < 5) {
      ++sent;
      step->next = program::Output{came_in(*step)};  // back where the packet came from
      EXPECT_THAT(violated(compiled), ::testing::Contains("I5"));
    }
    compiled.program = right;
    const auto via = program::Metadata::via(RouterId{0}).mask;
    auto& rows = compiled.program.table(TableId::kAdmit);
    const auto returning = std::ranges::find_if(
        rows, [via](const Row& row) { return (row.write_metadata.mask & via) == via; });
    if (returning == rows.end() || received == 5) continue;
    ++received;
    returning->write_metadata.mask &= ~via;  // to the router, past the middleboxes that are left
    returning->write_metadata.bits &= ~via;
    EXPECT_THAT(violated(compiled), ::testing::Contains("I11"));
  }
  EXPECT_EQ(sent, 5);
  EXPECT_EQ(received, 5);
}

}  // namespace
}  // namespace fabrix::verify
