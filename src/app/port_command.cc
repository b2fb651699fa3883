// `fabrix port`: what operators do to ports.
#include <cstdint>
#include <string>
#include <string_view>
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
    "Ends with 1 if nothing was to be done.\n";

const std::vector<std::string> kActions{"quarantine", "shutdown", "release"};

std::string text_of(const json::value& answer) {
  std::string text;
  for (const json::value& port : answer.at("ports").as_array()) {
    text += fmt::format("port {} of {}: {}\n", port.at("port").to_number<std::uint64_t>(),
                        printable(port.at("router").as_string()),
                        printable(port.at("text").as_string()));
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
  const auto answer = api::ask(socket_path(*arguments), request);
  if (!answer) return complain(answer.error());
  const bool as_json = arguments->has("--json");
  fmt::print("{}", as_json ? json::serialize(*answer) + "\n" : text_of(*answer));
  const bool none = answer->at("done").to_number<std::uint64_t>() == 0;
  return none ? ExitCode::kFailed : ExitCode::kOk;
}

}  // namespace fabrix::app
