// {"command":"event"}: something happened that the fsms of a member's policy listen to.
//
//   {"command":"event","participant":"A","event":"authenticated","source":"radius",
//    "srcip":"10.0.0.1","value":true}
//
// Without "participant" it is for the one policy that has an event of that name. "source" says who
// tells it, where the policy asks for that. "value" and the fields of the class are texts, numbers
// or booleans. The answer is
//
//   {"participant","event","transitions":[{"fsm","class","from","to","cause"}]}
//
// where no transitions mean that nothing changed. An event that the policy does not know, that has
// a field too few or too many, or a value that it cannot have, is refused and changes nothing.
// Control thread.
#pragma once

#include <boost/json/object.hpp>

#include "api/answer.h"
#include "controller/controller.h"

namespace fabrix::api {

Answer send_event(controller::Controller& controller, const boost::json::object& request,
                  controller::FsmTime now);

}  // namespace fabrix::api
