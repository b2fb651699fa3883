// `fabrix policy check`: all diagnostics of policy files against an exchange; `set` and `remove` on
// a daemon.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include "api/client.h"
#include "api/queries.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "app/exchange_file.h"
#include "base/suggest.h"
#include "compiler/compiler.h"
#include "controller/symbols.h"
#include "io/file.h"
#include "policy/parse.h"
#include "routeserver/route_server.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsage =
    "usage: fabrix policy check --exchange EXCHANGE.yaml --participant NAME [--json] FILE...\n"
    "       fabrix policy set --participant NAME [--lab NAME | --socket PATH] FILE\n"
    "       fabrix policy remove --participant NAME [--lab NAME | --socket PATH]\n"
    "\n"
    "check reads each FILE as a policy of that participant and says everything that is wrong with "
    "it;\n"
    "it needs no daemon. set and remove change what a running daemon uses; a policy with errors "
    "changes\n"
    "nothing. All end with 65 if a policy has errors; warnings are no errors.\n";

enum class Output : std::uint8_t { kText, kJson };

struct Checked {
  std::vector<Diagnostic> diagnostics;
  std::string text;
};

// Everything there is to say about one policy: what the language finds, then what the compiler
// does.
Checked check_text(const exchange::Exchange& exchange, net::ParticipantId owner, std::string text,
                   const std::string& file) {
  Checked checked{.diagnostics = {}, .text = std::move(text)};
  auto parsed = policy::parse(checked.text, file, controller::symbols_for(exchange, owner));
  if (!parsed) {
    checked.diagnostics = std::move(parsed).error();
    return checked;
  }
  checked.diagnostics = std::move(parsed->diagnostics);
  const routeserver::RouteServer no_routes(exchange);
  compiler::Compiler compiler(exchange, no_routes);
  const auto compiled = compiler.set_policy(
      owner, std::make_shared<const policy::Policy>(std::move(parsed->policy)), file);
  const auto& more = compiled ? *compiled : compiled.error();
  checked.diagnostics.insert(checked.diagnostics.end(), more.begin(), more.end());
  return checked;
}

std::vector<std::string> names_of(const exchange::Exchange& exchange) {
  std::vector<std::string> names;
  for (const auto& participant : exchange.participants) names.push_back(participant.name);
  return names;
}

ExitCode check_files(const exchange::Exchange& exchange, net::ParticipantId owner,
                     std::span<const std::string> files, Output output) {
  ExitCode code = ExitCode::kOk;
  json::array all;
  for (const std::string& file : files) {
    auto text = io::read_file(file, policy::kMaxPolicySize);
    if (!text) {
      code = complain(ExitCode::kNotFound, text.error().message);
      continue;
    }
    const auto checked = check_text(exchange, owner, *std::move(text), file);
    const bool bad = has_error(checked.diagnostics);
    if (bad && code == ExitCode::kOk) code = ExitCode::kBadInput;
    for (const Diagnostic& one : checked.diagnostics) all.push_back(api::to_json(one));
    if (output == Output::kJson) continue;
    fmt::print("{}{}", render(checked.diagnostics, checked.text), bad ? "" : file + ": ok\n");
  }
  if (output == Output::kJson) fmt::print("{}\n", json::serialize(all));
  return code;
}

ExitCode check(const Arguments& arguments) {
  const auto exchange_file = arguments.value("--exchange");
  const auto name = arguments.value("--participant");
  const auto& words = arguments.words();
  if (!exchange_file || !name || words.size() < 2) return misused(kUsage);
  const auto exchange = read_exchange(*exchange_file);
  if (!exchange) return exchange.error();
  const auto* participant = exchange->find_participant(*name);
  if (participant == nullptr) {
    const auto meant = nearest(*name, names_of(*exchange));
    return complain(ExitCode::kNotFound,
                    fmt::format("no participant of {} is called '{}'{}", *exchange_file, *name,
                                meant ? "; did you mean " + *meant + "?" : ""));
  }
  return check_files(*exchange, participant->id, std::span(words).subspan(1),
                     arguments.has("--json") ? Output::kJson : Output::kText);
}

Severity severity_of(const std::string& name) {
  if (name == "error") return Severity::kError;
  return name == "warning" ? Severity::kWarning : Severity::kNote;
}

// The daemon's diagnostics, rendered as those of `check` are.
std::string render_answer(const json::value& diagnostics, std::string_view source) {
  std::string text;
  for (const json::value& value : diagnostics.as_array()) {
    const auto field = [&](std::string_view key) {
      return json::value_to<std::string>(value.at(key));
    };
    const auto number = [&](std::string_view key) {
      return value.at(key).to_number<std::uint32_t>();
    };
    const Diagnostic diagnostic{.severity = severity_of(field("severity")),
                                .code = field("code"),
                                .message = field("message"),
                                .file = field("file"),
                                .at = {number("line"), number("column"), number("length")},
                                .witness = field("witness"),
                                .help = field("help")};
    text += render(diagnostic, source) + "\n";
  }
  return text;
}

ExitCode change(const Arguments& arguments, const std::string& verb) {
  const auto name = arguments.value("--participant");
  const std::size_t files = verb == "set" ? 1 : 0;
  if (!name || arguments.words().size() != 1 + files) return misused(kUsage);
  json::object request{{"command", verb + "-policy"}, {"participant", *name}};
  std::string source;
  if (verb == "set") {
    const auto text = io::read_file(arguments.words()[1], policy::kMaxPolicySize);
    if (!text) return complain(ExitCode::kNotFound, text.error().message);
    source = *text;
    request["text"] = source;
    request["file"] = arguments.words()[1];
  }
  const auto answer = api::ask(socket_path(arguments), request);
  const bool as_json = arguments.has("--json");
  if (answer) {
    fmt::print("{}",
               as_json ? json::serialize(*answer) + "\n" : render_answer(*answer, source) + "ok\n");
    return ExitCode::kOk;
  }
  const json::value& diagnostics = answer.error().diagnostics;
  if (diagnostics.is_array()) {
    if (as_json)
      fmt::print("{}\n", json::serialize(diagnostics));
    else
      fmt::print(stderr, "{}", render_answer(diagnostics, source));
  }
  return complain(answer.error());
}

}  // namespace

ExitCode policy_command(Words words) {
  const auto arguments =
      Arguments::parse(words, {.valued = {"--exchange", "--participant", "--socket", "--lab"},
                               .switches = {"--json", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  if (arguments->words().empty()) return misused(kUsage);
  const auto verb = complete(arguments->words().front(), {"check", "set", "remove"});
  if (!verb) return complain(ExitCode::kUsage, "policy: " + verb.error().message);
  return *verb == "check" ? check(*arguments) : change(*arguments, *verb);
}

}  // namespace fabrix::app
