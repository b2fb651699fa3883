// What a JSON object says, read as sFlow-RT's users write it: numbers and flags may be texts ("2",
// "true"), and lists of texts one text with commas.
//
// Each function returns nothing if the key is not there, and fails if it is of another type.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

namespace fabrix::analyzer {

// The body of a request.
Result<boost::json::object> parse_object(const std::string& body);

Result<std::optional<std::string>> text_in(const boost::json::object& object, std::string_view key);
Result<std::optional<double>> number_in(const boost::json::object& object, std::string_view key);
Result<std::optional<bool>> flag_in(const boost::json::object& object, std::string_view key);

using Lists = std::map<std::string, std::vector<std::string>>;

// {"a": ["x", "y"], "b": "z"}; numbers are texts.
Result<Lists> lists_of(const boost::json::object& object);
boost::json::object to_json(const Lists& lists);

// Whole numbers without a fraction.
boost::json::value number_json(double number);

}  // namespace fabrix::analyzer
