#include "policy/fsm_machine.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace fabrix::policy {

const Input* Machine::input(std::uint32_t event) const {
  const auto found = std::find_if(inputs.begin(), inputs.end(),
                                  [event](const Input& each) { return each.event == event; });
  return found == inputs.end() ? nullptr : &*found;
}

bool moves_alike(const Machine& a, const std::vector<Event>& a_events, const Machine& b,
                 const std::vector<Event>& b_events) {
  const bool same_key = std::equal(
      a.key.begin(), a.key.end(), b.key.begin(), b.key.end(),
      [](const FieldWord& one, const FieldWord& other) { return one.field == other.field; });
  const bool same_inputs =
      std::equal(a.inputs.begin(), a.inputs.end(), b.inputs.begin(), b.inputs.end(),
                 [&](const Input& one, const Input& other) {
                   return one.next == other.next && a_events[one.event] == b_events[other.event];
                 });
  return same_key && same_inputs && a.name == b.name && a.variables == b.variables &&
         a.timeouts == b.timeouts;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::uint64_t length = 1;
  };
  constexpr std::array<Unit, 5> kUnits{
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  constexpr std::uint64_t kMost = std::uint64_t{86'400'000} * 365;
  std::uint64_t count = 0;
  const auto* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, count);
  const std::string_view unit(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
  const auto* const found = std::find_if(kUnits.begin(), kUnits.end(),
                                         [unit](const Unit& each) { return each.name == unit; });
  if (parsed.ec != std::errc{} || found == kUnits.end()) return std::nullopt;
  if (count == 0 || count > kMost / found->length) return std::nullopt;
  return std::chrono::milliseconds(count * found->length);
}

std::string duration_text(std::chrono::milliseconds duration) {
  struct Unit {
    std::int64_t length;
    const char* name;
  };
  for (const Unit& unit :
       {Unit{86'400'000, "d"}, Unit{3'600'000, "h"}, Unit{60'000, "m"}, Unit{1000, "s"}}) {
    if (duration.count() % unit.length == 0)
      return std::to_string(duration.count() / unit.length) + unit.name;
  }
  return std::to_string(duration.count()) + "ms";
}

StateSet reachable(const Machine& machine) {
  StateSet seen(machine.states, false);
  std::vector<StateId> open{machine.initial};
  seen[machine.initial] = true;
  const auto visit = [&seen, &open](StateId next) {
    if (seen[next]) return;
    seen[next] = true;
    open.push_back(next);
  };
  while (!open.empty()) {
    const StateId state = open.back();
    open.pop_back();
    for (const Input& input : machine.inputs) {
      for (const auto& next : input.next) visit(next[state]);
    }
    // An instance in its initial state is none, and has no clock.
    if (state == machine.initial) continue;
    for (const Timeout& timeout : machine.timeouts) visit(timeout.next[state]);
  }
  return seen;
}

std::size_t value_in(const Machine& machine, StateId state, std::size_t variable) {
  std::size_t rest = state;
  for (std::size_t i = 0; i < variable; ++i) rest /= machine.variables[i].values.size();
  return rest % machine.variables[variable].values.size();
}

std::string describe(const Machine& machine, StateId state) {
  std::string text;
  for (std::size_t i = 0; i < machine.variables.size(); ++i) {
    const Variable& variable = machine.variables[i];
    if (!text.empty()) text += ", ";
    text += variable.name + "=" + variable.values[value_in(machine, state, i)];
  }
  return text;
}

}  // namespace fabrix::policy
