// `fabrix reload`: has a running daemon read its configuration again.
#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include "api/client.h"
#include "app/arguments.h"
#include "app/commands.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsage =
    "usage: fabrix reload [--check] [--json] [--lab NAME | --socket PATH]\n"
    "\n"
    "The daemon reads its configuration again, with the policies, IRR, VRP and SLURM files that "
    "it\n"
    "names, and says what is different and which sessions end for it. Those that are not listed\n"
    "stay. A configuration with errors changes nothing; a file with errors leaves its last good\n"
    "content in use.\n"
    "\n"
    "  --check   only say what would happen\n"
    "\n"
    "Ends with 78 if the configuration is refused, or a file that it names has errors.\n";

constexpr std::chrono::seconds kPatience{120};  // IRR files of a large exchange take a while

bool is_error(const json::value& diagnostic) {
  return diagnostic.at("severity").as_string() == "error";
}

ExitCode code_for(const json::value& report) {
  const json::array& problems = report.at("problems").as_array();
  const bool refused = report.at("outcome").as_string() == "refused";
  const bool wrong = std::any_of(problems.begin(), problems.end(), is_error);
  return refused || wrong ? ExitCode::kBadConfig : ExitCode::kOk;
}

}  // namespace

ExitCode reload_command(Words words) {
  const auto arguments = Arguments::parse(
      words, {.valued = {"--socket", "--lab"}, .switches = {"--check", "--json", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  if (!arguments->words().empty()) return misused(kUsage);
  const json::object request{{"command", "reload"}, {"check", arguments->has("--check")}};
  const auto answer = api::ask(socket_path(*arguments), request, kPatience);
  if (!answer) return complain(answer.error());
  if (arguments->has("--json")) {
    fmt::print("{}\n", json::serialize(*answer));
  } else {
    fmt::print("{}", json::value_to<std::string>(answer->at("text")));
  }
  if (answer->at("outcome").as_string() == "refused") {
    return complain(ExitCode::kBadConfig, "the configuration is refused; the one before stays");
  }
  return code_for(*answer);
}

}  // namespace fabrix::app
