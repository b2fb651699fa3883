// `fabrix policy set` and `remove`: the policy of a participant on a running daemon.
#include <cstdint>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include "api/client.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "app/policy_verbs.h"
#include "io/file.h"
#include "policy/policy.h"

namespace fabrix::app {

namespace json = boost::json;

namespace {

Severity severity_of(const std::string& name) {
  if (name == "error") return Severity::kError;
  return name == "warning" ? Severity::kWarning : Severity::kNote;
}

}  // namespace

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

ExitCode policy_change(const Arguments& arguments, const std::string& verb) {
  const auto name = arguments.value("--participant");
  const std::size_t files = verb == "set" ? 1 : 0;
  if (!name || arguments.words().size() != 1 + files) return misused(kPolicyUsage);
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
    if (as_json) {
      fmt::print("{}\n", json::serialize(diagnostics));
    } else {
      fmt::print(stderr, "{}", render_answer(diagnostics, source));
    }
  }
  return complain(answer.error());
}

}  // namespace fabrix::app
