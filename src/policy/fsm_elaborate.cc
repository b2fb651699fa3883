#include "policy/fsm_elaborate.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "policy/fsm_condition.h"
#include "policy/fsm_machine_checker.h"
#include "policy/fsm_model.h"
#include "policy/fsm_trace.h"

namespace fabrix::policy {
namespace {

// Properties, until the work is done or too much.
class PropertyChecker {
 public:
  PropertyChecker(const std::vector<Event>& events, Report& report)
      : events_(events), report_(report) {}

  void check(const MachineSyntax& syntax, const Machine& machine) {
    if (syntax.checks.empty()) return;
    const Model model(machine);
    const Conditions conditions(machine, nullptr, report_);
    for (const FormulaPtr& each : syntax.checks) {
      const PropertyPtr property = conditions.property(*each);
      if (property == nullptr) continue;
      work_ += size_of(*property) * (model.transitions() + model.states());
      if (work_ > kMaxModelWork) {
        return report_.error("P0510", each->at,
                             "the properties of this policy take too long to check",
                             "fewer or smaller ones, or an fsm with fewer states");
      }
      if (model.holds(*property)[machine.initial]) continue;
      report_.add({.severity = Severity::kError,
                   .code = "P0505",
                   .message = "fsm '" + machine.name + "' does not have this property",
                   .file = {},
                   .at = each->at,
                   .witness = counterexample(machine, events_, model, *property),
                   .help = {}});
    }
  }

 private:
  const std::vector<Event>& events_;
  Report& report_;
  std::size_t work_ = 0;
};

std::vector<Event> check_events(const File& file, Report& report) {
  std::vector<Event> events;
  for (const EventSyntax& each : file.events) {
    const auto same = [&each](const Event& other) { return other.name == each.name.text; };
    if (std::any_of(events.begin(), events.end(), same)) {
      report.error("P0503", each.name.at, "event " + quoted(each.name.text) + " is given twice");
    }
    if (events.size() == kMaxEvents) {
      report.error("P0510", each.name.at,
                   "a policy has at most " + std::to_string(kMaxEvents) + " events");
      break;
    }
    auto values = values_of(each.domain, report);
    Event event{std::string(each.name.text), {}, std::nullopt};
    if (values) event.values = *std::move(values);
    if (each.source) event.source = std::string(each.source->text);
    events.push_back(std::move(event));
  }
  return events;
}

void note_unheard(const File& file, const Fsms& fsms, Report& report) {
  for (std::uint32_t i = 0; i < fsms.events.size(); ++i) {
    const bool heard = std::any_of(fsms.machines.begin(), fsms.machines.end(),
                                   [i](const Machine& each) { return each.input(i) != nullptr; });
    if (heard) continue;
    report.warning("P0508", file.events[i].name.at,
                   "no fsm listens to event " + quoted(fsms.events[i].name));
  }
}

}  // namespace

Fsms check_fsms(const File& file, Report& report) {
  Fsms fsms;
  Report of_events = report.aside();
  fsms.events = check_events(file, of_events);
  for (Diagnostic& each : of_events.take()) report.add(std::move(each));
  if (file.machines.size() > kMaxMachines) {
    report.error("P0510", file.machines[kMaxMachines].name.at,
                 "a policy has at most " + std::to_string(kMaxMachines) + " fsms");
    return fsms;
  }
  // Who listens to an event that could not be read is no mistake.
  if (of_events.failed() || file.lost_events) return fsms;
  PropertyChecker properties(fsms.events, report);
  for (const MachineSyntax& each : file.machines) {
    auto machine = check_machine(each, fsms.events, report);
    if (!machine) continue;
    properties.check(each, *machine);
    fsms.machines.push_back(*std::move(machine));
  }
  if (!report.failed()) note_unheard(file, fsms, report);
  return fsms;
}

std::optional<StateSet> states_where(const FormulaPtr& condition, const Machine& machine,
                                     Report& report) {
  const Conditions conditions(machine, nullptr, report);
  const auto checked = conditions.read(condition);
  if (!checked) return std::nullopt;
  return conditions.states_where(*checked);
}

}  // namespace fabrix::policy
