#include "diagram/row_emitter.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/diagram/random_diagrams.h"

namespace fabrix::diagram {
namespace {

constexpr std::size_t kNoLimit = 1'000'000;

// ethertype-like and port-like fields first, then one bit of reachability for each of ten targets.
constexpr FieldIndex kSource = 0;
constexpr FieldIndex kPort = 1;
constexpr FieldIndex kFirstReach = 2;
constexpr unsigned kTargets = 10;

std::vector<unsigned> sdx_widths() {
  std::vector<unsigned> widths{32, 16};
  widths.resize(kFirstReach + kTargets, 1);
  return widths;
}

Diagram reach(Store& store, unsigned target) {
  return store.test(static_cast<FieldIndex>(kFirstReach + target), 1, 1);
}

Diagram sdx_clause(Store& store, Diagram when, unsigned target) {
  return store.restrict(store.conjunction(when, reach(store, target)), store.leaf(100 + target));
}

std::string text_of(std::span<const Row> rows) {
  std::string text;
  for (const Row& row : rows) {
    for (const TernaryTest& test : row.tests) {
      text += std::to_string(test.field) + ":" + std::to_string(test.bits) + "/" +
              std::to_string(test.mask) + " ";
    }
    text += "-> " + std::to_string(row.leaf) + "\n";
  }
  return text;
}

// The rows of `diagram`, which mean the same.
std::vector<Row> checked_rows(Store& store, Diagram diagram) {
  const auto rows = store.rows(diagram, kNoLimit);
  EXPECT_TRUE(rows.has_value());
  EXPECT_EQ(store.from_rows(*rows), diagram) << text_of(*rows);
  EXPECT_TRUE(rows->back().tests.empty());
  return *rows;
}

TEST(RowEmitterTest, OneLeafIsOneRow) {
  Store store(kSmallWidths);
  EXPECT_EQ(store.rows(store.leaf(7), 1), std::vector<Row>{Row{.leaf = 7}});
  EXPECT_EQ(store.rows(store.none(), 1), std::vector<Row>{Row{.leaf = kNone}});
}

TEST(RowEmitterTest, ClausesOnPortsTakeOneRowEach) {
  Store store(sdx_widths());
  std::vector<Diagram> clauses;
  for (unsigned i = 0; i < kTargets; ++i) {
    clauses.push_back(sdx_clause(store, store.test(kPort, 80 + i * 13, 80 + i * 13), i));
  }
  EXPECT_EQ(checked_rows(store, store.over(clauses)).size(), kTargets + 1);
}

TEST(RowEmitterTest, ParticipantsInOneTableShareTheRowForTheRest) {
  constexpr unsigned kSenders = 12;
  Store store(sdx_widths());
  std::vector<Diagram> policies;
  for (unsigned sender = 0; sender < kSenders; ++sender) {
    std::vector<Diagram> clauses;
    for (unsigned i = 0; i < kTargets; ++i) {
      const std::uint64_t port = sender * 1000 + i * 17;
      clauses.push_back(sdx_clause(store, store.test(kPort, port, port), i));
    }
    policies.push_back(store.restrict(store.test(kSource, sender, sender), store.over(clauses)));
  }
  EXPECT_EQ(checked_rows(store, store.over(policies)).size(), kSenders * kTargets + 1);
}

TEST(RowEmitterTest, OverlappingClausesOnDifferentFieldsTakeOneRowEach) {
  Store store(sdx_widths());
  const std::vector<Diagram> clauses{
      sdx_clause(store, store.test(kSource, 0x0a000000, 0x0affffff), 0),
      sdx_clause(store, store.test(kPort, 80, 80), 1),
  };
  EXPECT_EQ(checked_rows(store, store.over(clauses)).size(), 3U);
}

TEST(RowEmitterTest, SeveralClausesForOnePortFallThrough) {
  Store store(sdx_widths());
  std::vector<Diagram> clauses;
  for (unsigned i = 0; i < kTargets; ++i) {
    clauses.push_back(sdx_clause(store, store.test(kPort, 443, 443), i));
  }
  EXPECT_EQ(checked_rows(store, store.over(clauses)).size(), kTargets + 1);
}

TEST(RowEmitterTest, ARangeTakesItsMinimalCover) {
  Store store(sdx_widths());
  const std::vector<Row> rows =
      checked_rows(store, store.restrict(store.test(kPort, 4321, 4322), store.leaf(9)));
  EXPECT_EQ(text_of(rows), "1:4321/65535 -> 9\n1:4322/65535 -> 9\n-> 0\n");
}

TEST(RowEmitterTest, AWideRangeIsShadowedWhereThatIsCheaper) {
  Store store(sdx_widths());
  // Ports 1 to 65534 are 30 prefixes; the two ports outside are two.
  EXPECT_EQ(checked_rows(store, store.restrict(store.test(kPort, 1, 65534), store.leaf(9))).size(),
            3U);
}

TEST(RowEmitterTest, NestedPrefixesTakeOneRowEach) {
  Store store(sdx_widths());
  const std::vector<Diagram> clauses{
      store.restrict(store.test(kSource, 0x0a010100, 0x0a0101ff), store.leaf(3)),
      store.restrict(store.test(kSource, 0x0a010000, 0x0a01ffff), store.leaf(4)),
      store.restrict(store.test(kSource, 0x0a000000, 0x0affffff), store.leaf(5)),
  };
  EXPECT_EQ(text_of(checked_rows(store, store.over(clauses))),
            "0:167837952/4294967040 -> 3\n0:167837696/4294901760 -> 4\n"
            "0:167772160/4278190080 -> 5\n-> 0\n");
}

TEST(RowEmitterTest, RowsStayCloseToTheClausesOfMixedPolicies) {
  constexpr unsigned kPolicies = 50;
  std::size_t total = 0;
  std::mt19937 random(7);
  for (unsigned policy = 0; policy < kPolicies; ++policy) {
    Store store(sdx_widths());
    std::vector<Diagram> clauses;
    for (unsigned i = 0; i < kTargets; ++i) {
      const std::uint64_t network = std::uint64_t{random() % 256} << 24;
      const std::uint64_t port = random() % 65536;
      const Diagram when = random() % 4 == 0 ? store.test(kSource, network, network + 0xffffff)
                                             : store.test(kPort, port, port);
      clauses.push_back(sdx_clause(store, when, i));
    }
    total += checked_rows(store, store.over(clauses)).size();
  }
  EXPECT_LE(total * 2, kPolicies * (kTargets + 1) * 3);
}

TEST(RowEmitterTest, RowsAgreeWithTheFunctionEverywhere) {
  const std::vector<Point> points = all_points();
  RandomFunctions random(20240601);
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    Store store(kSmallWidths);
    const Policy policy = random.policy();
    const std::vector<Row> rows = checked_rows(store, build(policy, store));
    for (const Point& point : points) {
      ASSERT_EQ(first_match(rows, point), evaluate(policy, point)) << text_of(rows);
    }
  }
}

TEST(RowEmitterTest, RowsAboveOthersSayWhatIsDifferent) {
  RandomFunctions random(20240604);
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    Store store(kSmallWidths);
    const Diagram below = build(random.policy(), store);
    const Diagram wanted = build(random.policy(), store);
    auto rows = store.rows(wanted, below, kNoLimit);
    ASSERT_TRUE(rows);
    std::ranges::copy(store.rows(below, kNoLimit).value(), std::back_inserter(*rows));
    EXPECT_EQ(store.from_rows(*rows), wanted) << text_of(*rows);
    EXPECT_EQ(store.rows(below, below, kNoLimit), std::vector<Row>{});
  }
}

TEST(RowEmitterTest, TestsAreSortedAndNarrow) {
  RandomFunctions random(20240602);
  for (int round = 0; round < 100; ++round) {
    Store store(kSmallWidths);
    for (const Row& row : checked_rows(store, build(random.policy(), store))) {
      for (std::size_t i = 0; i < row.tests.size(); ++i) {
        EXPECT_TRUE(i == 0 || row.tests[i - 1].field < row.tests[i].field);
        EXPECT_EQ(row.tests[i].bits & ~row.tests[i].mask, 0U);
        EXPECT_EQ(row.tests[i].mask >> kSmallWidths.at(row.tests[i].field), 0U);
      }
    }
  }
}

TEST(RowEmitterTest, RowsDependOnTheFunctionAndNotOnTheHistory) {
  RandomFunctions random(20240603);
  Store used(kSmallWidths);
  for (int round = 0; round < 100; ++round) {
    const Policy policy = random.policy();
    Store fresh(kSmallWidths);
    EXPECT_EQ(used.rows(build(policy, used), kNoLimit), fresh.rows(build(policy, fresh), kNoLimit));
  }
}

TEST(RowEmitterTest, MoreRowsThanTheLimitAreNone) {
  Store store(sdx_widths());
  const Diagram diagram = store.restrict(store.test(kPort, 4321, 4322), store.leaf(9));
  EXPECT_TRUE(store.rows(diagram, 3));
  EXPECT_FALSE(store.rows(diagram, 2));
  EXPECT_FALSE(store.rows(diagram, 0));
}

}  // namespace
}  // namespace fabrix::diagram
