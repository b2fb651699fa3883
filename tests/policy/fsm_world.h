// Random machines and properties, and short ways to have machines read, for the tests of fsms.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "policy/fsm_elaborate.h"
#include "policy/fsm_model.h"
#include "policy/lexer.h"
#include "policy/parser.h"

namespace fabrix::policy {

struct CheckedText {
  Fsms fsms;
  std::vector<Diagnostic> diagnostics;

  std::string codes() const {
    std::string result;
    for (const Diagnostic& each : diagnostics) result += (result.empty() ? "" : " ") + each.code;
    return result;
  }
};

inline CheckedText checked_fsms(std::string_view text) {
  Report report("A.policy");
  const Lexed lexed = lex(text, report);
  const File file = parse_file(lexed, Precedence::kPaper, report);
  CheckedText result;
  result.fsms = check_fsms(file, report);
  result.diagnostics = report.take();
  return result;
}

inline Machine machine_of(std::string_view text) {
  CheckedText checked = checked_fsms(text);
  EXPECT_EQ(checked.fsms.machines.size(), 1U) << render(checked.diagnostics, text);
  return checked.fsms.machines.empty() ? Machine{} : checked.fsms.machines.front();
}

// One variable x of `states` values, one event of `values`, any transitions.
inline Machine random_machine(std::mt19937& random, std::size_t states, std::size_t values) {
  Machine machine;
  machine.name = "f";
  machine.states = states;
  Variable x{"x", {}, 0};
  for (std::size_t i = 0; i < states; ++i) x.values.push_back(std::to_string(i));
  machine.variables = {x};
  Input input{0, {}};
  for (std::size_t value = 0; value < values; ++value) {
    auto& next = input.next.emplace_back();
    for (std::size_t i = 0; i < states; ++i)
      next.push_back(static_cast<StateId>(random() % states));
  }
  machine.inputs = {input};
  if (random() % 2 == 0) {
    Timeout timeout{std::chrono::seconds(1), {}};
    for (std::size_t i = 0; i < states; ++i) {
      timeout.next.push_back(static_cast<StateId>(random() % states));
    }
    machine.timeouts = {timeout};
  }
  machine.case_of.assign(states, 0);
  return machine;
}

inline PropertyPtr random_property(std::mt19937& random, std::size_t states, std::size_t depth) {
  Property property;
  const std::size_t kind = depth == 0 ? 0 : random() % 13;
  constexpr std::array kKinds{
      FormulaKind::kTruth,      FormulaKind::kNot,         FormulaKind::kAnd,
      FormulaKind::kOr,         FormulaKind::kImplies,     FormulaKind::kAllNext,
      FormulaKind::kAllFinally, FormulaKind::kAllGlobally, FormulaKind::kAllUntil,
      FormulaKind::kSomeNext,   FormulaKind::kSomeFinally, FormulaKind::kSomeGlobally,
      FormulaKind::kSomeUntil};
  property.kind = kKinds.at(kind);
  property.text = "p" + std::to_string(kind);
  for (std::size_t i = 0; kind == 0 && i < states; ++i)
    property.states.push_back(random() % 2 == 0);
  const bool two = kind == 2 || kind == 3 || kind == 4 || kind == 8 || kind == 12;
  for (int i = 0; kind != 0 && i < (two ? 2 : 1); ++i) {
    property.children.push_back(random_property(random, states, depth - 1));
  }
  return std::make_shared<const Property>(std::move(property));
}

}  // namespace fabrix::policy
