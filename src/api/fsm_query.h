// `show fsm`: the finite-state policies of members: what they listen to, which of their instances
// are out of their initial state, and what happened last.
//
// Read-only; control thread.
#pragma once

#include <optional>
#include <string_view>

#include <boost/json/value.hpp>

#include "api/answer.h"
#include "api/queries.h"
#include "controller/fsm_states.h"

namespace fabrix::api {

// Of the fsms of that name, or of all. An array of
//
//   participant, fsm, per ["srcip"], initial "state=out", states (how many)
//   events       [{"event", "values" ["false", "true"], "source"}]
//   timeouts     ["30m"]
//   instances    [{"class" "srcip=10.0.0.1", "state" "state=in", "idle_seconds"}]
//   transitions  the last of the participant's policy, newest first: to_json() below, with
//                "seconds_ago"
Answer show_fsm(const Sources& sources, std::optional<std::string_view> name);

// fsm, class, from, to, cause
boost::json::object to_json(const controller::FsmTransition& transition);

}  // namespace fabrix::api
