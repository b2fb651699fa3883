// `fabrix policy check`: all diagnostics of policy files against an exchange; `set` and `remove` on
// a daemon.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "api/client.h"
#include "api/queries.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "compiler/compiler.h"
#include "controller/symbols.h"
#include "exchange/load.h"
#include "io/file.h"
#include "policy/parse.h"
#include "routeserver/route_server.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsage =
    "usage: fabrix policy check --exchange EXCHANGE.yaml --participant NAME [--json] FILE...\n"
    "       fabrix policy set --participant NAME [--lab NAME | --socket PATH] FILE\n"
    "       fabrix policy remove --participant NAME [--lab NAME | --socket PATH]\n";

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

ExitCode check(const Arguments& arguments) {
  const auto exchange_file = arguments.value("--exchange");
  const auto name = arguments.value("--participant");
  const auto& words = arguments.words();
  if (!exchange_file || !name || words.size() < 2) {
    fmt::print(stderr, "{}", kUsage);
    return ExitCode::kUsage;
  }
  const auto config = io::read_file(*exchange_file, exchange::kMaxConfigSize);
  if (!config) return complain(ExitCode::kNotFound, config.error().message);
  const auto exchange = exchange::load(*config, *exchange_file);
  if (!exchange) {
    fmt::print(stderr, "{}", render(exchange.error(), *config));
    return ExitCode::kBadConfig;
  }
  const auto* participant = exchange->find_participant(*name);
  if (participant == nullptr) {
    return complain(ExitCode::kNotFound, "no participant is called " + *name);
  }
  bool bad = false;
  json::array all;
  for (std::size_t i = 1; i < words.size(); ++i) {
    auto text = io::read_file(words[i], policy::kMaxPolicySize);
    if (!text) return complain(ExitCode::kNotFound, text.error().message);
    const auto checked = check_text(*exchange, participant->id, *std::move(text), words[i]);
    bad = bad || has_error(checked.diagnostics);
    for (const Diagnostic& diagnostic : checked.diagnostics)
      all.push_back(api::to_json(diagnostic));
    if (arguments.has("--json")) continue;
    fmt::print("{}", render(checked.diagnostics, checked.text));
    if (!has_error(checked.diagnostics)) fmt::print("{}: ok\n", words[i]);
  }
  if (arguments.has("--json")) fmt::print("{}\n", json::serialize(all));
  return bad ? ExitCode::kBadInput : ExitCode::kOk;
}

// The daemon's diagnostics, rendered as those of `check` are.
std::string render_answer(const json::value& diagnostics, std::string_view source) {
  std::string text;
  for (const json::value& value : diagnostics.as_array()) {
    const json::object& object = value.as_object();
    const auto field = [&](std::string_view key) {
      return std::string(object.at(key).as_string());
    };
    const auto number = [&](std::string_view key) {
      return static_cast<std::uint32_t>(object.at(key).as_int64());
    };
    const std::string severity = field("severity");
    text += render(Diagnostic{.severity = severity == "error"     ? Severity::kError
                                          : severity == "warning" ? Severity::kWarning
                                                                  : Severity::kNote,
                              .code = field("code"),
                              .message = field("message"),
                              .file = field("file"),
                              .at = {number("line"), number("column"), number("length")},
                              .witness = field("witness"),
                              .help = field("help")},
                   source);
  }
  return text;
}

ExitCode change(const Arguments& arguments, const std::string& verb) {
  const auto name = arguments.value("--participant");
  const std::size_t files = verb == "set" ? 1 : 0;
  if (!name || arguments.words().size() != 1 + files) {
    fmt::print(stderr, "{}", kUsage);
    return ExitCode::kUsage;
  }
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
  if (answer) {
    fmt::print("{}ok\n", render_answer(*answer, source));
    return ExitCode::kOk;
  }
  if (answer.error().kind == api::AskError::kUnreachable) {
    return complain(ExitCode::kUnreachable, answer.error().message);
  }
  fmt::print(stderr, "{}", render_answer(answer.error().diagnostics, source));
  return complain(ExitCode::kBadInput, answer.error().message);
}

}  // namespace

ExitCode policy_command(Words words) {
  const auto arguments = Arguments::parse(
      words,
      {.valued = {"--exchange", "--participant", "--socket", "--lab"}, .switches = {"--json"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  const std::string verb = arguments->words().empty() ? "" : arguments->words().front();
  if (verb == "check") return check(*arguments);
  if (verb == "set" || verb == "remove") return change(*arguments, verb);
  fmt::print(stderr, "{}", kUsage);
  return ExitCode::kUsage;
}

}  // namespace fabrix::app
