// `fabrix traffic`: who sends how much to whom, as the telemetry engine of an exchange sees it.
#include <string>
#include <string_view>

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
    "usage: fabrix traffic [VIEW] [--rows N] [--json] [--rest ADDRESS[:PORT]]\n"
    "\n"
    "The traffic of an exchange by its telemetry engine (exchange.telemetry), the largest first:\n"
    "rates of the last seconds, and what there was since the row began.\n"
    "\n"
    "  VIEW    what about it: matrix, member by member, if nothing is said; `fabrix traffic "
    "views`\n"
    "          tells which there are (docs/telemetry.md)\n"
    "  --rows  at most so many; default 20\n"
    "  --rest  where the engine answers over HTTP; default 127.0.0.1:8008\n"
    "\n"
    "Ends with 3 if there is no such view, 5 if no engine answers.\n";

// "12.3 M", of what is counted.
std::string scaled(double value) {
  constexpr std::string_view kUnits = " kMGTPE";
  std::size_t unit = 0;
  for (; value >= 999.95 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return unit == 0 ? fmt::format("{:.0f}", value) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

// What the row is about, as it is called, and its figures in units that can be read.
json::object readable(const json::object& row) {
  json::object shown;
  for (const auto& [key, value] : row) {
    if (value.is_string()) shown[key] = printable(value.get_string());
  }
  const auto figure = [&](const char* key) {
    const json::value* const value = row.if_contains(key);
    return value != nullptr && value->is_number() ? value->to_number<double>() : 0.0;
  };
  shown["bit/s"] = scaled(8 * figure("bytesPerSecond"));
  shown["frames/s"] = scaled(figure("framesPerSecond"));
  shown["octets"] = scaled(figure("bytes"));
  shown["frames"] = scaled(figure("frames"));
  return shown;
}

json::array readable(const json::value& view) {
  json::array rows;
  for (const json::value& row : view.at("rows").as_array()) {
    rows.push_back(readable(row.as_object()));
  }
  return rows;
}

// "/ixp/matrix/json?maxRows=20"
std::string target_of(const std::string& view, const std::string& rows) {
  if (view == "views") return "/ixp/json";
  return fmt::format("/ixp/{}/json?maxRows={}", http::percent_encode(view),
                     http::percent_encode(rows));
}

}  // namespace

ExitCode traffic_command(Words words) {
  const auto arguments =
      Arguments::parse(words, {.valued = {"--rest", "--rows"}, .switches = {"--json", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  if (arguments->words().size() > 1) return misused(kUsage);
  const std::string view = arguments->words().empty() ? "matrix" : arguments->words()[0];
  const auto engine = engine_of(*arguments);
  if (!engine) return complain(ExitCode::kUsage, engine.error().message);
  http::OutgoingRequest request;
  request.target = target_of(view, arguments->value("--rows").value_or("20"));
  const auto response = ask_engine(*engine, request);
  if (!response) return complain(ExitCode::kUnreachable, response.error().message);
  if (response->status == 404) {
    return complain(ExitCode::kNotFound,
                    fmt::format("there is no view '{}': `fabrix traffic views` lists them", view));
  }
  const auto answer = read_answer(*response);
  if (!answer) return complain(ExitCode::kFailed, answer.error().message);
  if (const json::value* const wrong =
          answer->is_object() ? answer->get_object().if_contains("detail") : nullptr) {
    return complain(ExitCode::kUsage, printable(wrong->as_string()));
  }
  if (arguments->has("--json")) {
    fmt::print("{}\n", response->body);
  } else {
    fmt::print("{}", render_table(view == "views" ? *answer : json::value(readable(*answer))));
  }
  return ExitCode::kOk;
}

}  // namespace fabrix::app
