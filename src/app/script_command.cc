// `fabrix script`: the scripts beside a telemetry engine, asked over its HTTP port.
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "app/arguments.h"
#include "app/commands.h"
#include "app/engine_call.h"
#include "app/table.h"
#include "http/target.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsage =
    "usage: fabrix script list [--json] [--rest ADDRESS[:PORT]]\n"
    "       fabrix script run|stop|log NAME [--rest ADDRESS[:PORT]]\n"
    "\n"
    "The scripts beside a telemetry engine (docs/scripts.md): which there are and what they have\n"
    "used, begin one again, stop one, or show what it has logged of late. A script that is "
    "stopped\n"
    "runs again when the engine begins again.\n"
    "\n"
    "  --rest  where the engine answers over HTTP; default 127.0.0.1:8008\n"
    "\n"
    "Ends with 3 if there is no such script, 5 if no engine answers.\n";

// Name, state and what it has used: a row for each.
json::array rows_of(const json::object& scripts) {
  constexpr std::array<std::pair<const char*, const char*>, 8> kColumns{
      {{"state", "state"},
       {"starts", "starts"},
       {"works", "work"},
       {"errors", "errors"},
       {"calls", "calls"},
       {"worksLost", "lost"},
       {"cpuTime", "cpu ms"},
       {"lastError", "last error"}}};
  json::array rows;
  for (const auto& [name, status] : scripts) {
    json::object row{{"script", printable(name)}};
    for (const auto& [key, title] : kColumns) {
      const auto* const value = status.as_object().if_contains(key);
      if (value == nullptr) continue;
      row[title] = value->is_string() ? json::value(printable(value->get_string())) : *value;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

ExitCode list(const http::IncomingResponse& response, const Arguments& arguments) {
  const auto scripts = read_answer(response);
  if (!scripts) return complain(ExitCode::kFailed, scripts.error().message);
  if (arguments.has("--json")) {
    fmt::print("{}\n", response.body);
  } else {
    fmt::print("{}", render_table(rows_of(scripts->as_object())));
  }
  return ExitCode::kOk;
}

http::OutgoingRequest request_for(const std::string& verb, const std::string& name) {
  http::OutgoingRequest request;
  if (verb == "list") {
    request.target = "/scripts/json";
    return request;
  }
  request.target =
      "/scripts/" + http::percent_encode(name) + (verb == "log" ? "/log/txt" : "/json");
  if (verb == "log") return request;
  request.method = "PUT";
  request.body = verb == "run" ? R"({"state":"running"})" : R"({"state":"stopped"})";
  return request;
}

}  // namespace

ExitCode script_command(Words words) {
  const auto arguments =
      Arguments::parse(words, {.valued = {"--rest"}, .switches = {"--json", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  const std::vector<std::string>& asked = arguments->words();
  if (asked.empty()) return misused(kUsage);
  const auto verb = complete(asked[0], {"list", "run", "stop", "log"});
  if (!verb) return complain(ExitCode::kUsage, verb.error().message);
  if (asked.size() != (*verb == "list" ? 1U : 2U)) return misused(kUsage);
  const auto engine = engine_of(*arguments);
  if (!engine) return complain(ExitCode::kUsage, engine.error().message);
  const std::string name = asked.size() > 1 ? asked[1] : "";
  const auto response = ask_engine(*engine, request_for(*verb, name));
  if (!response) return complain(ExitCode::kUnreachable, response.error().message);
  if (response->status == 404) return complain(ExitCode::kNotFound, "no script is called " + name);
  if (response->status >= 300) {
    return complain(ExitCode::kFailed, fmt::format("the engine says {}", response->status));
  }
  if (*verb == "list") return list(*response, *arguments);
  if (*verb == "log") fmt::print("{}", response->body);
  return ExitCode::kOk;
}

}  // namespace fabrix::app
