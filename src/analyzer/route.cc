#include "analyzer/route.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "analyzer/json_fields.h"

namespace fabrix::analyzer {

http::Response json_answer(const boost::json::value& value) {
  return http::json_response(200, boost::json::serialize(value));
}

http::Response text_answer(std::string text) {
  return http::text_response(200, std::move(text));
}

http::Response no_content() {
  return {.status = 204, .headers = {}, .body = {}};
}

http::Response done_or_why(const Result<void>& result) {
  return result ? no_content() : bad_request(result.error());
}

http::Response bad_request(const Error& error) {
  return http::problem(400, error.message);
}

http::Response missing(std::string_view kind, std::string_view name) {
  return http::problem(404, fmt::format("there is no {} '{}'", kind, name));
}

std::int64_t milliseconds(telemetry::Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).count();
}

boost::json::array numbers_json(const std::vector<double>& numbers) {
  boost::json::array array;
  for (const double number : numbers) array.push_back(number_json(number));
  return array;
}

bool is_listed(std::string_view name, std::string_view list) {
  if (list.empty()) return true;
  while (!list.empty()) {
    const std::string_view one = list.substr(0, list.find(','));
    if (one == name) return true;
    list.remove_prefix(std::min(one.size() + 1, list.size()));
  }
  return false;
}

}  // namespace fabrix::analyzer
