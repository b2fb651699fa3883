// Reading the JSON files of the RPKI: typed fields, with errors that say where.
//
// For sources of this module. Pure; any thread.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.h"
#include "net/asn.h"
#include "net/prefix.h"
#include "rpki/vrp.h"

namespace fabrix::rpki {

// The text as JSON, which must be an object.
Result<boost::json::value> parse_json_object(std::string_view text);

// "where: message".
Error error_at(std::string_view where, std::string_view message);

// The elements of the array `name`; null if `object` has no such member and it may be missing.
enum class Presence { kRequired, kOptional };
Result<const boost::json::array*> read_array(const boost::json::object& object,
                                             std::string_view name, Presence presence);

// The value as an object.
Result<const boost::json::object*> read_object(const boost::json::value& value,
                                               std::string_view where);

// Fails if the object has members of other names.
Result<void> allow_only(const boost::json::object& object,
                        std::initializer_list<std::string_view> names);

// The member; none if there is none. Each fails if the member is not what it should be.
Result<std::optional<net::Prefix>> read_prefix(const boost::json::object& object,
                                               std::string_view name);
// 64500, "64500" or "AS64500".
Result<std::optional<net::Asn>> read_asn(const boost::json::object& object, std::string_view name);
// The array `name`, which there must be; at most kMaxProvidersOfOne numbers.
Result<std::vector<net::Asn>> read_asns(const boost::json::object& object, std::string_view name);
Result<std::optional<std::int64_t>> read_number(const boost::json::object& object,
                                                std::string_view name);

// prefix, asn and the maximum length of the name given, which is the prefix length if missing.
Result<Vrp> read_vrp(const boost::json::object& object, std::string_view max_length_name);

}  // namespace fabrix::rpki
