// Policies made to take long: whatever is nested in what, reading and judging them takes so many
// steps and no more, and what comes of it is no larger than the steps taken.
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/budget.h"
#include "compiler/judge.h"
#include "policy/assemble.h"
#include "policy/fsm_policy.h"
#include "policy/lexer.h"
#include "policy/parser.h"
#include "policy/report.h"
#include "policy/simplify.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

policy::SymbolTable symbols() {
  policy::SymbolTable table;
  for (std::uint16_t i = 0; i < 3; ++i) {
    const std::string name(1, static_cast<char>('A' + i));
    table.participants.push_back({name, {i}, {{name + "1", {i}, {i + 1U}}}, i != 0});
  }
  table.owner = {0};
  return table;
}

class Nasty {
 public:
  explicit Nasty(std::uint32_t seed) : random_(seed) {}

  // A policy, and before it the definitions that it uses.
  std::string text(unsigned depth) {
    std::string all = "let s = match(dstip={" + prefixes(60) + "})\n";
    all += "let d0 = " + condition(1) + "\n";
    for (unsigned i = known_ = 1; i < 10; known_ = ++i) {
      all +=
          fmt::format("let d{} = {} {} ~d{}\n", i, condition(0), below(2) == 0 ? "&" : "|", i - 1);
    }
    if (below(4) == 0) return all + machine();
    return all + "outbound = " + term(depth);
  }

 private:
  unsigned below(unsigned count) { return static_cast<unsigned>(random_() % count); }

  static std::string prefixes(unsigned count) {
    std::string all;
    for (unsigned i = 0; i < count; ++i) {
      all += fmt::format("{}20.{}.{}.0/24", i == 0 ? "" : ", ", i / 128, i % 128 * 2);
    }
    return all;
  }
  std::string ports(const char* field) {
    const unsigned low = below(60000);
    return fmt::format("match({}={}-{})", field, low, low + below(65536 - low));
  }

  // NOLINTBEGIN(misc-no-recursion): `depth` deep

  std::string condition(unsigned depth) {
    if (depth == 0) {
      switch (below(5)) {
        case 0:
          return ports("srcport");
        case 1:
          return fmt::format("match(srcip={}.0.0.0/{})", 128 * below(2), 1 + below(2));
        case 2:
          return fmt::format("match(dscp={{{}, {}, {}}})", below(64), below(64), below(64));
        case 3:
          return "s";
        default:
          return ports("dstport");
      }
    }
    std::string all = below(2) == 0 ? "(" : "~(";
    const unsigned count = 2 + below(6);
    for (unsigned i = 0; i < count; ++i) {
      if (i > 0) all += std::vector{" | ", " & ", " - "}[below(3)];
      all += known_ > 0 && below(5) == 0 ? fmt::format("d{}", below(known_)) : condition(depth - 1);
    }
    return all + ")";
  }

  std::string term(unsigned depth) {
    if (depth == 0) {
      const char* deed = std::vector{"fwd(B)", "fwd(C)", "drop", "modify(dstport=80)"}[below(4)];
      return fmt::format("({} >> {})", condition(below(2)), deed);
    }
    if (below(5) == 0) return if_else(depth);
    if (below(5) == 0) return comprehension();
    const char* join = std::vector{" + ", " // ", " >> "}[below(3)];
    std::string all = "(";
    const unsigned count = 2 + below(10);
    for (unsigned i = 0; i < count; ++i) all += (i > 0 ? join : "") + term(depth - 1);
    return all + ")";
  }

  std::string if_else(unsigned depth) {
    const std::string condition = this->condition(1);
    const std::string then = term(depth - 1);
    return fmt::format("if_({}, {}, {})", condition, then, term(depth - 1));
  }

  // NOLINTEND(misc-no-recursion)

  std::string comprehension() {
    std::string values;
    for (unsigned i = 0; i < 30; ++i) values += fmt::format("{}{}", i == 0 ? "" : ", ", i * 7);
    const std::string inner = condition(below(2));
    return fmt::format("parallel([(match(dstport=x) & {}) >> modify(dstport={}) for x in [{}]])",
                       inner, below(200), values);
  }

  std::string machine() {
    const unsigned states = 2 + below(20);
    std::string all = fmt::format("event e : 0..{0}\nfsm f {{ var v : 0..{0} = 0\n", states - 1);
    all += " on e { v = value }\n policy = case {\n";
    for (unsigned i = 0; i + 1 < states; ++i) all += fmt::format("  v == {} -> {}\n", i, term(1));
    return all + "  else -> drop\n } }\noutbound = f\n";
  }

  std::mt19937 random_;
  unsigned known_ = 0;  // names d0, d1, ...
};

// All that one text comes to: its clauses, of all states of its fsms in turn.
struct Read {
  policy::Policy policy;
  std::vector<Diagnostic> diagnostics;
  bool spent = false;
  std::uint64_t steps = 0;
};

Read read(const std::string& text, std::uint64_t steps) {
  policy::Report report("A.policy", steps);
  const auto lexed = policy::lex(text, report);
  const auto file = policy::parse_file(lexed, policy::Precedence::kPaper, report);
  Read all;
  if (file.machines.empty()) {
    all.policy = policy::assemble(file, symbols(), {}, report).policy;
    report.spend(0, {});
  } else {
    const auto fsms = policy::FsmPolicy::create(text, symbols(), {}, report);
    policy::Report unheard("");
    if (fsms) all.policy = fsms->read(fsms->combinations().front(), unheard).policy;
  }
  all.spent = report.is_spent();
  all.steps = report.steps();
  all.diagnostics = report.take();
  return all;
}

bool is_told(const std::vector<Diagnostic>& all) {
  return std::ranges::any_of(all, [](const Diagnostic& each) {
    return each.code == "P0412" && each.at.line > 0 && !each.help.empty() && !each.witness.empty();
  });
}

std::size_t size_of(const policy::ClauseList& list) {
  std::size_t size = list.clauses.size();
  for (const policy::Clause& each : list.clauses) size += policy::weight_of(*each.when);
  return size;
}

TEST(HostilePolicy, TakesNoMoreStepsToReadThanItMay) {
  constexpr std::uint64_t kSteps = 5'000;
  unsigned spent = 0;
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    const std::string text = Nasty(seed).text(1 + seed % 3);
    const Read all = read(text, kSteps);
    EXPECT_LE(all.steps, kSteps);
    EXPECT_EQ(all.spent, is_told(all.diagnostics));
    EXPECT_LE(size_of(all.policy.outbound), 4 * kSteps);
    spent += all.spent ? 1U : 0U;
    EXPECT_EQ(read(text, kSteps).steps, all.steps) << "the same text takes the same steps";
  }
  EXPECT_GT(spent, 10U);
  EXPECT_LT(spent, 55U);
}

TEST(HostilePolicy, TakesNoMoreStepsToJudgeThanItMay) {
  constexpr std::uint64_t kSteps = 3'000;
  World world{{1, 1, 1}};
  diagram::Store store{policy_field_widths()};
  const std::size_t empty = store.size();
  unsigned judged = 0;
  unsigned spent = 0;
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    const Read all = read(Nasty(seed).text(1 + seed % 2), 20'000);
    if (all.spent || has_error(all.diagnostics)) continue;
    ++judged;
    Budget budget(kSteps);
    const diagram::Limited limited(store, budget);
    const Findings found =
        judge(participant(0), all.policy, "A.policy", {world.exchange, world.routes, store});
    EXPECT_LE(budget.taken(), kSteps);
    EXPECT_EQ(budget.is_spent(), is_told(found.errors));
    EXPECT_TRUE(!budget.is_spent() || found.errors.size() == 1U);
    EXPECT_EQ(store.size(), empty) << "what was begun is given back";
    spent += budget.is_spent() ? 1U : 0U;
  }
  EXPECT_GT(judged, 10U);
  EXPECT_GT(spent, 3U);
  EXPECT_LT(spent, judged);
}

// What members write at its largest stays far below: one clause a port, or a long list of prefixes.
TEST(HostilePolicy, OthersTakeASmallPartOfTheSteps) {
  std::string clauses = "outbound = ";
  for (unsigned i = 0; i < policy::kMaxClauses; ++i) {
    clauses +=
        fmt::format("{}(match(dstip=10.{}.{}.0/24, dstport={}) >> fwd({}))", i == 0 ? "" : "\n + ",
                    i / 256, i % 256, i % 7 == 0 ? 80 : 443, i % 2 == 0 ? 'B' : 'C');
  }
  std::string prefixes = "outbound = match(dstip={";
  for (unsigned i = 0; i < 20'000; ++i) {
    prefixes += fmt::format("{}20.{}.{}.0/24", i == 0 ? "" : ", ", i / 128, i % 128 * 2);
  }
  prefixes += "}) >> fwd(B)\n";
  for (const std::string& text : {clauses, prefixes}) {
    const Read all = read(text, policy::kReadingSteps);
    EXPECT_FALSE(has_error(all.diagnostics));
    EXPECT_LT(all.steps, policy::kReadingSteps / 10);
  }
}

}  // namespace
}  // namespace fabrix::compiler
