// `fabrix monitor`: what sessions and routes do, as it happens.
#include <cstdio>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "api/client.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "app/event_text.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsage =
    "usage: fabrix monitor [NEIGHBOR...] [--routes | --sessions] [--json]\n"
    "                      [--lab NAME | --socket PATH]\n"
    "\n"
    "Shows what happens from now on, until ^C: sessions that come up or go down and why, routes\n"
    "that are announced (+) or withdrawn (-) and whether they are accepted or filtered and why,\n"
    "routes that are judged otherwise without an update (=), malformed UPDATEs. NEIGHBOR is a\n"
    "router, participant, address or AS number.\n"
    "\n"
    "  --routes     only routes\n"
    "  --sessions   only sessions\n"
    "  --json       one JSON object a line\n"
    "\n"
    "Whoever reads too slowly is told how much is left out. Ends with 5 when the daemon does.\n";

// Line by line, because somebody waits for each. Nobody reads on: `fabrix monitor | head`.
api::Continue print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return written && std::fflush(stdout) == 0 ? api::Continue::kYes : api::Continue::kNo;
}

api::Continue print_as_text(std::string_view line) {
  boost::system::error_code error;
  const json::value event = json::parse({line.data(), line.size()}, error);
  if (error || !event.is_object()) return api::Continue::kYes;
  return print(event_text(event.get_object()));
}

}  // namespace

ExitCode monitor_command(Words words) {
  const auto arguments =
      Arguments::parse(words, {.valued = {"--socket", "--lab"},
                               .switches = {"--routes", "--sessions", "--json", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  const bool routes = arguments->has("--routes");
  const bool sessions = arguments->has("--sessions");
  json::object request{{"command", "monitor"}};
  if (routes != sessions) request["topic"] = routes ? "routes" : "sessions";
  if (!arguments->words().empty()) {
    json::array& neighbors = request["neighbors"].emplace_array();
    for (const std::string& word : arguments->words()) neighbors.emplace_back(word);
  }
  const std::string socket = socket_path(*arguments);
  auto connection = api::Connection::open(socket);
  if (!connection) return complain(connection.error());
  const auto begun = connection->ask(request);
  if (!begun) return complain(begun.error());
  const bool as_json = arguments->has("--json");
  if (!as_json) fmt::print(stderr, "what happens from now on; ^C ends this\n");
  const auto streamed = connection->stream([&](std::string_view line) {
    return as_json ? print(std::string(line) + "\n") : print_as_text(line);
  });
  if (streamed) return ExitCode::kOk;
  return complain(ExitCode::kUnreachable,
                  "the stream has ended: fabrixd at " + socket + " is gone");
}

}  // namespace fabrix::app
