// Machine: a checked finite-state policy: its states, what events and time do to them, and which of
// its cases each state shows.
//
// A state is a number: the values of the variables in mixed radix, the first variable's fastest.
// All transitions are written out, so a machine needs nothing of the text that it came from; the
// bounds below keep that small. Values; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "policy/vocabulary.h"

namespace fabrix::policy {

using StateId = std::uint32_t;

// By state.
using StateSet = std::vector<bool>;

inline constexpr std::size_t kMaxEvents = 64;
inline constexpr std::size_t kMaxMachines = 32;
inline constexpr std::size_t kMaxVariables = 16;  // of one machine
inline constexpr std::size_t kMaxValues = 256;    // of one type
inline constexpr std::size_t kMaxStates = 1024;   // of one machine
inline constexpr std::size_t kMaxTransitions =
    65'536;  // of one machine: states x (values, timeouts)

// An event that a policy takes, and the values that it may have.
struct Event {
  std::string name;
  std::vector<std::string> values;    // bool: "false", "true"
  std::optional<std::string> source;  // who it must come from

  friend bool operator==(const Event&, const Event&) = default;
};

struct Variable {
  std::string name;
  std::vector<std::string> values;
  std::uint32_t initial = 0;

  friend bool operator==(const Variable&, const Variable&) = default;
};

// What an event does: next[value][state].
struct Input {
  std::uint32_t event = 0;
  std::vector<std::vector<StateId>> next;
};

// What time does to an instance that has had no event for so long.
struct Timeout {
  std::chrono::milliseconds after{0};
  std::vector<StateId> next;  // by state; the state itself: nothing happens

  friend bool operator==(const Timeout&, const Timeout&) = default;
};

struct Machine {
  std::string name;
  // Packets that agree in these fields share an instance. Empty: one instance, for all packets or
  // for those of `per PREDICATE`.
  std::vector<FieldWord> key;
  std::vector<Variable> variables;
  StateId initial = 0;
  std::size_t states = 1;
  std::vector<Input> inputs;  // by event, ascending
  std::vector<Timeout> timeouts;
  std::vector<std::uint32_t> case_of;  // by state
  SourceSpan at;                       // of the name

  const Input* input(std::uint32_t event) const;
};

// Do both have the same states, and does everything that happens do the same to them? What they
// show may differ.
bool moves_alike(const Machine& a, const std::vector<Event>& a_events, const Machine& b,
                 const std::vector<Event>& b_events);

// "250ms", "30s", "5m", "12h", "7d"; at least 1ms, at most 365d. None: something else.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// "30m": in the largest unit that says it exactly.
std::string duration_text(std::chrono::milliseconds duration);

// States that can come about.
StateSet reachable(const Machine& machine);

// The value of a variable in a state.
std::size_t value_in(const Machine& machine, StateId state, std::size_t variable);

// "state=in, strikes=2"
std::string describe(const Machine& machine, StateId state);

}  // namespace fabrix::policy
