#include "controller/fsm_record.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"
#include "io/file.h"
#include "io/log.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kFirstLine = "fabrix states 1";
constexpr std::string_view kNoClass = "-";

// The text up to `end`, which is taken off with it; none: it does not come.
std::optional<std::string_view> take(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return taken;
}

std::optional<RecordedFsm> parse_fsm(std::string_view line) {
  const auto digest = take(line, ' ');
  const auto name = take(line, ' ');
  if (!digest || !name || line.empty()) return std::nullopt;
  const auto value = parse_number<std::uint64_t>(*digest, 16);
  if (!value) return std::nullopt;
  return RecordedFsm{.fingerprint = *value,
                     .fsm = std::string(*name),
                     .participant = std::string(line),
                     .instances = {}};
}

std::optional<RecordedInstance> parse_instance(std::string_view line) {
  const auto of = take(line, ' ');
  const auto state = take(line, ' ');
  if (!of || !state) return std::nullopt;
  const auto number_of_state = parse_number<policy::StateId>(*state);
  const auto heard = parse_number<std::int64_t>(line);
  if (!number_of_state || !heard) return std::nullopt;
  return RecordedInstance{.of = std::string(*of), .state = *number_of_state, .heard = *heard};
}

std::string text_of(const policy::Machine& machine, const policy::ClassKey& key) {
  if (key.empty()) return std::string(kNoClass);
  std::string text;
  for (std::size_t i = 0; i < key.size(); ++i) {
    text += (i == 0 ? "" : ",") + policy::to_string(machine.key[i], key[i]);
  }
  return text;
}

std::optional<policy::ClassKey> key_of(const policy::Machine& machine, std::string_view text) {
  policy::ClassKey key;
  if (machine.key.empty()) return text == kNoClass ? std::optional(key) : std::nullopt;
  for (std::size_t i = 0; i < machine.key.size(); ++i) {
    const bool is_last = i + 1 == machine.key.size();
    const auto word = is_last ? std::optional(text) : take(text, ',');
    const auto value = word ? policy::parse_class_value(machine.key[i], *word) : std::nullopt;
    if (!value) return std::nullopt;
    key.push_back(*value);
  }
  return key;
}

// Between the clock of the file and ours.
class Clocks {
 public:
  std::int64_t to_wall(FsmTime time) const { return wall_ + since(time); }
  // Nothing was heard in the future, whatever somebody did to the clock.
  FsmTime to_steady(std::int64_t wall) const {
    return steady_ - std::chrono::milliseconds(std::clamp<std::int64_t>(wall_ - wall, 0, kYear));
  }

 private:
  static constexpr std::int64_t kYear = std::int64_t{366} * 86'400'000;
  std::int64_t since(FsmTime time) const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time - steady_).count();
  }

  FsmTime steady_ = Controller::Clock::now();
  std::int64_t wall_ = std::chrono::duration_cast<std::chrono::milliseconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count();
};

std::vector<RecordedInstance> instances_of(const policy::Machine& machine,
                                           const FsmStates::Machine& states, const Clocks& clocks) {
  std::vector<RecordedInstance> instances;
  for (const auto& [key, instance] : states) {
    instances.push_back({.of = text_of(machine, key),
                         .state = instance.state,
                         .heard = clocks.to_wall(instance.heard)});
  }
  return instances;
}

std::vector<RecordedFsm> states_of(const Controller& controller) {
  const Clocks clocks;
  std::vector<RecordedFsm> all;
  for (const exchange::Participant& each : controller.exchange().participants) {
    const auto view = controller.fsms(each.id);
    if (view.policy == nullptr) continue;
    for (std::size_t i = 0; i < view.policy->machines().size(); ++i) {
      const policy::Machine& machine = view.policy->machines()[i];
      auto instances = instances_of(machine, *view.states->machines[i], clocks);
      if (instances.empty()) continue;
      all.push_back({.fingerprint = fingerprint(machine, view.policy->events()),
                     .fsm = machine.name,
                     .participant = each.name,
                     .instances = std::move(instances)});
    }
  }
  return all;
}

// Empty: done. Else why not.
std::string put_into(const RecordedFsm& fsm, const policy::FsmPolicy& policy, FsmStates& states) {
  const auto machine = std::ranges::find(policy.machines(), fsm.fsm, &policy::Machine::name);
  if (machine == policy.machines().end()) return "there is no such fsm any more";
  if (fingerprint(*machine, policy.events()) != fsm.fingerprint) return "it is another fsm now";
  const Clocks clocks;
  FsmStates::Machine instances;
  for (const RecordedInstance& each : fsm.instances) {
    const auto key = key_of(*machine, each.of);
    if (!key || each.state >= machine->states) return "'" + each.of + "' is no instance of it";
    if (each.state == machine->initial) continue;
    instances.insert_or_assign(
        *key, FsmInstance{.state = each.state, .heard = clocks.to_steady(each.heard)});
  }
  const auto index = static_cast<std::size_t>(machine - policy.machines().begin());
  states.machines[index] = std::make_shared<const FsmStates::Machine>(std::move(instances));
  return {};
}

// Likewise.
std::string put_into(const RecordedFsm& fsm, Controller& controller) {
  const auto* participant = controller.exchange().find_participant(fsm.participant);
  if (participant == nullptr) return "there is no such participant any more";
  const auto view = controller.fsms(participant->id);
  if (view.policy == nullptr) return "the policy has no fsm any more";
  FsmStates states = *view.states;
  std::string problem = put_into(fsm, *view.policy, states);
  return problem.empty() ? controller.restore_states(participant->id, states) : problem;
}

}  // namespace

std::string format_states(const std::vector<RecordedFsm>& all) {
  std::string text = std::string(kFirstLine) + "\n";
  for (const RecordedFsm& fsm : all) {
    text += fmt::format("fsm {:016x} {} {}\n", fsm.fingerprint, fsm.fsm, fsm.participant);
    for (const RecordedInstance& each : fsm.instances) {
      text += fmt::format("{} {} {}\n", each.of, each.state, each.heard);
    }
  }
  return text;
}

std::optional<std::vector<RecordedFsm>> parse_states(std::string_view text) {
  if (take(text, '\n') != kFirstLine) return std::nullopt;
  std::vector<RecordedFsm> all;
  while (!text.empty()) {
    auto line = take(text, '\n');
    if (!line) return std::nullopt;
    constexpr std::string_view kFsm = "fsm ";
    if (line->starts_with(kFsm)) {
      auto fsm = parse_fsm(line->substr(kFsm.size()));
      if (!fsm) return std::nullopt;
      all.push_back(*std::move(fsm));
      continue;
    }
    auto instance = parse_instance(*line);
    if (!instance || all.empty()) return std::nullopt;
    all.back().instances.push_back(*std::move(instance));
  }
  return all;
}

// FNV-1a over a text that tells apart what moves otherwise (see policy::moves_alike()).
std::uint64_t fingerprint(const policy::Machine& machine,
                          const std::vector<policy::Event>& events) {
  std::string text = machine.name + "\n";
  const auto add_states = [&text](const std::vector<policy::StateId>& states) {
    for (const policy::StateId each : states) text += fmt::format("{} ", each);
    text += '\n';
  };
  for (const policy::FieldWord& each : machine.key) text += fmt::format("key {}\n", each.name);
  for (const policy::Variable& each : machine.variables) {
    text += fmt::format("var {} {} {}\n", each.name, each.initial, fmt::join(each.values, " "));
  }
  for (const policy::Input& each : machine.inputs) {
    const policy::Event& event = events[each.event];
    text += fmt::format("on {} {} from {}\n", event.name, fmt::join(event.values, " "),
                        event.source.value_or(""));
    for (const auto& next : each.next) add_states(next);
  }
  for (const policy::Timeout& each : machine.timeouts) {
    text += fmt::format("after {}\n", each.after.count());
    add_states(each.next);
  }
  std::uint64_t digest = 0xcbf29ce484222325U;
  for (const char each : text) {
    digest = (digest ^ static_cast<unsigned char>(each)) * 0x100000001b3U;
  }
  return digest;
}

FsmRecord::FsmRecord(io::EventLoop& loop, Controller& controller, std::string path)
    : controller_(controller), path_(std::move(path)), timer_(loop, [this] { write(); }) {}

FsmRecord::~FsmRecord() {
  if (!keeps_) return;
  controller_.on_states = nullptr;
  if (timer_.is_running()) write();
}

std::vector<std::string> FsmRecord::restore() {
  std::error_code unknown;
  if (!std::filesystem::exists(path_, unknown)) return {};
  const auto text = io::read_file(path_, kMostOctets);
  const auto all = text ? parse_states(*text) : std::nullopt;
  if (!all) return {"states of fsms not taken over: " + path_ + " is no record of them"};
  std::vector<std::string> problems;
  for (const RecordedFsm& fsm : *all) {
    const std::string problem = put_into(fsm, controller_);
    if (problem.empty()) continue;
    problems.push_back(fmt::format("states of fsm {} of {} not taken over: {}", fsm.fsm,
                                   fsm.participant, problem));
  }
  return problems;
}

void FsmRecord::keep() {
  keeps_ = true;
  controller_.on_states = [this] { changed(); };
  write();
}

void FsmRecord::changed() {
  if (timer_.is_running()) return;
  timer_.start_at(std::max(io::EventLoop::now(), written_ + kLeastBetween));
}

void FsmRecord::write() {
  written_ = io::EventLoop::now();
  const std::string text = format_states(states_of(controller_));
  const auto done =
      text.size() > kMostOctets ? fail(Error{"there are too many"}) : io::replace_file(path_, text);
  if (!done) {
    io::log_warning("controller",
                    fmt::format("states of fsms not recorded reason=\"{}\"", done.error().message));
  }
}

}  // namespace fabrix::controller
