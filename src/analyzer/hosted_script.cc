#include "analyzer/hosted_script.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <utility>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "analyzer/record_routes.h"
#include "analyzer/threshold_routes.h"
#include "io/log.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds kSaveEvery{1000};
// So often it is looked whether a script has answered.
constexpr Milliseconds kAnswerEvery{5};
constexpr double kShortestInterval = 0.1;   // seconds
constexpr double kLongestInterval = 86400;  // seconds

io::LogLevel level_of(std::string_view name) {
  if (name == "SEVERE") return io::LogLevel::kError;
  if (name == "WARNING") return io::LogLevel::kWarning;
  return name == "INFO" ? io::LogLevel::kInfo : io::LogLevel::kDebug;
}

std::string text_at(const json::array& arguments, std::size_t index) {
  const bool is_text = index < arguments.size() && arguments[index].is_string();
  return is_text ? std::string(arguments[index].get_string()) : std::string();
}

json::object to_json(const http::Request& request, std::span<const std::string> path) {
  json::object query;
  for (const http::Parameter& parameter : request.target.parameters) {
    json::value& values = query[parameter.name];
    if (!values.is_array()) values = json::array();
    values.get_array().emplace_back(parameter.value);
  }
  json::object headers;
  for (const http::Header& header : request.headers) headers[header.name] = header.value;
  json::array above;
  for (const std::string& part : path.first(path.size() - 1)) above.emplace_back(part);
  return {{"method", to_string(request.method)},
          {"path", std::move(above)},
          {"format", path.back()},
          {"query", std::move(query)},
          {"headers", std::move(headers)},
          {"body", request.body}};
}

// What the script says, if it is well-formed.
http::Response response_of(const json::value* result) {
  const auto* const object = result == nullptr ? nullptr : result->if_object();
  if (object == nullptr) return http::problem(503, "the script does not answer");
  const auto* const status = object->if_contains("status");
  const auto* const type = object->if_contains("type");
  const auto* const body = object->if_contains("body");
  if (status == nullptr || !status->is_int64() || status->get_int64() < 200 ||
      status->get_int64() > 599 || type == nullptr || !type->is_string() || body == nullptr ||
      !body->is_string()) {
    return http::problem(503, "the script does not answer");
  }
  return {.status = static_cast<unsigned>(status->get_int64()),
          .headers = {{"Content-Type", std::string(type->get_string())}},
          .body = std::string(body->get_string())};
}

}  // namespace

// NOLINTNEXTLINE(readability-function-size): what it is about, put together in one place
HostedScript::HostedScript(io::EventLoop& loop, telemetry::Engine& engine, const Router& routes,
                           RouterSessions& sessions, json::object& shared,
                           HostedScriptOptions options)
    : options_(std::move(options)),
      store_(options_.store_file),
      outlet_(loop, options_.allowed, options_.ca_file,
              std::filesystem::path(options_.script.file).parent_path().string()),
      commands_(loop, options_.commands),
      bgp_(sessions),
      world_{.engine = engine,
             .routes = routes,
             .shared = shared,
             .store = store_,
             .outlet = outlet_,
             .commands = commands_,
             .bgp = bgp_,
             .directory = std::filesystem::path(options_.script.file).parent_path().string(),
             .deliver = [this](json::object work) { script_.deliver(std::move(work)); }},
      bell_(loop, [this] { ring(); }),
      save_(loop, [this] { save(); }),
      script_(loop, options_.script,
              {.on_call =
                   [this](std::string_view name, const json::array& arguments, auto answer) {
                     answer_script(world_, name, arguments, std::move(answer));
                   },
               .on_tell = [this](std::string_view name,
                                 const json::array& arguments) { told(name, arguments); },
               .on_trouble = [this](const std::string& text) { note("SEVERE", text); },
               .on_start = [this] { begin(); }}) {
  save_.start(kSaveEvery);
}

HostedScript::~HostedScript() {
  stop();
}

void HostedScript::stop() {
  script_.stop();
  begin();
  save();
}

bool HostedScript::Interest::has(const std::string& name) const {
  return in_all || std::ranges::find(names, name) != names.end();
}

// What the process before this one wanted is forgotten.
void HostedScript::begin() {
  outlet_.clear();
  commands_.clear();
  bgp_.clear();
  in_events_ = {};
  in_flows_ = {};
  bell_.cancel();
  is_rung_ = false;
}

void HostedScript::told(std::string_view name, const json::array& arguments) {
  if (name == "log") return note(text_at(arguments, 0), text_at(arguments, 1));
  if (arguments.empty()) return;
  const json::value& first = arguments.front();
  if (name == "interval" && first.is_number()) {
    const double seconds = first.to_number<double>();
    bell_.cancel();
    if (!(seconds > 0)) return;
    every_ = Milliseconds(
        static_cast<long long>(1000 * std::clamp(seconds, kShortestInterval, kLongestInterval)));
    bell_.start(every_);
  } else if (name == "events" || name == "flows") {
    Interest interest{.in_all = first.is_null(), .names = {}};
    if (const auto* const names = first.if_array()) {
      for (std::size_t i = 0; i < names->size(); ++i) interest.names.push_back(text_at(*names, i));
    }
    (name == "events" ? in_events_ : in_flows_) = std::move(interest);
  }
}

void HostedScript::note(std::string_view level, std::string_view text) {
  const auto line = log_.add(level, text, std::chrono::system_clock::now(), io::EventLoop::now());
  if (line) io::log(level_of(level), "script", fmt::format("{}: {}", options_.name, *line));
}

// One that has not answered yet hears nothing more of the time.
void HostedScript::ring() {
  bell_.start(every_);
  if (std::exchange(is_rung_, true)) return;
  const auto now =
      std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  script_.deliver({{"do", "interval"}, {"now", now.count()}},
                  [this](const json::value*) { is_rung_ = false; });
}

void HostedScript::save() {
  save_.start(kSaveEvery);
  if (auto done = store_.save(); !done) note("SEVERE", "store: " + done.error().message);
}

void HostedScript::hear(std::span<const telemetry::Event> events) {
  json::array items;
  for (const telemetry::Event& event : events) {
    if (in_events_.has(event.threshold_name)) items.push_back(event_json(event));
  }
  if (!items.empty()) script_.deliver({{"do", "events"}, {"items", std::move(items)}});
}

void HostedScript::hear(std::span<const telemetry::FlowRecord> records) {
  json::array items;
  for (const telemetry::FlowRecord& record : records) {
    if (in_flows_.has(record.name)) items.push_back(record_json(record));
  }
  if (!items.empty()) script_.deliver({{"do", "flows"}, {"items", std::move(items)}});
}

void HostedScript::hear(const net::IpAddress& router, speaker::NeighborState state) {
  const bool is_up = state == speaker::NeighborState::kEstablished;
  if (!is_up) bgp_.closed(router);
  if (!bgp_.watches(router)) return;
  script_.deliver({{"do", is_up ? "bgpOpen" : "bgpClose"}, {"router", router.to_string()}});
}

http::Response HostedScript::answer(const http::Request& request,
                                    std::span<const std::string> path) {
  if (path.empty()) return http::problem(404, "there is nothing at this path: end it with /json");
  if (asking_ >= kMaxAsking) return http::problem(503, "too many wait for the script");
  ++asking_;
  const auto answered = std::make_shared<std::optional<http::Response>>();
  script_.deliver({{"do", "http"}, {"request", to_json(request, path)}},
                  [this, answered](const json::value* result) {
                    --asking_;
                    *answered = response_of(result);
                  });
  return http::later_response([answered] { return std::exchange(*answered, std::nullopt); },
                              kAnswerEvery);
}

json::object HostedScript::status() const {
  const script::ScriptCounters& counters = script_.counters();
  const auto cpu = std::chrono::duration_cast<Milliseconds>(script_.cpu_time());
  json::object object{{"file", options_.script.file},   {"state", to_string(script_.state())},
                      {"starts", counters.starts},      {"ends", counters.ends},
                      {"works", counters.works},        {"errors", counters.errors},
                      {"calls", counters.calls},        {"callsRefused", counters.refused},
                      {"worksLost", counters.lost},     {"waits", counters.waits},
                      {"linesDropped", log_.dropped()}, {"cpuTime", cpu.count()}};
  if (script_.pid() > 0) object["pid"] = script_.pid();
  if (!script_.trouble().empty()) object["lastError"] = script_.trouble();
  return object;
}

}  // namespace fabrix::analyzer
