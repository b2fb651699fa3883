// `fabrix what-if`: what a policy or a withdrawal would do, on a running daemon.
#include <chrono>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include "api/client.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "app/policy_file.h"
#include "app/policy_verbs.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsage =
    "usage: fabrix what-if policy --participant NAME FILE [--lab NAME | --socket PATH] [--json]\n"
    "       fabrix what-if withdraw PREFIX --from PARTICIPANT [--lab NAME | --socket PATH] "
    "[--json]\n"
    "\n"
    "Says what would happen on a running exchange, and changes nothing: whose packets go "
    "elsewhere,\n"
    "with one of each kind, where it goes now and would go; the rows that come and go, table by\n"
    "table; what there is room for; what would be complained of or refused.\n"
    "\n"
    "  policy     if this FILE were the participant's policy\n"
    "  withdraw   if the participant withdrew its routes for PREFIX\n"
    "\n"
    "Ends with 1 if it would be refused, 65 if the policy has errors.\n";

constexpr std::chrono::seconds kPatience{120};

Result<json::object, ExitCode> request_of(const Arguments& arguments, const std::string& verb) {
  const std::string& what = arguments.words()[1];
  if (verb == "withdraw") {
    const auto from = arguments.value("--from");
    if (!from) return fail(misused(kUsage));
    return json::object{{"command", "what-if"}, {"withdraw", what}, {"from", *from}};
  }
  const auto participant = arguments.value("--participant");
  if (!participant) return fail(misused(kUsage));
  FABRIX_TRY(std::string text, text_to_send(what));
  return json::object{
      {"command", "what-if"}, {"participant", *participant}, {"file", what}, {"text", text}};
}

// Told in JSON the diagnostics are part of the complaint.
ExitCode refused(const api::AskFailure& failure, const json::object& request, bool as_json) {
  const auto* const text = request.if_contains("text");
  if (!as_json && text != nullptr && failure.diagnostics.is_array()) {
    fmt::print(stderr, "{}",
               render_answer(failure.diagnostics, json::value_to<std::string>(*text)));
  }
  return complain(failure);
}

}  // namespace

ExitCode what_if_command(Words words) {
  const auto arguments =
      Arguments::parse(words, {.valued = {"--socket", "--lab", "--participant", "--from"},
                               .switches = {"--json", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  if (arguments->words().size() != 2) return misused(kUsage);
  const auto verb = complete(arguments->words()[0], {"policy", "withdraw"});
  if (!verb) return complain(ExitCode::kUsage, "what-if: " + verb.error().message);
  const auto request = request_of(*arguments, *verb);
  if (!request) return request.error();
  const auto answer = api::ask(socket_path(*arguments), *request, kPatience);
  if (!answer) return refused(answer.error(), *request, arguments->has("--json"));
  if (arguments->has("--json"))
    fmt::print("{}\n", json::serialize(*answer));
  else
    fmt::print("{}", json::value_to<std::string>(answer->at("text")));
  return answer->at("accepted").as_bool() ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace fabrix::app
