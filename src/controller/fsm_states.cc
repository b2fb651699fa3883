#include "controller/fsm_states.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/suggest.h"
#include "policy/fsm_condition.h"

namespace fabrix::controller {
namespace {

using policy::ClassKey;
using policy::FsmPolicy;
using policy::StateId;

// The earliest timeout that moves an instance, and where to.
struct Due {
  FsmTime at;
  StateId to = 0;
};

std::optional<Due> due_of(const policy::Machine& machine, const FsmInstance& instance) {
  std::optional<Due> result;
  for (const policy::Timeout& timeout : machine.timeouts) {
    const StateId to = timeout.next[instance.state];
    const FsmTime at = instance.heard + timeout.after;
    if (to != instance.state && (!result || at < result->at)) result = Due{at, to};
  }
  return result;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  const auto meant = nearest(word, known);
  return meant ? "; did you mean " + *meant + "?" : "";
}

// Puts an instance into a state; the initial one is nowhere.
void put(FsmStates::Machine& machine, const policy::Machine& of, const ClassKey& key,
         const FsmInstance& instance) {
  if (instance.state == of.initial) {
    machine.erase(key);
  } else {
    machine.insert_or_assign(key, instance);
  }
}

// One event against one policy.
class Application {
 public:
  Application(const FsmPolicy& policy, const FsmStates& states, const FsmEvent& event, FsmTime now)
      : policy_(policy), event_(event), now_(now) {
    change_.states = states;
  }

  Result<FsmChange> run(std::size_t limit) {
    FABRIX_TRY(const auto which, find_event());
    FABRIX_TRY(const auto value, find_value(policy_.events()[which]));
    FABRIX_TRY(const auto keys, keys_for(static_cast<std::uint32_t>(which)));
    for (const auto& [machine, key] : keys) {
      move(machine, key, static_cast<std::uint32_t>(which), value);
    }
    if (change_.states.count() > limit) {
      return fail(Error{fmt::format(
          "{} instances are not in their initial state, and more there may not be", limit)});
    }
    return std::move(change_);
  }

 private:
  Result<std::size_t> find_event() const {
    std::vector<std::string> known;
    for (std::size_t i = 0; i < policy_.events().size(); ++i) {
      const policy::Event& each = policy_.events()[i];
      if (each.name == event_.name) {
        if (!each.source || *each.source == event_.source) return i;
        return fail(Error{fmt::format("event '{}' comes from '{}' only", each.name, *each.source)});
      }
      known.push_back(each.name);
    }
    return fail(Error{
        fmt::format("no event is called '{}'{}", event_.name, suggestion(event_.name, known))});
  }

  const std::string* field(std::string_view name) const {
    const auto found =
        std::ranges::find(event_.fields, name, &std::pair<std::string, std::string>::first);
    return found == event_.fields.end() ? nullptr : &found->second;
  }

  Result<std::size_t> find_value(const policy::Event& event) const {
    const std::string* const given = field("value");
    if (given == nullptr && event.values.size() == 1) return std::size_t{0};
    if (given == nullptr) {
      return fail(Error{
          fmt::format("event '{}' needs a value: {}", event.name, policy::listed(event.values))});
    }
    if (const auto index = policy::index_of(event.values, *given)) return *index;
    return fail(Error{fmt::format("'{}' is no value of event '{}': {}", *given, event.name,
                                  policy::listed(event.values))});
  }

  using Addressed = std::vector<std::pair<std::size_t, ClassKey>>;

  // The instances that the event is for: one of each fsm that listens to it.
  Result<Addressed> keys_for(std::uint32_t which) const {
    Addressed result;
    std::vector<std::string> asked{"value"};
    for (std::size_t i = 0; i < policy_.machines().size(); ++i) {
      const policy::Machine& machine = policy_.machines()[i];
      if (machine.input(which) == nullptr) continue;
      FABRIX_TRY(auto key, key_for(machine));
      for (const policy::FieldWord& each : machine.key) asked.emplace_back(each.name);
      result.emplace_back(i, std::move(key));
    }
    for (auto given = event_.fields.begin(); given != event_.fields.end(); ++given) {
      const auto same = [&given](const auto& other) { return other.first == given->first; };
      if (std::any_of(event_.fields.begin(), given, same)) {
        return fail(Error{fmt::format("'{}' is given twice", given->first)});
      }
      if (std::ranges::find(asked, given->first) != asked.end()) continue;
      return fail(Error{fmt::format("event '{}' has no field '{}'{}", event_.name, given->first,
                                    suggestion(given->first, asked))});
    }
    return result;
  }

  Result<ClassKey> key_for(const policy::Machine& machine) const {
    ClassKey key;
    for (const policy::FieldWord& each : machine.key) {
      const std::string* const given = field(each.name);
      if (given == nullptr) {
        return fail(Error{fmt::format("event '{}' needs {}: it is for fsm '{}', which is per {}",
                                      event_.name, each.name, machine.name, key_names(machine))});
      }
      const auto value = policy::parse_class_value(each, *given);
      if (!value) return fail(Error{fmt::format("'{}' is no {}", *given, each.name)});
      key.push_back(*value);
    }
    return key;
  }

  static std::string key_names(const policy::Machine& machine) {
    std::string text;
    for (const policy::FieldWord& each : machine.key) {
      text += (text.empty() ? "" : ", ") + std::string(each.name);
    }
    return text;
  }

  void move(std::size_t index, const ClassKey& key, std::uint32_t event, std::size_t value) {
    const policy::Machine& machine = policy_.machines()[index];
    const auto& before = *change_.states.machines[index];
    const auto known = before.find(key);
    const StateId from = known == before.end() ? machine.initial : known->second.state;
    const StateId to = machine.input(event)->next[value][from];
    if (from == machine.initial && to == from) return;
    auto after = std::make_shared<FsmStates::Machine>(before);
    put(*after, machine, key, {.state = to, .heard = now_});
    change_.states.machines[index] = std::move(after);
    if (from != to) change_.moves.push_back({.machine = index, .key = key, .from = from, .to = to});
  }

  const FsmPolicy& policy_;
  const FsmEvent& event_;
  FsmTime now_;
  FsmChange change_;
};

}  // namespace

std::string to_string(const FsmTransition& transition) {
  return fmt::format("{}{}{}: {} -> {} ({})", transition.fsm, transition.of.empty() ? "" : " ",
                     transition.of, transition.from, transition.to, transition.cause);
}

std::size_t FsmStates::count() const {
  std::size_t count = 0;
  for (const auto& machine : machines) count += machine->size();
  return count;
}

std::vector<policy::Instances> FsmStates::instances() const {
  std::vector<policy::Instances> result;
  for (const auto& machine : machines) {
    policy::Instances& into = result.emplace_back();
    for (const auto& [key, instance] : *machine) into.emplace_hint(into.end(), key, instance.state);
  }
  return result;
}

FsmStates initial_states(const FsmPolicy& policy) {
  const auto nobody = std::make_shared<const FsmStates::Machine>();
  FsmStates states;
  states.machines.assign(policy.machines().size(), nobody);
  return states;
}

FsmStates in_states(const FsmPolicy& policy, const policy::Combination& combination) {
  FsmStates states = initial_states(policy);
  for (std::size_t i = 0; i < combination.size(); ++i) {
    FsmStates::Machine machine;
    put(machine, policy.machines()[i], {}, {.state = combination[i], .heard = {}});
    states.machines[i] = std::make_shared<const FsmStates::Machine>(std::move(machine));
  }
  return states;
}

Result<FsmChange> apply(const FsmPolicy& policy, const FsmStates& states, const FsmEvent& event,
                        FsmTime now, std::size_t limit) {
  return Application(policy, states, event, now).run(limit);
}

std::optional<FsmTime> next_timeout(const FsmPolicy& policy, const FsmStates& states) {
  std::optional<FsmTime> result;
  for (std::size_t i = 0; i < states.machines.size(); ++i) {
    const policy::Machine& machine = policy.machines()[i];
    if (machine.timeouts.empty()) continue;
    for (const auto& [key, instance] : *states.machines[i]) {
      const auto due = due_of(machine, instance);
      if (due && (!result || due->at < *result)) result = due->at;
    }
  }
  return result;
}

FsmChange expire(const FsmPolicy& policy, const FsmStates& states, FsmTime now) {
  FsmChange change{.states = states, .moves = {}};
  for (std::size_t i = 0; i < states.machines.size(); ++i) {
    const policy::Machine& machine = policy.machines()[i];
    if (machine.timeouts.empty()) continue;
    auto after = std::make_shared<FsmStates::Machine>(*states.machines[i]);
    const std::size_t moved = change.moves.size();
    for (const auto& [key, instance] : *states.machines[i]) {
      const auto due = due_of(machine, instance);
      if (!due || due->at > now) continue;
      put(*after, machine, key, {.state = due->to, .heard = now});
      change.moves.push_back({.machine = i, .key = key, .from = instance.state, .to = due->to});
    }
    if (change.moves.size() != moved) change.states.machines[i] = std::move(after);
  }
  return change;
}

FsmStates carry_over(const FsmPolicy& before, const FsmStates& states, const FsmPolicy& after) {
  FsmStates result = initial_states(after);
  for (std::size_t i = 0; i < after.machines().size(); ++i) {
    const policy::Machine& machine = after.machines()[i];
    const auto same = std::ranges::find(before.machines(), machine.name, &policy::Machine::name);
    if (same == before.machines().end()) continue;
    const auto index = static_cast<std::size_t>(same - before.machines().begin());
    if (moves_alike(*same, before.events(), machine, after.events())) {
      result.machines[i] = states.machines[index];
    }
  }
  return result;
}

}  // namespace fabrix::controller
