#include "compiler/counting.h"

#include <algorithm>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "compiler/box.h"
#include "tests/compiler/random_world.h"

namespace fabrix::compiler {
namespace {

using policy::Direction;
using program::TableId;

policy::Query query(std::uint64_t id, PredicatePtr when) {
  policy::Query made;
  made.id = id;
  made.name = "q" + std::to_string(id);
  made.when = std::move(when);
  return made;
}

std::shared_ptr<const policy::Policy> counting(std::vector<policy::Query> queries,
                                               Direction direction) {
  policy::Policy made;
  (direction == Direction::kOutbound ? made.outbound : made.inbound).queries = std::move(queries);
  return std::make_shared<const policy::Policy>(std::move(made));
}

class CountingTest : public testing::Test {
 protected:
  void set(unsigned owner, std::vector<policy::Query> queries, Direction direction) {
    ASSERT_TRUE(compiler_.set_policy(participant(owner), counting(std::move(queries), direction),
                                     "test.policy"));
  }
  const program::Program& compile() {
    program_ = compiler_.compile(at(std::chrono::seconds(0))).program;
    return *program_;
  }

  World world_{{1, 1, 1}};
  Compiler compiler_{world_.exchange, world_.routes};
  program::ProgramPtr program_;
};

TEST_F(CountingTest, WithoutQueriesThereIsNothingAndNobodyComesBy) {
  const program::Program program = compile();
  EXPECT_TRUE(program.table(TableId::kSent).empty());
  EXPECT_TRUE(program.table(TableId::kDelivered).empty());
  for (const auto& rows : program.tables) {
    for (const program::Row& row : rows) {
      EXPECT_NE(row.next, program::Next{program::Goto{TableId::kSent}});
      EXPECT_NE(row.next, program::Next{program::Goto{TableId::kDelivered}});
    }
  }
}

TEST_F(CountingTest, ARowStandsForASetOfQueries) {
  set(0, {query(2, dst_port(80)), query(1, dst_port(80, 81))}, Direction::kOutbound);
  std::set<std::vector<std::uint64_t>> sets;
  for (const program::Row& row : compile().table(TableId::kSent)) {
    sets.insert(row.queries);
    EXPECT_EQ(row.match.metadata, program::Metadata::sender(participant(0)));
    EXPECT_EQ(row.next, program::Next{program::Goto{TableId::kOutbound}});
    EXPECT_EQ(row.origin.clause == 0, row.queries.empty());
  }
  EXPECT_EQ(sets, (std::set<std::vector<std::uint64_t>>{{}, {1}, {1, 2}}));
}

TEST_F(CountingTest, OnlyPacketsOfOwnersComeBy) {
  set(0, {query(1, anything())}, Direction::kOutbound);
  set(1, {query(1, anything())}, Direction::kInbound);
  const program::Program program = compile();
  for (const program::Row& row : program.table(TableId::kAdmit)) {
    const bool counted = row.next == program::Next{program::Goto{TableId::kSent}};
    EXPECT_TRUE(!counted || row.origin.participant == participant(0));
  }
  for (const program::Row& row : program.table(TableId::kResolve)) {
    const bool counted = row.next == program::Next{program::Goto{TableId::kDelivered}};
    if (!std::holds_alternative<program::Goto>(row.next)) continue;
    EXPECT_EQ(counted, row.origin.participant == participant(1));
  }
}

TEST_F(CountingTest, SendersFollowWhenWhatATargetReceivesIsCounted) {
  world_.routes.announce(router(1), prefix("140.0.0.0/16"));
  const net::Prefix changed = prefix("140.0.0.0/16");
  compiler_.routes_changed({&changed, 1});
  auto policy = policy_of(list_of({clause(dst_port(80), fwd(participant(1)))}));
  ASSERT_TRUE(compiler_.set_policy(participant(0), policy, "test.policy"));
  const program::Program before = compile();
  set(1, {query(1, anything())}, Direction::kInbound);
  const program::Program counted = compile();
  const auto leads_to = [](const program::Program& program, TableId table) {
    return std::ranges::any_of(program.table(TableId::kOutbound), [table](const program::Row& row) {
      return row.next == program::Next{program::Goto{table}};
    });
  };
  EXPECT_TRUE(leads_to(before, TableId::kInbound));
  EXPECT_TRUE(leads_to(counted, TableId::kDelivered));
  ASSERT_TRUE(compiler_.set_policy(participant(1), nullptr, ""));
  EXPECT_EQ(compile(), before);
}

TEST_F(CountingTest, QueriesThatNeedTooManyRowsAreRefused) {
  std::vector<policy::Query> queries;
  for (std::uint64_t i = 0; i < 64; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << (i % 16);
    std::vector<policy::Interval> odd;
    for (std::uint64_t low = bit; low < 65536 && odd.size() < 200; low += 2 * bit + 2 * i) {
      odd.push_back({low, low});
    }
    const auto field = i < 16   ? net::Field::kDstPort
                       : i < 32 ? net::Field::kSrcPort
                       : i < 48 ? net::Field::kSrcIp4
                                : net::Field::kDstIp4;
    queries.push_back(query(i + 1, test(field, odd)));
  }
  const auto refused = compiler_.set_policy(
      participant(0), counting(std::move(queries), Direction::kOutbound), "test.policy");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().front().code, "P0405");
  EXPECT_TRUE(compile().table(TableId::kSent).empty());
}

TEST(CountingTextTest, SaysWhoseQueriesCountNothing) {
  const Diagnostic problem = Counting(Direction::kInbound).problem_of("B");
  EXPECT_EQ(problem.code, "K0104");
  EXPECT_EQ(problem.message,
            "the inbound queries of B need more than 60000 rows under present routes and count "
            "nothing");
  EXPECT_EQ(problem.help, "name prefixes in larger blocks");
}

TEST_F(CountingTest, PrefixSetsAreReadAgain) {
  set(0, {query(1, in_prefixes_of(participant(1), policy::Side::kDestination))},
      Direction::kOutbound);
  EXPECT_EQ(compile().table(TableId::kSent).size(), 1U);
  world_.routes.announce(router(1), prefix("140.0.0.0/16"));
  const net::Prefix changed = prefix("140.0.0.0/16");
  compiler_.routes_changed({&changed, 1});
  EXPECT_EQ(compile().table(TableId::kSent).size(), 2U);
}

}  // namespace
}  // namespace fabrix::compiler
