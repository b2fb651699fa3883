// `fabrix event`: tells a running daemon of something that the fsms of a policy listen to.
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "api/client.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "app/table.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsage =
    "usage: fabrix event NAME [KEY=VALUE]... [--participant NAME] [--source NAME] [--json]\n"
    "                    [--lab NAME | --socket PATH]\n"
    "\n"
    "Tells a policy with fsms that something happened:\n"
    "\n"
    "  fabrix event authenticated srcip=10.0.0.1 value=true --participant A\n"
    "\n"
    "KEY is value, or a field of the class that the fsm is per. Without --participant the event "
    "is\n"
    "for the one policy that has it. --source says who tells it, where the policy asks for that.\n"
    "What changed is printed; an event that makes no sense changes nothing and ends with 65.\n"
    "fabrix show fsm has the states.\n";

std::string text_of(const json::value& answer) {
  std::string text;
  for (const json::value& each : answer.at("transitions").as_array()) {
    const auto word = [&each](std::string_view key) { return printable(each.at(key).as_string()); };
    const std::string of = word("class");
    text += fmt::format("{}{}{}: {} -> {}\n", word("fsm"), of.empty() ? "" : " ", of, word("from"),
                        word("to"));
  }
  return text.empty() ? "nothing changed\n" : text;
}

}  // namespace

ExitCode event_command(Words words) {
  const auto arguments =
      Arguments::parse(words, {.valued = {"--socket", "--lab", "--participant", "--source"},
                               .switches = {"--json", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  const auto& rest = arguments->words();
  if (rest.empty()) return misused(kUsage);
  json::object request{{"command", "event"}, {"event", rest.front()}};
  if (const auto participant = arguments->value("--participant")) {
    request["participant"] = *participant;
  }
  if (const auto source = arguments->value("--source")) request["source"] = *source;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    const std::size_t equals = rest[i].find('=');
    const std::string key = rest[i].substr(0, equals);
    if (equals == std::string::npos || key.empty() || request.contains(key)) {
      return complain(ExitCode::kUsage,
                      fmt::format("event: '{}' is no KEY=VALUE of its own", rest[i]));
    }
    request[key] = rest[i].substr(equals + 1);
  }
  const auto answer = api::ask(socket_path(*arguments), request);
  if (!answer) return complain(answer.error());
  fmt::print("{}", arguments->has("--json") ? json::serialize(*answer) + "\n" : text_of(*answer));
  return ExitCode::kOk;
}

}  // namespace fabrix::app
