// `fabrix port`: what operators do to ports.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
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
    "usage: fabrix port quarantine PORT [--reason TEXT]\n"
    "       fabrix port shutdown   PORT [--reason TEXT]\n"
    "       fabrix port release    PORT\n"
    "       each with [--json] [--lab NAME | --socket PATH]\n"
    "\n"
    "PORT is a router or middlebox port by its name or number, or a participant: all its ports.\n"
    "\n"
    "  quarantine  the port and the route server speak to each other (ARP, ND, BGP, BFD) and\n"
    "              nothing else passes; nobody hears of its routes; the session stays\n"
    "  shutdown    nothing passes, and its BGP sessions end\n"
    "  release     undoes both\n"
    "\n"
    "It holds until release, over reloads and restarts of fabrixd too.\n"
    "\n"
    "  --reason TEXT   is shown by fabrix show ports, and told to the member by shutdown (RFC\n"
    "                  9003): at most 255 octets\n"
    "\n"
    "Returns when the fabric has it. Ends with 1 if nothing was to be done, or if the fabric does "
    "not\n"
    "have it within 10 seconds; then it holds for fabrixd all the same, which goes on trying.\n";

constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::milliseconds kPause{10};

const std::vector<std::string> kActions{"quarantine", "shutdown", "release"};

bool is_in_force(const json::value& port) {
  return port.at("in_force").as_bool();
}

bool are_in_force(const json::value& answer) {
  return std::ranges::all_of(answer.at("ports").as_array(), is_in_force);
}

// What is so by now of the ports of the answer.
void update(json::value& answer, const json::value& shown) {
  for (json::value& port : answer.at("ports").as_array()) {
    for (const json::value& now : shown.as_array()) {
      if (now.at("port") == port.at("port")) port.as_object()["in_force"] = now.at("in_force");
    }
  }
}

// The answer, once the fabric has it, or as it is after kPatience.
Result<json::value, api::AskFailure> order(const std::string& socket, const json::object& request) {
  FABRIX_TRY(auto connection, api::Connection::open(socket, kPatience));
  FABRIX_TRY(auto answer, connection.ask(request));
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!are_in_force(answer) && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kPause);
    FABRIX_TRY(const auto shown, connection.ask({{"command", "show"}, {"what", "ports"}}));
    update(answer, shown);
  }
  return answer;
}

std::string text_of(const json::value& answer) {
  std::string text;
  for (const json::value& port : answer.at("ports").as_array()) {
    text += fmt::format("port {} of {}: {}{}\n", port.at("port").to_number<std::uint64_t>(),
                        printable(port.at("router").as_string()),
                        printable(port.at("text").as_string()),
                        is_in_force(port) ? "" : " (not in the fabric)");
  }
  return text;
}

}  // namespace

ExitCode port_command(Words words) {
  const auto arguments = Arguments::parse(
      words, {.valued = {"--socket", "--lab", "--reason"}, .switches = {"--json", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  const auto& rest = arguments->words();
  if (rest.size() != 2) return misused(kUsage);
  const auto action = complete(rest[0], kActions);
  if (!action) return complain(ExitCode::kUsage, "port: " + action.error().message);
  json::object request{{"command", "port"}, {"action", *action}, {"port", rest[1]}};
  if (const auto reason = arguments->value("--reason")) request["reason"] = *reason;
  const auto answer = order(socket_path(*arguments), request);
  if (!answer) return complain(answer.error());
  const bool as_json = arguments->has("--json");
  fmt::print("{}", as_json ? json::serialize(*answer) + "\n" : text_of(*answer));
  if (!are_in_force(*answer)) {
    return complain(ExitCode::kFailed,
                    fmt::format("the fabric does not have it after {} seconds: see 'fabrix show "
                                "notices' and 'fabrix show status'",
                                kPatience.count()));
  }
  const bool none = answer->at("done").to_number<std::uint64_t>() == 0;
  return none ? ExitCode::kFailed : ExitCode::kOk;
}

}  // namespace fabrix::app
