#include "policy/fsm_model.h"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "tests/policy/fsm_world.h"

namespace fabrix::policy {
namespace {

// CTL by its definition over runs, without sets and fixpoints: a finite machine shows whatever it
// will ever show within as many steps as it has states, so all runs of that length are tried.
class ByRuns {
 public:
  explicit ByRuns(const Machine& machine) : machine_(machine) {}

  // NOLINTNEXTLINE(misc-no-recursion): as deep as the formula
  bool holds(const Property& p, StateId at) const {
    const auto here = [&](std::size_t i) {
      return [this, child = p.children[i]](StateId state) { return holds(*child, state); };
    };
    switch (p.kind) {
      case FormulaKind::kCompare:
      case FormulaKind::kTruth:
        return p.states[at];
      case FormulaKind::kNot:
        return !here(0)(at);
      case FormulaKind::kAnd:
        return here(0)(at) && here(1)(at);
      case FormulaKind::kOr:
        return here(0)(at) || here(1)(at);
      case FormulaKind::kImplies:
        return !here(0)(at) || here(1)(at);
      case FormulaKind::kAllNext:
        return all_runs(at, 1, [&](const Run& run) { return here(0)(run[1]); });
      case FormulaKind::kSomeNext:
        return !all_runs(at, 1, [&](const Run& run) { return !here(0)(run[1]); });
      case FormulaKind::kAllFinally:
        return all_runs(at, length(), [&](const Run& run) { return any(run, here(0)); });
      case FormulaKind::kSomeFinally:
        return !all_runs(at, length(), [&](const Run& run) { return !any(run, here(0)); });
      case FormulaKind::kAllGlobally:
        return all_runs(at, length(), [&](const Run& run) { return all(run, here(0)); });
      case FormulaKind::kSomeGlobally:
        return !all_runs(at, length(), [&](const Run& run) { return !all(run, here(0)); });
      case FormulaKind::kAllUntil:
        return all_runs(at, length(), [&](const Run& run) { return until(run, here(0), here(1)); });
      case FormulaKind::kSomeUntil:
        return !all_runs(at, length(),
                         [&](const Run& run) { return !until(run, here(0), here(1)); });
    }
    return false;
  }

 private:
  using Run = std::vector<StateId>;
  using Test = std::function<bool(StateId)>;

  std::size_t length() const { return machine_.states; }

  static bool any(const Run& run, const Test& test) {
    return std::any_of(run.begin(), run.end(), test);
  }
  static bool all(const Run& run, const Test& test) {
    return std::all_of(run.begin(), run.end(), test);
  }
  static bool until(const Run& run, const Test& along, const Test& end) {
    for (const StateId state : run) {
      if (end(state)) return true;
      if (!along(state)) return false;
    }
    return false;
  }

  std::vector<StateId> steps(StateId at) const {
    std::vector<StateId> result;
    for (const Input& input : machine_.inputs) {
      for (const auto& next : input.next) result.push_back(next[at]);
    }
    for (const Timeout& timeout : machine_.timeouts) {
      if (at != machine_.initial && timeout.next[at] != at) result.push_back(timeout.next[at]);
    }
    if (result.empty()) result.push_back(at);
    return result;
  }

  bool all_runs(StateId at, std::size_t steps, const std::function<bool(const Run&)>& test) const {
    Run run{at};
    return extend(run, steps, test);
  }
  // NOLINTNEXTLINE(misc-no-recursion): as deep as the run is long
  bool extend(Run& run, std::size_t left, const std::function<bool(const Run&)>& test) const {
    if (left == 0) return test(run);
    for (const StateId next : steps(run.back())) {
      run.push_back(next);
      const bool good = extend(run, left - 1, test);
      run.pop_back();
      if (!good) return false;
    }
    return true;
  }

  const Machine& machine_;
};

TEST(FsmModel, AgreesWithTheDefinitionOverAllRuns) {
  constexpr unsigned kSeed = 20261121;
  std::mt19937 random(kSeed);
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::size_t held = 0;
  std::size_t failed = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::size_t states = 1 + random() % 4;
    const Machine machine = random_machine(random, states, random() % 3);
    const PropertyPtr property = random_property(random, states, 1 + random() % 3);
    const StateSet found = Model(machine).holds(*property);
    const ByRuns truth(machine);
    for (StateId state = 0; state < states; ++state) {
      ASSERT_EQ(found[state], truth.holds(*property, state)) << "case " << i << " state " << state;
      ++(found[state] ? held : failed);
    }
  }
  EXPECT_GT(held, 1000U);
  EXPECT_GT(failed, 1000U);
}

// Whether `check PROPERTY` of a text passes.
bool passes(const std::string& machine, const std::string& property) {
  const std::string text = "event e : bool\nevent go : {on, off}\nfsm f {\n" + machine +
                           "\npolicy = identity\ncheck " + property + "\n}\n";
  const CheckedText checked = checked_fsms(text);
  for (const Diagnostic& each : checked.diagnostics) {
    EXPECT_TRUE(each.code == "P0505" || each.code == "P0508") << render(each, text);
  }
  return !has_error(checked.diagnostics);
}

// Huth and Ryan, Logic in Computer Science, 3.4: what the operators tell apart.
TEST(FsmModel, TextbookCases) {
  const std::string traffic =
      "var light : {red, green, yellow} = red\n"
      "on e when light == red { light = green }\n"
      "on e when light == green { light = yellow }\n"
      "on e when light == yellow { light = red }\n"
      "on go when light == red { light = green }\n"
      "on go when light == green { light = yellow }\n"
      "on go when light == yellow { light = red }\n";
  for (const char* property :
       {"AG (light == green -> AX light == yellow)", "AG AF light == red", "EF light == yellow",
        "A[light == red U light == green]", "~EG light == red", "AX AX AX light == red",
        "AG ~(light == red & light == green)", "E[~light == yellow U light == green]",
        "AG (light == red | light == green | light == yellow)"}) {
    EXPECT_TRUE(passes(traffic, property)) << property;
  }
  for (const char* property : {"AG light == red", "AX light == yellow", "EG light == red",
                               "AF AG light == red", "EX light == yellow"}) {
    EXPECT_FALSE(passes(traffic, property)) << property;
  }
  // A latch: once set it stays. Whether it is ever set is up to the events.
  const std::string latch = "var set : bool\non e when value { set = true }\non go { set = set }\n";
  for (const char* property : {"AG (set -> AG set)", "EF set", "EG ~set", "AG EF set", "~AF set",
                               "AG (set -> AX set)", "E[~set U set]"}) {
    EXPECT_TRUE(passes(latch, property)) << property;
  }
  for (const char* property :
       {"AF set", "A[~set U set]", "AG (set -> EF ~set)", "EX ~~AX ~set & set"}) {
    EXPECT_FALSE(passes(latch, property)) << property;
  }
}

TEST(FsmModel, TimeoutsAreStepsButInTheInitialStateNothingTimesOut) {
  const std::string text =
      "var x : {a, b, c}\non e { x = b }\n"
      "timeout 1s when x == b -> { x = c }\ntimeout 2s when x == a -> { x = c }\n";
  EXPECT_TRUE(passes(text, "EF x == c"));
  EXPECT_TRUE(passes(text, "AX x == b"));  // the second timeout never runs
}

TEST(FsmModel, WithoutEventsNothingHappensForEver) {
  EXPECT_TRUE(passes("var x : {a, b}", "AG x == a"));
  EXPECT_TRUE(passes("var x : {a, b}", "AX x == a"));
  EXPECT_FALSE(passes("var x : {a, b}", "EF x == b"));
}

}  // namespace
}  // namespace fabrix::policy
