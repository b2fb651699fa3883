#include "app/policy_states.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "policy/fsm_policy.h"
#include "policy/report.h"

namespace fabrix::app {
namespace {

using policy::FsmPolicy;
using policy::Machine;
using policy::StateId;

const std::vector<Machine> kNone;

const std::vector<Machine>& machines_of(const PolicyFile& file) {
  return file.fsms ? file.fsms->machines() : kNone;
}

std::shared_ptr<const policy::Policy> read(const PolicyFile& file,
                                           const policy::Combination& combination) {
  if (!file.fsms) return file.policy;
  policy::Report unheard("");  // it has been judged
  return std::make_shared<const policy::Policy>(file.fsms->read(combination, unheard).policy);
}

// A place for a machine in `before` or `after` or, if it moves alike in both, in both; and the
// states, of those, that differ in what they show.
struct Axis {
  std::optional<std::size_t> before;
  std::optional<std::size_t> after;
  std::string label;
  const Machine* machine = nullptr;
  std::vector<StateId> states;  // the initial one first
};

std::vector<StateId> states_of(const Machine& machine, const std::vector<StateId>* one,
                               const std::vector<StateId>* other) {
  const auto kind = [&](StateId state) {
    return std::pair{one != nullptr ? (*one)[state] : 0, other != nullptr ? (*other)[state] : 0};
  };
  const policy::StateSet seen = policy::reachable(machine);
  std::set<std::pair<StateId, StateId>> known{kind(machine.initial)};
  std::vector<StateId> states{machine.initial};
  for (StateId state = 0; state < machine.states; ++state) {
    if (seen[state] && known.insert(kind(state)).second) states.push_back(state);
  }
  return states;
}

// The machine of `file` that takes over the states of one of `other`.
std::optional<std::size_t> twin_of(const Machine& machine, const FsmPolicy& of,
                                   const PolicyFile& other) {
  const auto& all = machines_of(other);
  const auto found = std::find_if(all.begin(), all.end(), [&](const Machine& each) {
    return each.name == machine.name &&
           policy::moves_alike(machine, of.events(), each, other.fsms->events());
  });
  if (found == all.end()) return std::nullopt;
  return static_cast<std::size_t>(found - all.begin());
}

std::vector<Axis> axes_of(const PolicyFile& before, const PolicyFile& after) {
  std::vector<Axis> axes;
  std::set<std::size_t> paired;
  for (std::size_t i = 0; i < machines_of(before).size(); ++i) {
    const Machine& machine = before.fsms->machines()[i];
    const auto twin = twin_of(machine, *before.fsms, after);
    if (twin) paired.insert(*twin);
    axes.push_back({.before = i,
                    .after = twin,
                    .label = machine.name + (twin ? "" : " before"),
                    .machine = &machine,
                    .states = states_of(machine, &before.fsms->kinds(i),
                                        twin ? &after.fsms->kinds(*twin) : nullptr)});
  }
  for (std::size_t i = 0; i < machines_of(after).size(); ++i) {
    if (paired.contains(i)) continue;
    const Machine& machine = after.fsms->machines()[i];
    axes.push_back({.before = std::nullopt,
                    .after = i,
                    .label = machine.name + " now",
                    .machine = &machine,
                    .states = states_of(machine, nullptr, &after.fsms->kinds(i))});
  }
  return axes;
}

}  // namespace

std::vector<PolicyInStates> in_all_states(const PolicyFile& file) {
  if (!file.fsms) return {{.states = {}, .policy = file.policy}};
  std::vector<PolicyInStates> all;
  for (const policy::Combination& each : file.fsms->combinations()) {
    all.push_back({.states = file.fsms->describe(each), .policy = read(file, each)});
  }
  return all;
}

Result<std::vector<VersionsInStates>> in_all_states(const PolicyFile& before,
                                                    const PolicyFile& after) {
  const std::vector<Axis> axes = axes_of(before, after);
  std::size_t count = 1;
  for (const Axis& axis : axes) {
    count *= axis.states.size();
    if (count > kMaxComparisons) {
      return fail(
          Error{fmt::format("the fsms have more than {} states together that read "
                            "differently: too many to compare",
                            kMaxComparisons)});
    }
  }
  std::vector<VersionsInStates> all;
  for (std::size_t i = 0; i < count; ++i) {
    policy::Combination was(machines_of(before).size());
    policy::Combination is(machines_of(after).size());
    std::string states;
    std::size_t rest = i;
    for (const Axis& axis : axes) {
      const StateId state = axis.states[rest % axis.states.size()];
      rest /= axis.states.size();
      if (axis.before) was[*axis.before] = state;
      if (axis.after) is[*axis.after] = state;
      states += fmt::format("{}{}: {}", states.empty() ? "" : "; ", axis.label,
                            policy::describe(*axis.machine, state));
    }
    all.push_back(
        {.states = std::move(states), .before = read(before, was), .after = read(after, is)});
  }
  return all;
}

}  // namespace fabrix::app
