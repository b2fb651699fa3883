// Routes as JSON: one shape for every list of them, and for those that a client is told.
//
//   prefix, participant, router, address, next_hop, as_path, origin ("igp", "egp", "incomplete"),
//   med, communities ["65000:1"], extended_communities ["rt:65000:1", "0x..."],
//   large_communities ["65000:1:2"], only_to_customer, rpki ("valid", "invalid", "not-found",
//   or "off" where the exchange has no RPKI source),
//   age_seconds, flags ["stale"], state ("accepted", "rejected"), reason, reason_code
//
// What there is not is left out, but for prefix to origin, rpki and state. Pure.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "controller/controller.h"
#include "net/prefix.h"
#include "routeserver/route.h"

namespace fabrix::api {

std::string to_text(bgp::Community community);  // "65000:1"
std::string to_text(const bgp::LargeCommunity& community);
// RFC 4360: "rt:65000:1" and "ro:...:..." for route targets and origins; else "0x" and 16 digits.
std::string to_text(bgp::ExtendedCommunity community);

// The attributes from as_path to only_to_customer.
void add_attributes(const bgp::PathAttributes& attributes, boost::json::object& object);

boost::json::object route_json(const controller::Controller& controller, const net::Prefix& prefix,
                               const routeserver::Route& route);

}  // namespace fabrix::api
