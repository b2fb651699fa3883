#include "compiler/clause_lists.h"

#include <gtest/gtest.h>

#include "compiler/box.h"
#include "compiler/predicate_diagram.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using List = std::vector<std::size_t>;

// Two clauses that may not act, and one that does, on packets to a port or to all of them.
class ClauseListsTest : public testing::Test {
 protected:
  ClauseListsTest() {
    for (std::uint32_t i = 0; i < whens_.size(); ++i) {
      ClauseRows clause;
      clause.when = whens_.at(i).get();
      clause.clause = i;
      clause.decisive = i == 2;
      const auto tag = clause.decisive ? program::MacPattern{} : program::match_reach(1U << i, 3);
      clause.options = {{.tag = tag, .action = {{}, {}, program::Discard{}}}};
      clauses_.push_back(clause);
    }
  }

  World world_{{1, 1}};
  std::vector<PredicatePtr> whens_{dst_port(80), anything(), dst_port(80, 443)};
  std::vector<ClauseRows> clauses_;
  diagram::Store store_{policy_field_widths()};
};

TEST_F(ClauseListsTest, EndWithTheFirstThatDecides) {
  ClauseLeaves leaves(clauses_);
  const auto both = leaves.join(leaves.intern({2}), leaves.intern({0}));
  EXPECT_EQ(leaves.list(both), List{2});
  EXPECT_TRUE(leaves.decided(both));
  const auto open = leaves.join(leaves.intern({0}), leaves.intern({1}));
  EXPECT_EQ(leaves.list(open), (List{0, 1}));
  EXPECT_FALSE(leaves.decided(open));
  EXPECT_FALSE(leaves.decided(diagram::kNone));
}

TEST_F(ClauseListsTest, AreThoseOfThePacket) {
  ClauseLeaves leaves(clauses_);
  const auto all = lists_of(
      clauses_,
      [this](std::size_t clause) { return diagram_of(store_, *whens_[clause], {world_.routes}); },
      store_, leaves);
  diagram::Point point(kPolicyFieldCount);
  const auto list_at = [&](std::uint64_t port) {
    point[index_of(net::Field::kEthType)] = net::kEthTypeIpv4;
    point[index_of(net::Field::kProtocol)] = net::kProtocolTcp;
    point[index_of(net::Field::kDstPort)] = port;
    return leaves.list(store_.evaluate(all, point));
  };
  EXPECT_EQ(list_at(80), (List{0, 1, 2}));
  EXPECT_EQ(list_at(443), (List{1, 2}));
  EXPECT_EQ(list_at(444), List{1});
}

TEST_F(ClauseListsTest, AreRowsOneBelowTheOther) {
  const Scope scope{.metadata = program::Metadata::sender(participant(0)),
                    .tag = program::match_kind(program::TagKind::kInline),
                    .fall_through = {{}, {}, program::Goto{program::TableId::kResolve}}};
  ClauseLeaves leaves(clauses_);
  RowWriter writer(scope, kTopPriority);
  const diagram::TernaryTest port{index_of(net::Field::kDstPort), 80, 0xffff};
  const std::vector<diagram::Row> rows{{.tests = {port}, .leaf = leaves.intern({0, 1})},
                                       {.tests = {}, .leaf = leaves.intern({2})}};
  EXPECT_TRUE(write_lists(rows, clauses_, leaves, writer));
  const auto made = writer.take();
  ASSERT_EQ(made.size(), 4U) << "two clauses, what lets packets pass where neither acts, the last";
  EXPECT_EQ(made[0].origin.clause, 0U);
  EXPECT_EQ(made[1].origin.clause, 1U);
  EXPECT_EQ(made[2].next, scope.fall_through.next);
  EXPECT_EQ(made[3].origin.clause, 2U);
  for (std::size_t i = 1; i < made.size(); ++i) EXPECT_LT(made[i].priority, made[i - 1].priority);
  RowWriter low(scope, 3);
  EXPECT_FALSE(write_lists(rows, clauses_, leaves, low)) << "no priority is left";
}

}  // namespace
}  // namespace fabrix::compiler
