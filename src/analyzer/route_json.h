// What a script says of a route that is to be announced, as topPrefixes tells routes:
//
//   {"prefix": "198.51.100.7", "nexthop": "192.0.2.1", "communities": "65535:666", "localpref":
//   100,
//    "aspath": "65001-65002", "med": 5, "origin": "IGP"}
//
// An address alone is the prefix of that host. Communities and paths are separated by '-', ',' or
// spaces, or are lists. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.h"
#include "bgp/path_attributes.h"
#include "net/prefix.h"
#include "speaker/announcement.h"

namespace fabrix::analyzer {

// "192.0.2.0/24"; "192.0.2.1" as "192.0.2.1/32".
Result<net::Prefix> parse_prefix(std::string_view text);

struct PushedRoute {
  net::Prefix prefix = net::Prefix::all(net::Family::kIpv4);
  speaker::Announcement route;
};

Result<PushedRoute> parse_route(const boost::json::object& object);

// What stands between '-', ',' and spaces.
std::vector<std::string_view> words_of(std::string_view text);

// Numbers between colons that fit `limits`, which are largest values. None: it is something else.
std::optional<std::vector<std::uint32_t>> numbers_of(std::string_view text,
                                                     std::span<const std::uint32_t> limits);

}  // namespace fabrix::analyzer
