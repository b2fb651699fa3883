#include "policy/fsm_condition.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <string_view>
#include <utility>

#include "base/suggest.h"

namespace fabrix::policy {
namespace {

std::int64_t number(std::string_view digits) {
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

bool compares(std::string_view op, std::int64_t a, std::int64_t b) {
  if (op == "!=") return a != b;
  if (op == "<") return a < b;
  if (op == "<=") return a <= b;
  if (op == ">") return a > b;
  if (op == ">=") return a >= b;
  return a == b;
}

Condition constant(bool value) {
  Condition result;
  result.accepted = {value};
  return result;
}

std::string text_of(const FormulaSyntax& formula);

// NOLINTBEGIN(misc-no-recursion): as deep as the formula, which the parser bounds.
std::string chained(const FormulaSyntax& formula, std::string_view op) {
  std::string text;
  for (const FormulaPtr& child : formula.children) {
    if (!text.empty()) text += op;
    const bool brackets = child->kind == FormulaKind::kAnd || child->kind == FormulaKind::kOr ||
                          child->kind == FormulaKind::kImplies;
    text += brackets ? "(" + text_of(*child) + ")" : text_of(*child);
  }
  return text;
}

std::string prefixed(const FormulaSyntax& formula, std::string_view op) {
  return std::string(op) + chained(formula, "");
}

std::string text_of(const FormulaSyntax& formula) {
  switch (formula.kind) {
    case FormulaKind::kTruth:
      return std::string(formula.name.text);
    case FormulaKind::kCompare:
      return std::string(formula.name.text) + " " + std::string(formula.op) + " " +
             std::string(formula.value.text);
    case FormulaKind::kNot:
      return prefixed(formula, "~");
    case FormulaKind::kAnd:
      return chained(formula, " & ");
    case FormulaKind::kOr:
      return chained(formula, " | ");
    case FormulaKind::kImplies:
      return chained(formula, " -> ");
    case FormulaKind::kAllNext:
      return prefixed(formula, "AX ");
    case FormulaKind::kAllFinally:
      return prefixed(formula, "AF ");
    case FormulaKind::kAllGlobally:
      return prefixed(formula, "AG ");
    case FormulaKind::kSomeNext:
      return prefixed(formula, "EX ");
    case FormulaKind::kSomeFinally:
      return prefixed(formula, "EF ");
    case FormulaKind::kSomeGlobally:
      return prefixed(formula, "EG ");
    case FormulaKind::kAllUntil:
      return "A[" + chained(formula, " U ") + "]";
    case FormulaKind::kSomeUntil:
      return "E[" + chained(formula, " U ") + "]";
  }
  return {};
}
// NOLINTEND(misc-no-recursion)

bool is_temporal(FormulaKind kind) {
  return kind >= FormulaKind::kAllNext;
}

}  // namespace

std::optional<std::size_t> index_of(const std::vector<std::string>& values, std::string_view word) {
  const auto found = std::find(values.begin(), values.end(), word);
  if (found == values.end()) return std::nullopt;
  return static_cast<std::size_t>(found - values.begin());
}

bool is_numeric(const std::vector<std::string>& values) {
  std::uint64_t next = 0;
  if (!values.empty()) next = static_cast<std::uint64_t>(number(values.front()));
  return !values.empty() && std::all_of(values.begin(), values.end(), [&next](const auto& each) {
    return each == std::to_string(next++);
  });
}

std::string listed(const std::vector<std::string>& values) {
  if (values.size() > 2 && is_numeric(values)) return values.front() + ".." + values.back();
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ", ") + value;
  return text;
}

std::optional<Conditions::Named> Conditions::find(const WordSyntax& name) const {
  if (name.text == "value" && event_ != nullptr) {
    return Named{Condition::Operand::kValue, 0, &event_->values};
  }
  std::vector<std::string> known;
  for (std::size_t i = 0; i < machine_.variables.size(); ++i) {
    const Variable& variable = machine_.variables[i];
    if (variable.name == name.text)
      return Named{Condition::Operand::kVariable, i, &variable.values};
    known.push_back(variable.name);
  }
  if (event_ != nullptr) known.emplace_back("value");
  std::string help = "variables: " + (known.empty() ? "none" : listed(known));
  if (const auto close = nearest(name.text, known)) help = "did you mean " + quoted(*close) + "?";
  const bool no_event = name.text == "value";
  if (no_event) help = "only a reaction to an event knows its value";
  report_.error("P0502", name.at,
                quoted(name.text) + " is no variable of fsm " + quoted(machine_.name), help);
  return std::nullopt;
}

// NOLINTBEGIN(misc-no-recursion): as deep as the formula, which the parser bounds.
std::optional<Condition> Conditions::check(const FormulaSyntax& formula) const {
  if (formula.kind == FormulaKind::kTruth) return truth(formula);
  if (formula.kind == FormulaKind::kCompare) return comparison(formula);
  if (is_temporal(formula.kind)) {
    report_.error("P0502", formula.at, "only 'check' looks at what may happen later",
                  "a condition is about the present state");
    return std::nullopt;
  }
  Condition result;
  result.kind = formula.kind;
  bool good = true;
  for (const FormulaPtr& child : formula.children) {
    auto next = check(*child);
    good = good && next;
    if (next) result.children.push_back(*std::move(next));
  }
  if (!good) return std::nullopt;
  return result;
}

bool Conditions::holds(const Condition& condition, StateId state, std::size_t value) const {
  const auto holds_here = [&](const Condition& each) { return holds(each, state, value); };
  const auto& children = condition.children;
  switch (condition.kind) {
    case FormulaKind::kNot:
      return !holds_here(children[0]);
    case FormulaKind::kAnd:
      return std::all_of(children.begin(), children.end(), holds_here);
    case FormulaKind::kOr:
      return std::any_of(children.begin(), children.end(), holds_here);
    case FormulaKind::kImplies:
      return !holds_here(children[0]) || holds_here(children[1]);
    default:
      break;
  }
  if (condition.operand == Condition::Operand::kConstant) return condition.accepted[0];
  if (condition.operand == Condition::Operand::kValue) return condition.accepted[value];
  return condition.accepted[value_in(machine_, state, condition.variable)];
}

PropertyPtr Conditions::property(const FormulaSyntax& formula) const {
  Property result;
  result.kind = formula.kind;
  result.text = text_of(formula);
  if (formula.kind == FormulaKind::kTruth || formula.kind == FormulaKind::kCompare) {
    const auto condition = check(formula);
    if (!condition) return nullptr;
    result.kind = FormulaKind::kTruth;
    result.states = states_where(*condition);
    return std::make_shared<const Property>(std::move(result));
  }
  bool good = true;
  for (const FormulaPtr& child : formula.children) {
    result.children.push_back(property(*child));
    good = good && result.children.back() != nullptr;
  }
  return good ? std::make_shared<const Property>(std::move(result)) : nullptr;
}
// NOLINTEND(misc-no-recursion)

std::optional<Condition> Conditions::read(const FormulaPtr& formula) const {
  return formula == nullptr ? constant(true) : check(*formula);
}

std::optional<Condition> Conditions::truth(const FormulaSyntax& formula) const {
  if (formula.name.text == "true") return constant(true);
  if (formula.name.text == "false") return constant(false);
  const auto named = find(formula.name);
  if (!named) return std::nullopt;
  const auto is_true = index_of(*named->values, "true");
  if (named->values->size() != 2 || !is_true) {
    report_.error(
        "P0502", formula.at, quoted(formula.name.text) + " is not of type bool",
        "compare it: " + std::string(formula.name.text) + " == " + named->values->front());
    return std::nullopt;
  }
  Condition result;
  result.operand = named->operand;
  result.variable = named->variable;
  result.accepted = {*is_true == 0, *is_true == 1};
  return result;
}

std::optional<Condition> Conditions::comparison(const FormulaSyntax& formula) const {
  const auto named = find(formula.name);
  if (!named) return std::nullopt;
  const auto& values = *named->values;
  const bool ordered = formula.op != "==" && formula.op != "!=";
  const auto constant = index_of(values, formula.value.text);
  const bool is_number = is_numeric(values) && is_numeric({std::string(formula.value.text)});
  if (ordered && !is_numeric(values)) {
    report_.error("P0502", formula.at,
                  quoted(formula.op) + " is for numbers, and " + quoted(formula.name.text) +
                      " is one of " + listed(values));
    return std::nullopt;
  }
  if (!constant && !(ordered && is_number)) {
    const auto close = nearest(formula.value.text, values);
    report_.error("P0502", formula.value.at,
                  quoted(formula.value.text) + " is no value of " + quoted(formula.name.text),
                  close ? "did you mean " + quoted(*close) + "?" : "values: " + listed(values));
    return std::nullopt;
  }
  Condition result;
  result.operand = named->operand;
  result.variable = named->variable;
  for (std::size_t i = 0; i < values.size(); ++i) {
    result.accepted.push_back(
        ordered ? compares(formula.op, number(values[i]), number(formula.value.text))
                : (i == *constant) == (formula.op == "=="));
  }
  return result;
}

StateSet Conditions::states_where(const Condition& condition) const {
  StateSet result(machine_.states, false);
  for (StateId state = 0; state < machine_.states; ++state) {
    result[state] = holds(condition, state, 0);
  }
  return result;
}

}  // namespace fabrix::policy
