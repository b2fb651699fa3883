// What birdwatcher's documents are made of, as JSON text (see api/birdwatcher.h for their shape).
#pragma once

#include <chrono>
#include <string>

#include <boost/json/object.hpp>

#include "api/looking_glass.h"
#include "net/asn.h"

namespace fabrix::api {

// "2026-05-04 10:11:12", UTC.
std::string bird_time(std::chrono::system_clock::time_point time);

// `"api":{...},"ttl":"..."`: what every document begins with, after its brace.
std::string birdwatcher_envelope(std::chrono::system_clock::time_point now);

boost::json::object birdwatcher_status(const RouteServerStatus& status,
                                       std::chrono::system_clock::time_point now);

// One protocol of /protocols/bgp, and of /protocols/short.
boost::json::object birdwatcher_protocol(const Neighbor& neighbor);
boost::json::object birdwatcher_short_protocol(const Neighbor& neighbor);

struct RouteContext {
  net::Asn route_server;
  std::chrono::system_clock::time_point now;
};

// Appends one route as an object.
void append_route(std::string& out, const RouteView& route, const RouteContext& context);

}  // namespace fabrix::api
