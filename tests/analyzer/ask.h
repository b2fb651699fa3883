// Asks the analyzer's routes, as a client over HTTP would.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "analyzer/router.h"
#include "http/message.h"
#include "http/target.h"
#include "telemetry/engine.h"

namespace fabrix::analyzer {

inline http::Response ask(telemetry::Engine& engine, http::Method method, std::string_view target,
                          std::string body = {}) {
  http::Request request;
  request.method = method;
  request.target = http::parse_target(target).value();
  request.body = std::move(body);
  return all_routes().answer(engine, request);
}

inline http::Response put(telemetry::Engine& engine, std::string_view target, std::string body) {
  return ask(engine, http::Method::kPut, target, std::move(body));
}

inline http::Response remove(telemetry::Engine& engine, std::string_view target) {
  return ask(engine, http::Method::kDelete, target);
}

inline http::Response get(telemetry::Engine& engine, std::string_view target) {
  return ask(engine, http::Method::kGet, target);
}

inline std::string body_of(const http::Response& response) {
  return std::get<std::string>(response.body);
}

// The JSON at the path.
inline boost::json::value json_at(telemetry::Engine& engine, std::string_view target) {
  return boost::json::parse(body_of(get(engine, target)));
}

}  // namespace fabrix::analyzer
