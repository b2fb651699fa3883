#include "compiler/ambiguity.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "compiler/box.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using Kind = policy::Shape::Kind;

class Ambiguity : public testing::Test {
 protected:
  std::vector<Diagnostic> ambiguities(const policy::ClauseList& list) {
    const Subject subject{participant(0), policy::Direction::kOutbound, "A.policy"};
    const Surroundings surroundings{world_.exchange, world_.routes, store_};
    ClauseAnalysis analysis(list, subject, surroundings);
    return find_ambiguities(analysis);
  }

  static PredicatePtr block() { return in_block4(net::Field::kDstIp4, prefix("140.0.0.0/24")); }
  static policy::Verdict b() { return fwd(participant(1)); }
  static policy::Verdict c() { return fwd(participant(2)); }

  World world_{{1, 1, 2}};
  diagram::Store store_{policy_field_widths()};
};

TEST_F(Ambiguity, TwoTargetsForOnePacketAreAnError) {
  const auto found =
      ambiguities(list_of({clause(dst_port(80), b()), clause(block(), c())}, Kind::kParallel));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::kError);
  EXPECT_EQ(found[0].code, "P0301");
  EXPECT_EQ(found[0].file, "A.policy");
  EXPECT_EQ(found[0].at.line, 2U);
  EXPECT_EQ(found[0].message, "a packet would go to two targets (the other clause is at line 1)");
  EXPECT_EQ(found[0].witness, "tcp 100.0.0.1:1024 -> 140.0.0.1:80 goes to B and to C");
  EXPECT_EQ(found[0].help, "rank them with '//', or write multicast(B, C) to send to both");
}

TEST_F(Ambiguity, ADropBesideAForwardIsAnError) {
  const auto found = ambiguities(
      list_of({clause(dst_port(80), b()), clause(block(), policy::Drop{})}, Kind::kParallel));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].witness, "tcp 100.0.0.1:1024 -> 140.0.0.1:80 goes to B and is dropped");
}

TEST_F(Ambiguity, RankedDisjointOrAgreeingClausesAreNone) {
  EXPECT_TRUE(ambiguities(list_of({clause(dst_port(80), b()), clause(block(), c())})).empty());
  EXPECT_TRUE(
      ambiguities(list_of({clause(dst_port(80), b()), clause(dst_port(443), c())}, Kind::kParallel))
          .empty());
  EXPECT_TRUE(
      ambiguities(list_of({clause(dst_port(80), b()), clause(block(), b())}, Kind::kParallel))
          .empty());
}

TEST_F(Ambiguity, AComplementIsSeenToBeDisjoint) {
  EXPECT_TRUE(ambiguities(list_of({clause(dst_port(80), b()), clause(not_of(dst_port(80)), c())},
                                  Kind::kParallel))
                  .empty());
}

// (drop where dstport=80 // b) + c where dstport=80: b's clause leaves port 80 to the drop.
TEST_F(Ambiguity, ARankedPartOffersWhatItsEarlierClausesLeave) {
  auto list = list_of({clause(dst_port(443), policy::Drop{}), clause(dst_port(80, 443), b()),
                       clause(dst_port(443), policy::Drop{})});
  list.shape = {
      .kind = Kind::kParallel,
      .clause = 0,
      .parts = {
          {.kind = Kind::kRanked, .clause = 0, .parts = {list.shape.parts[0], list.shape.parts[1]}},
          list.shape.parts[2]}};
  EXPECT_TRUE(ambiguities(list).empty());
  list.clauses[2].when = dst_port(100);
  const auto found = ambiguities(list);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].at.line, 3U);
}

TEST_F(Ambiguity, ReportsABoundedNumber) {
  std::vector<policy::Clause> clauses;
  clauses.reserve(60);
  for (int i = 0; i < 60; ++i) clauses.push_back(clause(anything(), i % 2 == 0 ? b() : c()));
  EXPECT_EQ(ambiguities(list_of(clauses, Kind::kParallel)).size(), kMaxFindings);
}

// Clauses that each want one port are told apart by it, without a look at each pair: against all
// pairs of random clauses, of which some want no port.
TEST_F(Ambiguity, FindsWhatAllPairsWouldShow) {
  std::mt19937 random{20261121};
  std::size_t found = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<policy::Clause> clauses;
    std::vector<std::pair<int, bool>> what;  // port, 0: any; whether to B
    for (int i = 0; i < 6; ++i) {
      const int port = random() % 4 == 0 ? 0 : static_cast<int>(80 + random() % 5);
      const bool to_b = random() % 2 == 0;
      what.emplace_back(port, to_b);
      clauses.push_back(clause(port == 0 ? block() : dst_port(static_cast<std::uint16_t>(port)),
                               to_b ? b() : c()));
    }
    std::vector<std::pair<std::size_t, std::size_t>> wanted;
    for (std::size_t later = 0; later < what.size(); ++later) {
      for (std::size_t earlier = 0; earlier < later; ++earlier) {
        const bool meet = what[earlier].first == what[later].first || what[earlier].first == 0 ||
                          what[later].first == 0;
        if (meet && what[earlier].second != what[later].second) {
          wanted.emplace_back(later + 1, earlier + 1);
        }
      }
    }
    if (wanted.size() > kMaxFindings) wanted.resize(kMaxFindings);
    const auto findings = ambiguities(list_of(std::move(clauses), Kind::kParallel));
    ASSERT_EQ(findings.size(), wanted.size()) << round;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_EQ(findings[i].at.line, wanted[i].first);
      const auto other = "line " + std::to_string(wanted[i].second) + ")";
      EXPECT_NE(findings[i].message.find(other), std::string::npos) << findings[i].message;
    }
    found += wanted.size();
  }
  EXPECT_GT(found, 500U);
}

policy::PredicatePtr asked(policy::RouteNumber of, std::uint64_t value) {
  policy::RouteTests tests;
  tests.all.emplace_back(policy::RouteNumberTest{of, {{value, value}}});
  return all_of(
      {any_ip(), make({policy::OnRoute{std::make_shared<const policy::RouteTests>(std::move(tests)),
                                       policy::Side::kDestination}})});
}

TEST_F(Ambiguity, QuestionsAboutRoutesMayMeetUnlessTheirValuesExcludeEachOther) {
  using policy::RouteNumber;
  const auto codes = [this](const policy::PredicatePtr& a, const policy::PredicatePtr& b) {
    return ambiguities(list_of({clause(a, fwd(participant(1))), clause(b, fwd(participant(2)))},
                               policy::Shape::Kind::kParallel))
        .size();
  };
  EXPECT_EQ(codes(asked(RouteNumber::kCommunity, 1), asked(RouteNumber::kCommunity, 2)), 1U);
  EXPECT_EQ(codes(asked(RouteNumber::kMed, 1), asked(RouteNumber::kRpki, 1)), 1U);
  EXPECT_EQ(codes(asked(RouteNumber::kRpki, 0), asked(RouteNumber::kRpki, 1)), 0U);
  EXPECT_EQ(codes(asked(RouteNumber::kMed, 1), not_of(asked(RouteNumber::kMed, 1))), 0U);
}

}  // namespace
}  // namespace fabrix::compiler
