// Condition: a checked condition on the state of an fsm and, in reactions, on the event's value.
//
// Names are looked up here: a variable of the fsm, `value` for the event's, `true` and `false`. The
// temporal operators of properties are an error (P0502) where only a condition makes sense. Pure
// but for the report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/fsm_machine.h"
#include "policy/fsm_model.h"
#include "policy/fsm_syntax.h"
#include "policy/report.h"

namespace fabrix::policy {

// A comparison is the values that satisfy it; a constant has no operand.
struct Condition {
  FormulaKind kind = FormulaKind::kTruth;
  enum class Operand : std::uint8_t { kConstant, kVariable, kValue };
  Operand operand = Operand::kConstant;
  std::size_t variable = 0;
  std::vector<bool> accepted;
  std::vector<Condition> children;
};

class Conditions {
 public:
  // `machine` has its variables. `event` is what `value` is of; null: there is none.
  Conditions(const Machine& machine, const Event* event, Report& report)
      : machine_(machine), event_(event), report_(report) {}

  // None: reported. A null formula always holds.
  std::optional<Condition> read(const FormulaPtr& formula) const;
  // A property of the machine's runs. Null: reported.
  PropertyPtr property(const FormulaSyntax& formula) const;

  bool holds(const Condition& condition, StateId state, std::size_t value) const;
  StateSet states_where(const Condition& condition) const;

 private:
  struct Named {
    Condition::Operand operand = Condition::Operand::kVariable;
    std::size_t variable = 0;
    const std::vector<std::string>* values = nullptr;
  };
  std::optional<Condition> check(const FormulaSyntax& formula) const;
  std::optional<Condition> truth(const FormulaSyntax& formula) const;
  std::optional<Condition> comparison(const FormulaSyntax& formula) const;
  std::optional<Named> find(const WordSyntax& name) const;

  const Machine& machine_;
  const Event* event_;
  Report& report_;
};

// Where `word` is among `values`; none: nowhere.
std::optional<std::size_t> index_of(const std::vector<std::string>& values, std::string_view word);

// Numbers one after the other, and no names.
bool is_numeric(const std::vector<std::string>& values);

// "a, b, c", or "0..9".
std::string listed(const std::vector<std::string>& values);

}  // namespace fabrix::policy
