// `fabrix session`: what operators do to BGP sessions.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include "api/client.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "app/table.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsage =
    "usage: fabrix session reset   NEIGHBOR|all [--reason TEXT]\n"
    "       fabrix session refresh NEIGHBOR|all [in|out]\n"
    "       fabrix session disable NEIGHBOR|all [--reason TEXT]\n"
    "       fabrix session enable  NEIGHBOR|all\n"
    "       each with [--json] [--lab NAME | --socket PATH]\n"
    "\n"
    "NEIGHBOR is a router, participant, address or AS number.\n"
    "\n"
    "  reset     ends the session; it may come back at once (also: clear, restart)\n"
    "  refresh   has all routes sent again, those of the neighbor (in), those for it (out), or\n"
    "            both; the session stays (also: reload)\n"
    "  disable   ends the session and refuses the neighbor until enable, or until fabrixd starts\n"
    "            again; fabrix reload does not change that (also: down)\n"
    "  enable    undoes that, and what a prefix limit has barred (also: up)\n"
    "\n"
    "  --reason TEXT   is told to the neighbor (RFC 9003): at most 255 octets\n"
    "\n"
    "Ends with 1 if nothing was done, such as a reset where there is no session.\n";

const std::vector<std::string> kActions{"reset", "refresh", "disable", "enable"};

// What birdc, bgpctl and vtysh call them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kAliases{
    {{"clear", "reset"},
     {"restart", "reset"},
     {"reload", "refresh"},
     {"down", "disable"},
     {"up", "enable"}}};

std::string written_out(const std::string& word) {
  const auto* const alias =
      std::ranges::find(kAliases, word, &std::pair<std::string_view, std::string_view>::first);
  return alias == kAliases.end() ? word : std::string(alias->second);
}

enum class Listed : std::uint8_t { kEach, kNotDone };

// How many, then each session; of all, only those of which there is something to explain.
std::string text_of(const json::value& answer, Listed listed) {
  const json::array& sessions = answer.at("sessions").as_array();
  const auto done = answer.at("done").to_number<std::uint64_t>();
  std::string text =
      fmt::format("{}: {} of {} {}\n", json::value_to<std::string>(answer.at("action")), done,
                  sessions.size(), sessions.size() == 1 ? "session" : "sessions");
  for (const json::value& session : sessions) {
    const auto word = [&](std::string_view key) { return printable(session.at(key).as_string()); };
    if (listed == Listed::kNotDone && session.at("done").as_bool()) continue;
    text += fmt::format("  {} ({}) of {}: {}\n", word("router"), word("address"),
                        word("participant"), word("text"));
  }
  return text;
}

}  // namespace

ExitCode session_command(Words words) {
  const auto arguments = Arguments::parse(
      words, {.valued = {"--socket", "--lab", "--reason"}, .switches = {"--json", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  const auto& rest = arguments->words();
  if (rest.empty()) return misused(kUsage);
  const auto action = complete(written_out(rest[0]), kActions);
  if (!action) return complain(ExitCode::kUsage, "session: " + action.error().message);
  const bool directed = *action == "refresh" && rest.size() == 3;
  if (rest.size() != 2 && !directed) return misused(kUsage);
  json::object request{{"command", "session"}, {"action", *action}};
  const bool all = rest[1] == "all";
  if (all) {
    request["all"] = true;
  } else {
    request["neighbor"] = rest[1];
  }
  if (directed) {
    const auto direction = complete(rest[2], {"in", "out"});
    if (!direction) return complain(ExitCode::kUsage, "session: " + direction.error().message);
    request["direction"] = *direction;
  }
  if (const auto reason = arguments->value("--reason")) request["reason"] = *reason;
  const auto answer = api::ask(socket_path(*arguments), request);
  if (!answer) return complain(answer.error());
  const bool as_json = arguments->has("--json");
  fmt::print("{}", as_json ? json::serialize(*answer) + "\n"
                           : text_of(*answer, all ? Listed::kNotDone : Listed::kEach));
  const bool none = answer->at("done").to_number<std::uint64_t>() == 0;
  return none ? ExitCode::kFailed : ExitCode::kOk;
}

}  // namespace fabrix::app
