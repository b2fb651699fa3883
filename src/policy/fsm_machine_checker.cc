#include "policy/fsm_machine_checker.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/number.h"
#include "base/suggest.h"
#include "policy/fsm_condition.h"

namespace fabrix::policy {
namespace {

// What a reaction or timeout does to one variable: the value that each of the source's becomes.
struct Effect {
  std::size_t target = 0;
  Condition::Operand source = Condition::Operand::kConstant;
  std::size_t variable = 0;        // kVariable
  std::vector<std::uint32_t> map;  // by the source's value; one of a constant
};

struct Rule {
  std::uint32_t event = 0;
  Condition when;
  std::vector<Effect> effects;
};

class MachineChecker {
 public:
  MachineChecker(const MachineSyntax& syntax, const std::vector<Event>& events, Report& report)
      : syntax_(syntax), events_(events), report_(report) {}

  // None: reported.
  std::optional<Machine> run() {
    machine_.name = syntax_.name.text;
    machine_.at = syntax_.name.at;
    for (const WordSyntax& each : syntax_.key) key(each);
    for (const VariableSyntax& each : syntax_.variables) variable(each);
    if (!good_ || !has_few_states()) return std::nullopt;
    for (const ReactionSyntax& each : syntax_.reactions) reaction(each);
    cases();
    if (!good_ || !has_few_transitions()) return std::nullopt;
    write_out();
    for (const TimeoutSyntax& each : syntax_.timeouts) timeout(each);
    if (!good_) return std::nullopt;
    note_unreachable();
    return std::move(machine_);
  }

 private:
  void wrong(std::string code, const SourceSpan& at, std::string message, std::string help = {}) {
    good_ = false;
    report_.error(std::move(code), at, std::move(message), std::move(help));
  }

  void key(const WordSyntax& word) {
    const auto field = find_field(word.text);
    const bool twice =
        std::any_of(machine_.key.begin(), machine_.key.end(),
                    [&field](const auto& each) { return each.field == field->field; });
    if (twice) return wrong("P0503", word.at, quoted(word.text) + " is given twice");
    machine_.key.push_back(*field);
  }

  void variable(const VariableSyntax& syntax) {
    constexpr std::array<std::string_view, 10> kWords{"value", "true", "false", "else", "when",
                                                      "A",     "E",    "U",     "not",  "case"};
    const std::string_view name = syntax.name.text;
    if (std::find(kWords.begin(), kWords.end(), name) != kWords.end()) {
      return wrong("P0210", syntax.name.at,
                   quoted(name) + " is a word of the language and cannot be a variable");
    }
    const auto same = [name](const Variable& each) { return each.name == name; };
    if (std::any_of(machine_.variables.begin(), machine_.variables.end(), same)) {
      return wrong("P0503", syntax.name.at, "variable " + quoted(name) + " is given twice");
    }
    auto values = values_of(syntax.domain, report_);
    if (!values) {
      good_ = false;
      return;
    }
    Variable variable{std::string(name), *std::move(values), 0};
    if (syntax.initial) {
      const auto initial = index_of(variable.values, syntax.initial->text);
      if (!initial) return no_value(*syntax.initial, variable);
      variable.initial = static_cast<std::uint32_t>(*initial);
    }
    machine_.variables.push_back(std::move(variable));
  }

  void no_value(const WordSyntax& word, const Variable& variable) {
    const auto close = nearest(word.text, variable.values);
    wrong("P0502", word.at, quoted(word.text) + " is no value of " + quoted(variable.name),
          close ? "did you mean " + quoted(*close) + "?" : "values: " + listed(variable.values));
  }

  bool has_few_states() {
    std::size_t initial = 0;
    std::size_t states = 1;
    for (const Variable& each : machine_.variables) {
      initial += states * each.initial;
      states *= each.values.size();
      if (states > kMaxStates) break;
    }
    if (machine_.variables.size() > kMaxVariables || states > kMaxStates) {
      wrong(
          "P0510", machine_.at,
          "this fsm has more than " + std::to_string(kMaxStates) + " states or " +
              std::to_string(kMaxVariables) + " variables",
          "its states are all combinations of its variables' values; split it, as in auth >> ids");
      return false;
    }
    machine_.initial = static_cast<StateId>(initial);
    machine_.states = states;
    return true;
  }

  void reaction(const ReactionSyntax& syntax) {
    const auto found = std::find_if(events_.begin(), events_.end(), [&syntax](const Event& each) {
      return each.name == syntax.event.text;
    });
    if (found == events_.end()) return unknown_event(syntax.event);
    Rule rule;
    rule.event = static_cast<std::uint32_t>(found - events_.begin());
    const auto when = Conditions(machine_, &*found, report_).read(syntax.when);
    auto effects = effects_of(syntax.assignments, &*found);
    if (!when || !effects) {
      good_ = false;
      return;
    }
    rule.when = *when;
    rule.effects = *std::move(effects);
    rules_.push_back(std::move(rule));
  }

  void unknown_event(const WordSyntax& word) {
    std::vector<std::string> known;
    for (const Event& each : events_) known.push_back(each.name);
    const auto close = nearest(word.text, known);
    wrong("P0501", word.at, "unknown event " + quoted(word.text),
          close ? "did you mean " + quoted(*close) + "?"
                : "declare it above: event " + std::string(word.text) + " : bool");
  }

  std::optional<std::vector<Effect>> effects_of(const std::vector<AssignmentSyntax>& assignments,
                                                const Event* event) {
    std::vector<Effect> effects;
    bool good = true;
    for (const AssignmentSyntax& each : assignments) {
      auto effect = effect_of(each, event);
      good = good && effect;
      if (!effect) continue;
      const auto same = [&effect](const Effect& other) { return other.target == effect->target; };
      if (std::any_of(effects.begin(), effects.end(), same)) {
        wrong("P0503", each.name.at, quoted(each.name.text) + " is assigned twice");
      }
      effects.push_back(*std::move(effect));
    }
    if (!good) return std::nullopt;
    return effects;
  }

  std::optional<std::size_t> find_variable(const WordSyntax& word) const {
    for (std::size_t i = 0; i < machine_.variables.size(); ++i) {
      if (machine_.variables[i].name == word.text) return i;
    }
    return std::nullopt;
  }

  std::optional<Effect> effect_of(const AssignmentSyntax& syntax, const Event* event) {
    const auto target = find_variable(syntax.name);
    if (!target) {
      wrong("P0502", syntax.name.at,
            quoted(syntax.name.text) + " is no variable of fsm " + quoted(machine_.name));
      return std::nullopt;
    }
    const Variable& variable = machine_.variables[*target];
    Effect effect{*target, Condition::Operand::kConstant, 0, {}};
    std::vector<std::string> from{std::string(syntax.operand.text)};
    const auto source = find_variable(syntax.operand);
    const bool is_constant = index_of(variable.values, syntax.operand.text).has_value();
    if (!is_constant && syntax.operand.text == "value" && event != nullptr) {
      effect.source = Condition::Operand::kValue;
      from = event->values;
    } else if (!is_constant && source) {
      effect.source = Condition::Operand::kVariable;
      effect.variable = *source;
      from = machine_.variables[*source].values;
    }
    if (!map_values(syntax, from, variable, effect)) return std::nullopt;
    return effect;
  }

  // What each value of the source makes of the variable. Sums stay inside its range.
  bool map_values(const AssignmentSyntax& syntax, const std::vector<std::string>& from,
                  const Variable& variable, Effect& effect) {
    const bool calculates = !syntax.op.empty();
    if (calculates && (!is_numeric(variable.values) || !is_numeric(from))) {
      wrong("P0502", syntax.operand.at, quoted(syntax.op) + " is for numbers",
            quoted(variable.name) + " is one of " + listed(variable.values));
      return false;
    }
    for (const std::string& each : from) {
      const auto index =
          calculates ? std::optional(sum(each, syntax, variable)) : index_of(variable.values, each);
      if (!index && effect.source == Condition::Operand::kConstant) {
        no_value(syntax.operand, variable);
        return false;
      }
      if (!index) {
        wrong("P0502", syntax.operand.at,
              quoted(syntax.operand.text) + " may be " + quoted(each) + ", which is no value of " +
                  quoted(variable.name),
              "values: " + listed(variable.values));
        return false;
      }
      effect.map.push_back(static_cast<std::uint32_t>(*index));
    }
    return true;
  }

  static std::size_t sum(const std::string& start, const AssignmentSyntax& syntax,
                         const Variable& variable) {
    const auto low = parse_number<std::uint64_t>(variable.values.front()).value_or(0);
    const auto high = parse_number<std::uint64_t>(variable.values.back()).value_or(0);
    const auto value = parse_number<std::uint64_t>(start).value_or(0);
    const auto step = parse_number<std::uint64_t>(syntax.step.text).value_or(0);
    std::uint64_t result = 0;
    if (syntax.op == "+") {
      result = step > high || value > high - step ? high : value + step;
    } else {
      result = value < step ? 0 : value - step;
    }
    return std::clamp(result, low, high) - low;
  }

  bool has_few_transitions() {
    std::size_t kinds = syntax_.timeouts.size();
    for (std::uint32_t event = 0; event < events_.size(); ++event) {
      if (listens_to(event)) kinds += events_[event].values.size();
    }
    if (machine_.states * kinds <= kMaxTransitions) return true;
    wrong("P0510", machine_.at,
          "this fsm has more than " + std::to_string(kMaxTransitions) + " transitions",
          "they are its states times the values of the events that it listens to");
    return false;
  }

  bool listens_to(std::uint32_t event) const {
    return std::any_of(rules_.begin(), rules_.end(),
                       [event](const Rule& each) { return each.event == event; });
  }

  void write_out() {
    for (std::uint32_t event = 0; event < events_.size(); ++event) {
      if (!listens_to(event)) continue;
      Input input{event, {}};
      for (std::size_t value = 0; value < events_[event].values.size(); ++value) {
        input.next.push_back(after_each(event, value));
      }
      machine_.inputs.push_back(std::move(input));
    }
  }

  std::vector<StateId> after_each(std::uint32_t event, std::size_t value) {
    const Conditions conditions(machine_, &events_[event], report_);
    std::vector<StateId> next;
    for (StateId state = 0; state < machine_.states; ++state) {
      next.push_back(after(event, value, state, conditions));
    }
    return next;
  }

  // The first reaction whose condition holds.
  StateId after(std::uint32_t event, std::size_t value, StateId state,
                const Conditions& conditions) const {
    for (const Rule& rule : rules_) {
      if (rule.event != event || !conditions.holds(rule.when, state, value)) continue;
      return applied(rule.effects, state, value);
    }
    return state;
  }

  std::size_t source_of(const Effect& effect, StateId state, std::size_t value) const {
    if (effect.source == Condition::Operand::kValue) return value;
    const bool is_variable = effect.source == Condition::Operand::kVariable;
    return is_variable ? value_in(machine_, state, effect.variable) : 0;
  }

  // All at once: the right sides are of the state before.
  StateId applied(const std::vector<Effect>& effects, StateId state, std::size_t value) const {
    std::size_t result = 0;
    std::size_t stride = 1;
    for (std::size_t i = 0; i < machine_.variables.size(); ++i) {
      const auto effect = std::find_if(effects.begin(), effects.end(),
                                       [i](const Effect& each) { return each.target == i; });
      const std::size_t next = effect == effects.end()
                                   ? value_in(machine_, state, i)
                                   : effect->map[source_of(*effect, state, value)];
      result += stride * next;
      stride *= machine_.variables[i].values.size();
    }
    return static_cast<StateId>(result);
  }

  void timeout(const TimeoutSyntax& syntax) {
    const Conditions conditions(machine_, nullptr, report_);
    const auto when = conditions.read(syntax.when);
    const auto effects = effects_of(syntax.assignments, nullptr);
    const auto after = duration(syntax.duration);
    if (!when || !effects || !after) {
      good_ = false;
      return;
    }
    Timeout timeout{*after, {}};
    for (StateId state = 0; state < machine_.states; ++state) {
      timeout.next.push_back(conditions.holds(*when, state, 0) ? applied(*effects, state, 0)
                                                               : state);
    }
    machine_.timeouts.push_back(std::move(timeout));
  }

  std::optional<std::chrono::milliseconds> duration(const WordSyntax& word) {
    const auto result = parse_duration(word.text);
    if (!result) wrong("P0502", word.at, "a timeout is from 1ms to 365d");
    return result;
  }

  void cases() {
    if (syntax_.cases.empty()) {
      return wrong("P0504", machine_.at, "fsm " + quoted(machine_.name) + " has no policy",
                   "policy = case { CONDITION -> EXPR ; else -> EXPR }");
    }
    const auto open = static_cast<std::uint32_t>(syntax_.cases.size());
    machine_.case_of.assign(machine_.states, open);
    const Conditions conditions(machine_, nullptr, report_);
    for (std::uint32_t i = 0; i < open; ++i) {
      const auto when = conditions.read(syntax_.cases[i].when);
      if (!when) {
        good_ = false;
        continue;
      }
      for (StateId state = 0; state < machine_.states; ++state) {
        const bool takes = machine_.case_of[state] == open && conditions.holds(*when, state, 0);
        if (takes) machine_.case_of[state] = i;
      }
    }
    const auto left = std::find(machine_.case_of.begin(), machine_.case_of.end(), open);
    if (!good_ || left == machine_.case_of.end()) return;
    const auto state = static_cast<StateId>(left - machine_.case_of.begin());
    wrong("P0504", syntax_.cases.back().at,
          "no case says what fsm " + quoted(machine_.name) + " does where " +
              describe(machine_, state),
          "add: else -> identity");
  }

  void note_unreachable() {
    const StateSet seen = reachable(machine_);
    for (std::uint32_t i = 0; i < syntax_.cases.size(); ++i) {
      bool shown = false;
      for (StateId state = 0; state < machine_.states; ++state) {
        shown = shown || (seen[state] && machine_.case_of[state] == i);
      }
      if (shown) continue;
      report_.warning("P0307", syntax_.cases[i].at, "this can never apply",
                      "no event or timeout leads to such a state, or an earlier case takes it");
    }
  }

  const MachineSyntax& syntax_;
  const std::vector<Event>& events_;
  Report& report_;
  Machine machine_;
  std::vector<Rule> rules_;
  bool good_ = true;
};

std::optional<std::vector<std::string>> named_values(const DomainSyntax& domain, Report& report) {
  std::vector<std::string> values;
  for (const WordSyntax& each : domain.names) {
    if (index_of(values, each.text)) {
      report.error("P0503", each.at, quoted(each.text) + " is given twice");
      return std::nullopt;
    }
    values.emplace_back(each.text);
  }
  return values;
}

// No more of them than make too many.
std::optional<std::vector<std::string>> numbers_in(const DomainSyntax& domain, Report& report) {
  const auto low = parse_number<std::uint64_t>(domain.names[0].text);
  const auto high = parse_number<std::uint64_t>(domain.names[1].text);
  if (!low || !high || *low > *high) {
    report.error("P0502", domain.at, "a range has two numbers, the lower one first");
    return std::nullopt;
  }
  std::vector<std::string> values;
  for (std::uint64_t each = *low; each - *low <= kMaxValues && each <= *high; ++each) {
    values.push_back(std::to_string(each));
  }
  return values;
}

}  // namespace

std::optional<Machine> check_machine(const MachineSyntax& syntax, const std::vector<Event>& events,
                                     Report& report) {
  return MachineChecker(syntax, events, report).run();
}

std::optional<std::vector<std::string>> values_of(const DomainSyntax& domain, Report& report) {
  if (domain.kind == DomainSyntax::Kind::kBool) return std::vector<std::string>{"false", "true"};
  auto values = domain.kind == DomainSyntax::Kind::kNames ? named_values(domain, report)
                                                          : numbers_in(domain, report);
  if (!values || (!values->empty() && values->size() <= kMaxValues)) return values;
  report.error("P0510", domain.at, "a type has 1 to " + std::to_string(kMaxValues) + " values");
  return std::nullopt;
}

}  // namespace fabrix::policy
