#include "verify/interference.h"

#include <gtest/gtest.h>

#include "tests/verify/compiled_next_hops.h"
#include "tests/verify/walkthrough.h"
#include "verify/verifier.h"

namespace fabrix::verify {
namespace {

using program::Origin;
using program::Row;
using program::TableId;

class InterferenceTest : public testing::Test {
 protected:
  InterferenceTest() { EXPECT_TRUE(check().empty()); }

  std::vector<Violation> check(std::span<const exchange::PlacedPrefix> changed = {}) {
    const World world = walkthrough_.world();
    const CompiledNextHops hops(*walkthrough_.compiler,
                                [this](net::ParticipantId client, const net::Prefix& prefix) {
                                  return walkthrough_.next_hop(client, prefix);
                                });
    Terms terms;
    terms.meanings = walkthrough_.meanings;
    const auto copy = std::make_shared<const program::Program>(walkthrough_.program);
    return verifier_.check({world, copy, hops, terms}, {.prefixes = changed, .renumbered = {}});
  }

  // A comes to send port 8000 to B instead of 80.
  void edit_policy_of_a() {
    auto policy = *walkthrough_.policies[Walkthrough::kA.index()];
    policy.outbound.clauses[0].when =
        all_of({is_ip(), equals(net::Field::kProtocol, net::kProtocolTcp),
                equals(net::Field::kDstPort, 8000)});
    const auto edited = std::make_shared<const policy::Policy>(std::move(policy));
    walkthrough_.policies[Walkthrough::kA.index()] = edited;
    ASSERT_TRUE(walkthrough_.compiler->set_policy(Walkthrough::kA, edited, "A.policy"));
    const auto output = walkthrough_.compiler->compile({});
    walkthrough_.program = *output.program;
    walkthrough_.meanings = output.meanings;
  }

  // C begins to test a bucket of what it receives.
  void balance_at_c() {
    auto policy = *walkthrough_.policies[Walkthrough::kC.index()];
    policy.inbound.clauses[0].when =
        all_of({policy.inbound.clauses[0].when, between(net::Field::kFlowBucket, 0, 31)});
    const auto edited = std::make_shared<const policy::Policy>(std::move(policy));
    walkthrough_.policies[Walkthrough::kC.index()] = edited;
    ASSERT_TRUE(walkthrough_.compiler->set_policy(Walkthrough::kC, edited, "C.policy"));
    const auto output = walkthrough_.compiler->compile({});
    walkthrough_.program = *output.program;
    walkthrough_.meanings = output.meanings;
  }

  Row& row_of_c() {
    return walkthrough_.row_of(TableId::kInbound, Origin::Kind::kInboundClause, Walkthrough::kC);
  }

  Walkthrough walkthrough_;
  Verifier verifier_;
};

TEST_F(InterferenceTest, AnEditAltersItsOwnPacketsOnly) {
  edit_policy_of_a();
  EXPECT_TRUE(check().empty());
}

TEST_F(InterferenceTest, I10SeesAnEditThatAltersPacketsToAnother) {
  edit_policy_of_a();
  row_of_c().next = program::Discard{};
  const auto found = check();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].invariant, "I10");
  EXPECT_NE(found[0].message.find("a change of A alters packets to C"), std::string::npos)
      << found[0].message;
  EXPECT_TRUE(found[0].witness);
  ASSERT_EQ(found[0].rows.size(), 1U);
  ASSERT_TRUE(found[0].clause);
  EXPECT_EQ(found[0].clause->owner, Walkthrough::kC);
}

TEST_F(InterferenceTest, I10SeesRowsThatChangeThoughNothingDid) {
  row_of_c().origin.clause = 1;
  const auto found = check();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].invariant, "I10");
  EXPECT_NE(found[0].message.find("a change of nobody alters packets to C"), std::string::npos);
}

TEST_F(InterferenceTest, I10SeesRowsThatResolveForEverybodyChange) {
  edit_policy_of_a();
  walkthrough_.row_of(TableId::kResolve, Origin::Kind::kBestRoute, Walkthrough::kB).priority = 7;
  const auto found = check();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].invariant, "I10");
  EXPECT_NE(found[0].message.find("packets of everybody"), std::string::npos);
}

TEST_F(InterferenceTest, I10SeesAnotherSendersNextHopChange) {
  walkthrough_.program.neighbors.edit().front().sender = Walkthrough::kD;
  walkthrough_.program.canonicalize();
  const auto found = check();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].invariant, "I10");
  EXPECT_NE(found[0].message.find("alters what D is told"), std::string::npos) << found[0].message;
}

TEST_F(InterferenceTest, ChangesOfRoutesReachAllWhoHearThem) {
  const auto prefix = net::Prefix::parse("150.0.0.0/24").value();
  walkthrough_.announce("150.0.0.0/24", Walkthrough::kC2, 1);
  walkthrough_.compiler->routes_changed({&prefix, 1});
  const auto output = walkthrough_.compiler->compile({});
  walkthrough_.program = *output.program;
  walkthrough_.meanings = output.meanings;
  const auto placed = walkthrough_.reachability.placed(prefix);
  EXPECT_TRUE(check({&placed, 1}).empty());
}

TEST_F(InterferenceTest, APortAltersWhatComesOutAtItsOwner) {
  walkthrough_.port_up[Walkthrough::kC1.index()] = false;
  walkthrough_.compiler->set_port(Walkthrough::kC1, false);
  walkthrough_.program = *walkthrough_.compiler->compile({}).program;
  EXPECT_TRUE(check().empty());
}

TEST_F(InterferenceTest, AReceiverMayHaveEverybodysPacketsHashed) {
  balance_at_c();
  EXPECT_TRUE(check().empty());
}

TEST_F(InterferenceTest, I10SeesRowsThatDoMoreThanHash) {
  balance_at_c();
  Row& row = walkthrough_.row_of(TableId::kAdmit, Origin::Kind::kAntiSpoof, Walkthrough::kD);
  ASSERT_FALSE(row.hashes.empty());
  row.next = program::Discard{};
  const auto found = check();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].invariant, "I10");
}

}  // namespace
}  // namespace fabrix::verify
