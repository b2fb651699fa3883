// The check of what changed against the check of everything, after random edits, with faults put
// in: the same verdict.
#include "verify/verifier.h"

#include <gtest/gtest.h>

#include "tests/verify/compiled_world.h"

namespace fabrix::verify {
namespace {

using program::TableId;

void follow_changes(RandomWorld::Middleboxes middleboxes,
                    RandomWorld::Sources sources = RandomWorld::Sources::kAny,
                    std::uint32_t worlds = 16) {
  for (std::uint32_t seed = 100; seed < 100 + worlds; ++seed) {
    SCOPED_TRACE(seed);
    CompiledWorld compiled(seed, middleboxes, sources);
    Verifier verifier;
    ASSERT_TRUE(compiled.check_by(verifier).empty());
    EXPECT_TRUE(verifier.coverage().full);
    for (int round = 0; round < 12; ++round) {
      SCOPED_TRACE(round);
      compiled.change();
      compiled.compile();
      const auto found = compiled.check_by(verifier);
      EXPECT_TRUE(found.empty()) << describe(found);
      EXPECT_FALSE(verifier.coverage().full);
      EXPECT_TRUE(compiled.validate_it().empty());
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(VerifierTest, FollowsEveryChangeWithoutAFullAudit) {
  follow_changes(RandomWorld::Middleboxes::kNone);
}

TEST(VerifierTest, FollowsEveryChangeOfMiddleboxesWithoutAFullAudit) {
  follow_changes(RandomWorld::Middleboxes::kSome);
}

TEST(VerifierTest, FollowsEveryChangeOfWhatPortsLetInWithoutAFullAudit) {
  follow_changes(RandomWorld::Middleboxes::kNone, RandomWorld::Sources::kChecked, 4);
}

// Inputs that changed while the Program, the next hops and the claims are those of before.
TEST(VerifierTest, SeesWhatIsStale) {
  int stale = 0;
  for (std::uint32_t seed = 200; seed < 240; ++seed) {
    SCOPED_TRACE(seed);
    CompiledWorld compiled(seed);
    Verifier verifier;
    ASSERT_TRUE(compiled.check_by(verifier).empty());
    compiled.change();
    const auto found = compiled.check_by(verifier);
    EXPECT_EQ(found.empty(), compiled.validate_it().empty()) << describe(found);
    if (!found.empty()) ++stale;
  }
  EXPECT_GT(stale, 10);
}

// Whether some outbound row sends packets to the router.
bool leads_to(const program::Program& program, net::RouterId router) {
  const program::Metadata wanted = program::Metadata::egress_router(router);
  const auto is_it = [&wanted](const program::Metadata& written) {
    return (written.mask & wanted.mask) != 0 && (written.bits & wanted.mask) == wanted.bits;
  };
  for (const program::Row& row : program.table(program::TableId::kOutbound)) {
    const auto* fork = std::get_if<program::Fork>(&row.next);
    if (is_it(row.write_metadata)) return true;
    if (fork != nullptr && std::ranges::any_of(fork->branches, is_it, &program::Branch::metadata))
      return true;
  }
  return false;
}

// A prefix of which somebody is told something else, after changes that were followed. The check of
// everything asks each client of each prefix and knows no groups.
TEST(VerifierTest, SeesWhateverIsToldOtherwise) {
  int wrong = 0;
  int right = 0;
  for (std::uint32_t seed = 400; seed < 430; ++seed) {
    SCOPED_TRACE(seed);
    CompiledWorld compiled(seed);
    Verifier verifier;
    ASSERT_TRUE(compiled.check_by(verifier).empty());
    for (int round = 0; round < 6; ++round) {
      compiled.change();
      compiled.compile();
      ASSERT_TRUE(compiled.check_by(verifier).empty());
    }
    const auto otherwise = compiled.tell_otherwise();
    if (!otherwise) continue;
    compiled.told_otherwise = otherwise;
    compiled.changed = {otherwise->where.prefix};
    compiled.renumbered.clear();
    const auto found = compiled.check_by(verifier);
    EXPECT_FALSE(verifier.coverage().full);
    const auto all = compiled.validate_it();
    EXPECT_EQ(found.empty(), all.empty())
        << otherwise->where.prefix.to_string() << " for " << otherwise->client.value << " by "
        << otherwise->address.to_string() << "\n"
        << describe(found) << describe(all);
    ++(found.empty() ? right : wrong);
  }
  EXPECT_GT(wrong, 10);
  EXPECT_GT(right, 0);
}

// Next hops that were right stay while policies and routes go on changing: the same verdict from
// the check of what changed, whenever it becomes another.
TEST(VerifierTest, JudgesStaleNextHopsAsTheCheckOfEverythingDoes) {
  int wrong = 0;
  for (std::uint32_t seed = 500; seed < 516; ++seed) {
    SCOPED_TRACE(seed);
    CompiledWorld compiled(seed);
    Verifier verifier;
    ASSERT_TRUE(compiled.check_by(verifier).empty());
    for (int round = 0; round < 20; ++round) {
      SCOPED_TRACE(round);
      compiled.change();
      // The compiler hears of every third change alone.
      if (round % 3 == 2) compiled.compile();
      const auto found = compiled.check_by(verifier);
      EXPECT_EQ(found.empty(), compiled.validate_it().empty()) << describe(found);
      if (!found.empty()) ++wrong;
      if (!found.empty() || HasFailure()) break;
    }
  }
  EXPECT_GT(wrong, 5);
}

// Claims that say something else than the tags do.
TEST(VerifierTest, SeesClaimsThatAreNotSo) {
  int wrong = 0;
  int harmless = 0;  // about a target to which no packet is sent by present routes
  for (std::uint32_t seed = 300; seed < 330; ++seed) {
    SCOPED_TRACE(seed);
    CompiledWorld compiled(seed);
    Verifier verifier;
    ASSERT_TRUE(compiled.check_by(verifier).empty());
    auto meanings = *compiled.terms.meanings;
    const auto some = std::ranges::find_if(
        meanings, [](const auto& each) { return each && !each->reached.empty(); });
    if (some == meanings.end()) continue;
    program::TagMeaning meaning = **some;
    // The condition of a clause may hold for no packet: then nothing leads there.
    const bool used = leads_to(compiled.program, meaning.reached.back().router);
    if (compiled.random.below(2) == 0) {
      meaning.reached.pop_back();
    } else {
      meaning.reached.back().router = compiled.random.any_router().id;
    }
    const bool same = meaning == **some;
    *some = std::make_shared<const program::TagMeaning>(std::move(meaning));
    compiled.terms.meanings =
        std::make_shared<const std::vector<program::TagMeaningPtr>>(std::move(meanings));
    const auto found = compiled.check_by(verifier);
    EXPECT_EQ(found.empty(), compiled.validate_it().empty()) << describe(found);
    if (found.empty() && !same && used) ++harmless;
    if (!found.empty()) ++wrong;
  }
  EXPECT_GT(wrong, 5);
  EXPECT_LE(harmless, 1);
}

TEST(VerifierTest, AViolationMakesTheNextCheckAFullAudit) {
  CompiledWorld compiled(7);
  Verifier verifier;
  ASSERT_TRUE(compiled.check_by(verifier).empty());
  const program::Program right = compiled.program;
  compiled.program.table(TableId::kTransit).clear();
  EXPECT_FALSE(compiled.check_by(verifier).empty());
  compiled.program = right;
  EXPECT_TRUE(compiled.check_by(verifier).empty());
  EXPECT_TRUE(verifier.coverage().full);
  EXPECT_TRUE(compiled.check_by(verifier).empty());
  EXPECT_FALSE(verifier.coverage().full);
  EXPECT_EQ(verifier.coverage().rows, 0U);
  verifier.forget();
  EXPECT_TRUE(compiled.check_by(verifier).empty());
  EXPECT_TRUE(verifier.coverage().full);
}

}  // namespace
}  // namespace fabrix::verify
