#include "api/fsm_query.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "io/event_loop.h"
#include "policy/fsm_policy.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

std::int64_t seconds_since(controller::FsmTime then) {
  return std::chrono::duration_cast<std::chrono::seconds>(io::EventLoop::now() - then).count();
}

json::array strings(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& each : texts) array.push_back(json::string(each));
  return array;
}

json::array events_of(const policy::FsmPolicy& policy, const policy::Machine& machine) {
  json::array events;
  for (const policy::Input& input : machine.inputs) {
    const policy::Event& event = policy.events()[input.event];
    json::object object{{"event", event.name}, {"values", strings(event.values)}};
    if (event.source) object["source"] = *event.source;
    events.push_back(std::move(object));
  }
  return events;
}

json::array instances_of(const policy::Machine& machine,
                         const controller::FsmStates::Machine& states) {
  json::array instances;
  for (const auto& [key, instance] : states) {
    instances.push_back(json::object{{"class", policy::describe_class(machine, key)},
                                     {"state", policy::describe(machine, instance.state)},
                                     {"idle_seconds", seconds_since(instance.heard)}});
  }
  return instances;
}

json::array transitions_of(const std::vector<controller::FsmTransition>& all,
                           const std::string& machine) {
  json::array transitions;
  for (auto each = all.rbegin(); each != all.rend(); ++each) {
    if (each->fsm != machine) continue;
    json::object object = to_json(*each);
    object["seconds_ago"] = seconds_since(each->at);
    transitions.push_back(std::move(object));
  }
  return transitions;
}

json::object machine_json(const controller::Controller::FsmView& view, std::size_t index) {
  const policy::Machine& machine = view.policy->machines()[index];
  json::array key;
  for (const policy::FieldWord& each : machine.key) key.push_back(json::string(each.name));
  json::array timeouts;
  for (const policy::Timeout& each : machine.timeouts) {
    timeouts.push_back(json::string(policy::duration_text(each.after)));
  }
  return {{"fsm", machine.name},
          {"per", std::move(key)},
          {"initial", policy::describe(machine, machine.initial)},
          {"states", machine.states},
          {"events", events_of(*view.policy, machine)},
          {"timeouts", std::move(timeouts)},
          {"instances", instances_of(machine, *view.states->machines[index])},
          {"transitions", transitions_of(*view.transitions, machine.name)}};
}

}  // namespace

json::object to_json(const controller::FsmTransition& transition) {
  return {{"fsm", transition.fsm},
          {"class", transition.of},
          {"from", transition.from},
          {"to", transition.to},
          {"cause", transition.cause}};
}

Answer show_fsm(const Sources& sources, std::optional<std::string_view> name) {
  json::array rows;
  std::vector<std::string> known;
  for (const exchange::Participant& each : sources.controller->exchange().participants) {
    const auto view = sources.controller->fsms(each.id);
    if (view.policy == nullptr) continue;
    for (std::size_t i = 0; i < view.policy->machines().size(); ++i) {
      known.push_back(view.policy->machines()[i].name);
      if (name && *name != known.back()) continue;
      json::object row{{"participant", each.name}};
      for (auto& field : machine_json(view, i)) row[field.key()] = std::move(field.value());
      rows.push_back(std::move(row));
    }
  }
  if (name && rows.empty()) {
    return not_found(fmt::format("no fsm is called '{}'{}", *name, did_you_mean(*name, known)));
  }
  return json::value(std::move(rows));
}

}  // namespace fabrix::api
