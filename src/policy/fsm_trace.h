// counterexample(): why a property does not hold, as a run of the machine for people:
//
//     start                    state=out
//     1. authenticated=true    state=in
//     2. infected=true         state=in
//     state == quarantined does not hold here
//
// A run that goes on for ever ends with the step that it repeats from. Of all runs a shortest one
// to the state that matters. Pure.
#pragma once

#include <string>
#include <vector>

#include "policy/fsm_machine.h"
#include "policy/fsm_model.h"

namespace fabrix::policy {

// `property` must not hold in the initial state of `machine`, whose model `model` is.
std::string counterexample(const Machine& machine, const std::vector<Event>& events,
                           const Model& model, const Property& property);

}  // namespace fabrix::policy
