// What `fabrix show flowspec` says: every flow specification that members announce, in order of
// precedence (RFC 8955 §5.1), with what became of it; and members of whom rules were refused.
//
//   rule, announcer (router), participant, actions, state: accepted, invalid or over cap, reason,
//   told (routers)
//
// Read-only; control thread.
#pragma once

#include <boost/json/value.hpp>

#include "api/queries.h"

namespace fabrix::api {

boost::json::value show_flowspec(const Sources& sources);

}  // namespace fabrix::api
