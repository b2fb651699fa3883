#include "analyzer/json_fields.h"

#include <cmath>
#include <cstdint>
#include <system_error>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/number.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;

// Deeper than any object that means something here.
constexpr std::size_t kMaxDepth = 8;

std::optional<std::string> scalar_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_number() || value.is_bool()) return json::serialize(value);
  return std::nullopt;
}

tl::unexpected<Error> not_a(std::string_view key, std::string_view what) {
  return fail(Error{fmt::format("'{}' is {}", key, what)});
}

}  // namespace

Result<json::object> parse_object(const std::string& body) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::system::error_code error;
  const json::value value = json::parse(body, error, json::storage_ptr(), options);
  if (error) return fail(Error{"the body is no JSON: " + error.message()});
  if (!value.is_object()) return fail(Error{"the body is no JSON object"});
  return value.get_object();
}

Result<std::optional<std::string>> text_in(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return std::optional<std::string>();
  if (!value->is_array()) {
    auto text = scalar_text(*value);
    if (!text) return not_a(key, "a text");
    return text;
  }
  std::string all;
  for (const json::value& item : value->get_array()) {
    const auto text = scalar_text(item);
    if (!text) return not_a(key, "a text or a list of texts");
    if (!all.empty()) all += ',';
    all += *text;
  }
  return std::optional(std::move(all));
}

Result<std::optional<double>> number_in(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return std::optional<double>();
  if (value->is_number()) return std::optional(value->to_number<double>());
  if (!value->is_string()) return not_a(key, "a number");
  const auto number = parse_number<double>(value->get_string());
  if (number && std::isfinite(*number)) return number;
  return not_a(key, "a number");
}

Result<std::optional<bool>> flag_in(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return std::optional<bool>();
  if (value->is_bool()) return std::optional(value->get_bool());
  const auto text = scalar_text(*value);
  if (text == "true") return std::optional(true);
  if (text == "false") return std::optional(false);
  return not_a(key, "true or false");
}

Result<Lists> lists_of(const json::object& object) {
  Lists lists;
  for (const auto& [key, value] : object) {
    std::vector<std::string>& list = lists[std::string(key)];
    if (const auto text = scalar_text(value)) {
      list.push_back(*text);
      continue;
    }
    if (!value.is_array()) return not_a(key, "a list of texts");
    for (const json::value& item : value.get_array()) {
      auto text = scalar_text(item);
      if (!text) return not_a(key, "a list of texts");
      list.push_back(*std::move(text));
    }
  }
  return lists;
}

json::object to_json(const Lists& lists) {
  json::object object;
  for (const auto& [name, items] : lists) {
    object[name] = json::array(items.begin(), items.end());
  }
  return object;
}

json::value number_json(double number) {
  constexpr double kExact = 9e15;
  if (number == std::floor(number) && std::abs(number) < kExact) {
    return static_cast<std::int64_t>(number);
  }
  return number;
}

}  // namespace fabrix::analyzer
