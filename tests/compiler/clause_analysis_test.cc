#include "compiler/clause_analysis.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

class Analysis : public testing::Test {
 protected:
  ClauseAnalysis of(std::vector<policy::Clause> clauses,
                    policy::Direction direction = policy::Direction::kOutbound) {
    list_ = list_of(std::move(clauses));
    subject_.direction = direction;
    return {list_, subject_, surroundings_};
  }
  static std::vector<policy::Clause> one_port_each(std::uint16_t count) {
    std::vector<policy::Clause> clauses;
    for (std::uint16_t i = 0; i < count; ++i)
      clauses.push_back(clause(dst_port(i), policy::Drop{}));
    return clauses;
  }

  World world_{{1, 1, 2}};
  diagram::Store store_{policy_field_widths()};
  policy::ClauseList list_;
  Subject subject_{participant(0), policy::Direction::kOutbound, "A.policy"};
  Surroundings surroundings_{world_.exchange, world_.routes, store_};
};

TEST_F(Analysis, ManyClausesOfOneValueEachAreTold) {
  auto clauses = one_port_each(40);
  clauses.push_back(clause(dst_port(3), policy::Drop{}));
  clauses.push_back(clause(anything(), policy::Drop{}));
  const ClauseAnalysis analysis = of(std::move(clauses));
  EXPECT_TRUE(analysis.are_apart(3, 4));
  EXPECT_FALSE(analysis.are_apart(3, 40)) << "the same port";
  EXPECT_EQ(analysis.telling_value(3), analysis.telling_value(40));
  EXPECT_FALSE(analysis.are_apart(3, 41)) << "any port";
  EXPECT_EQ(analysis.telling_value(41), 0U);
  EXPECT_FALSE(analysis.may_overlap(3, 4));
  EXPECT_TRUE(analysis.may_overlap(3, 40));
  EXPECT_TRUE(analysis.may_overlap(3, 41));
}

TEST_F(Analysis, BoxesSortOutWhatDoesNotOverlap) {
  const ClauseAnalysis analysis =
      of({clause(dst_port(80, 90), policy::Drop{}), clause(dst_port(90, 95), policy::Drop{}),
          clause(not_of(dst_port(80, 90)), policy::Drop{})});
  EXPECT_TRUE(analysis.may_overlap(0, 1));
  EXPECT_FALSE(analysis.may_overlap(0, 2));
  EXPECT_TRUE(analysis.may_overlap(1, 2));
}

TEST_F(Analysis, InboundAndDropsAreDecisive) {
  const std::vector<policy::Clause> clauses{clause(anything(), policy::Drop{}),
                                            clause(anything(), fwd(participant(1)))};
  const ClauseAnalysis sent = of(clauses);
  EXPECT_TRUE(sent.is_decisive(0));
  EXPECT_FALSE(sent.is_decisive(1));
  const ClauseAnalysis received = of(clauses, policy::Direction::kInbound);
  EXPECT_TRUE(received.is_decisive(1));
}

TEST_F(Analysis, KnowsHowFarTheBudgetWent) {
  Budget budget(300);
  const diagram::Limited limited(store_, budget);
  const ClauseAnalysis analysis = of(one_port_each(1000));
  EXPECT_TRUE(budget.is_spent());
  EXPECT_GT(analysis.reached(), 0U);
  EXPECT_LT(analysis.reached(), 300U);
}

TEST_F(Analysis, NamesWhatAClauseDoes) {
  EXPECT_EQ(deed_of(clause(anything(), policy::Drop{}), world_.exchange), "is dropped");
  EXPECT_EQ(deed_of(clause(anything(), fwd(participant(1))), world_.exchange), "goes to B");
  EXPECT_EQ(deed_of(clause(anything(), policy::UseDefault{}), world_.exchange), "goes by BGP");
}

}  // namespace
}  // namespace fabrix::compiler
