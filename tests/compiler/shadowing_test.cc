#include "compiler/shadowing.h"

#include <random>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using policy::Direction;

class Shadowing : public testing::Test {
 protected:
  std::vector<Diagnostic> shadowed(const policy::ClauseList& list,
                                   Direction direction = Direction::kOutbound) {
    const Subject subject{participant(0), direction, "A.policy"};
    const Surroundings surroundings{world_.exchange, world_.routes, store_};
    ClauseAnalysis analysis(list, subject, surroundings);
    return find_shadowed(analysis);
  }

  static policy::Verdict b() { return fwd(participant(1)); }
  static policy::Verdict c() { return fwd(participant(2)); }

  World world_{{1, 1, 2}};
  diagram::Store store_{policy_field_widths()};
};

TEST_F(Shadowing, WarnsOfAClauseThatAnotherHides) {
  const auto found =
      shadowed(list_of({clause(dst_port(80, 90), policy::Drop{}), clause(dst_port(85), b())}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::kWarning);
  EXPECT_EQ(found[0].code, "P0310");
  EXPECT_EQ(found[0].at.line, 2U);
  EXPECT_EQ(found[0].message, "this clause never applies: the one at line 1 hides it");
}

TEST_F(Shadowing, WarnsOfAClauseThatSeveralHideTogether) {
  EXPECT_EQ(shadowed(list_of({clause(dst_port(0, 100), policy::Drop{}),
                              clause(dst_port(101, 65535), policy::Drop{}),
                              clause(dst_port(50, 200), b())}))
                .size(),
            1U);
}

TEST_F(Shadowing, AForwardThatMayBeUnreachableHidesOnlyItsOwnTarget) {
  EXPECT_TRUE(shadowed(list_of({clause(dst_port(80), b()), clause(dst_port(80), c())})).empty());
  EXPECT_EQ(shadowed(list_of({clause(dst_port(80), b()), clause(dst_port(80), b())})).size(), 1U);
  EXPECT_EQ(shadowed(list_of({clause(dst_port(80), fwd(world_.exchange, router(2))),
                              clause(dst_port(80), fwd(world_.exchange, router(3)))}),
                     Direction::kInbound)
                .size(),
            1U);
}

// A clause about many ports behind one for each, which are more than are looked at one by one:
// against sets of ports.
TEST_F(Shadowing, WarnsOfWhatManyHideTogether) {
  constexpr std::uint16_t kPorts = 80;
  std::mt19937 random{20261122};
  std::size_t hidden_in_all = 0;
  for (int round = 0; round < 100; ++round) {
    std::vector<policy::Clause> clauses;
    std::set<std::uint16_t> dropped;
    std::set<std::uint16_t> to_b;
    for (std::uint16_t port = 0; port < kPorts; ++port) {
      const auto fate = random() % 80;
      if (fate == 0) {
        clauses.push_back(clause(dst_port(port), c()));
      } else if (fate % 2 == 0) {
        clauses.push_back(clause(dst_port(port), policy::Drop{}));
        dropped.insert(port);
      } else {
        clauses.push_back(clause(dst_port(port), b()));
        to_b.insert(port);
      }
    }
    const auto low = static_cast<std::uint16_t>(random() % 10);
    const auto high = static_cast<std::uint16_t>(kPorts - 10 + random() % 10);
    const bool last_to_b = random() % 4 != 0;
    clauses.push_back(clause(dst_port(low, high), last_to_b ? b() : c()));
    bool hidden = true;
    for (std::uint16_t port = low; port <= high; ++port) {
      hidden = hidden && (dropped.contains(port) || (last_to_b && to_b.contains(port)));
    }
    const auto findings = shadowed(list_of(std::move(clauses)));
    ASSERT_EQ(findings.size(), hidden ? 1U : 0U) << round;
    for (const Diagnostic& finding : findings) EXPECT_EQ(finding.at.line, kPorts + 1U);
    hidden_in_all += hidden ? 1U : 0U;
  }
  EXPECT_GT(hidden_in_all, 10U);
  EXPECT_LT(hidden_in_all, 90U);
}

}  // namespace
}  // namespace fabrix::compiler
