#include "verify/comparison.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/verify/random_world.h"
#include "tests/verify/walkthrough.h"
#include "verify/reference.h"

namespace fabrix::verify {
namespace {

TEST(ComparisonTest, NothingChangesWhereNothingDid) {
  const Walkthrough walkthrough;
  const auto found = compare(walkthrough.world(), walkthrough.world(), {});
  EXPECT_TRUE(found.changes.empty());
  EXPECT_TRUE(found.complete);
}

TEST(ComparisonTest, APolicyTakenAwaySendsItsPacketsByDefault) {
  const Walkthrough walkthrough;
  World after = walkthrough.world();
  after.policies[Walkthrough::kA.index()] = nullptr;
  const auto found = compare(walkthrough.world(), after, {});
  ASSERT_FALSE(found.changes.empty());
  const PacketChange& change = found.changes.front();
  EXPECT_EQ(change.sender, Walkthrough::kA);
  EXPECT_EQ(change.prefix, net::Prefix::parse("140.0.0.0/24"));
  EXPECT_EQ(change.witness.dst_port, 80);
  EXPECT_EQ(change.before, "sent to B (b1)");
  EXPECT_EQ(change.after, "sent to C (c1)");
}

TEST(ComparisonTest, AnInboundPolicyConcernsEverySender) {
  const Walkthrough walkthrough;
  World after = walkthrough.world();
  after.policies[Walkthrough::kC.index()] = nullptr;
  const auto found = compare(walkthrough.world(), after, {});
  ASSERT_FALSE(found.changes.empty());
  for (const PacketChange& change : found.changes) EXPECT_FALSE(change.prefix);
}

std::string member_of(const std::string& fate) {
  return fate.substr(0, fate.find(" ("));
}

// Every example is one by the reference. (Which router of a member packets are for may make no
// difference in the end, by that member's inbound policy.)
TEST(ComparisonTest, EveryExampleOfAChangedOutboundPolicyGoesElsewhere) {
  int examples = 0;
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    RandomWorld random(seed);
    const World before = random.world();
    const auto owner = random.replace_policy();
    const World after = random.world();
    for (const PacketChange& change : compare(before, after, {}).changes) {
      if (!change.prefix || change.sender != owner) continue;
      if (member_of(change.before) == member_of(change.after)) continue;
      const auto* from = random.exchange().find_router(change.witness.in_port);
      ASSERT_NE(from, nullptr);
      EXPECT_EQ(from->participant, owner);
      const Delivery was = deliver(before, from->id, change.witness);
      const Delivery is = deliver(after, from->id, change.witness);
      EXPECT_TRUE(was.target != is.target || was.reason != is.reason ||
                  was.outbound_clause != is.outbound_clause || was.packet != is.packet)
          << to_string(change.witness);
      ++examples;
    }
  }
  EXPECT_GT(examples, 20);
}

}  // namespace
}  // namespace fabrix::verify
