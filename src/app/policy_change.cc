// `fabrix policy set` and `remove`: the policy of a participant on a running daemon.
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include "api/client.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "app/policy_file.h"
#include "app/policy_verbs.h"
#include "app/table.h"

namespace fabrix::app {

namespace json = boost::json;

namespace {

Severity severity_of(const std::string& name) {
  if (name == "error") return Severity::kError;
  return name == "warning" ? Severity::kWarning : Severity::kNote;
}

constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::milliseconds kPause{10};

using Asked = Result<json::value, api::AskFailure>;

Asked show(api::Connection& connection, std::string_view what) {
  return connection.ask({{"command", "show"}, {"what", what}});
}

// The text of the participant's policy; null: it has none.
Result<json::value, api::AskFailure> text_of_policy(api::Connection& connection,
                                                    const std::string& participant) {
  FABRIX_TRY(const auto policies, show(connection, "policies"));
  for (const json::value& each : policies.as_array()) {
    if (each.at("participant").as_string() == participant) return each.at("text");
  }
  return json::value();
}

// What the exchange said when it took a policy back.
Result<std::string, api::AskFailure> last_refusal(api::Connection& connection) {
  FABRIX_TRY(const auto notices, show(connection, "notices"));
  std::string said = "the exchange has another policy again: see 'fabrix show notices'";
  for (const json::value& each : notices.as_array()) {
    const std::string text = printable(each.at("text").as_string());
    if (text.find("taken back") != std::string::npos) said = text;
  }
  return said;
}

// Until the fabric has what was asked for, or has refused it: then the policy is another again.
// Why it has not; empty: it has.
Result<std::string, api::AskFailure> await_fabric(api::Connection& connection,
                                                  const std::string& participant,
                                                  const json::value& wanted) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    FABRIX_TRY(const auto status, show(connection, "status"));
    if (status.at("settled").as_bool()) break;
    if (std::chrono::steady_clock::now() >= until) {
      return fmt::format(
          "the fabric does not have it after {} seconds: see 'fabrix show notices' and 'fabrix "
          "show status'",
          kPatience.count());
    }
    std::this_thread::sleep_for(kPause);
  }
  FABRIX_TRY(const auto present, text_of_policy(connection, participant));
  if (present == wanted) return std::string();
  return last_refusal(connection);
}

// The answer to the change.
struct Changed {
  json::value diagnostics;
  std::string failure;  // empty: the fabric has it
};
Result<Changed, api::AskFailure> change(const std::string& socket, const json::object& request) {
  FABRIX_TRY(auto connection, api::Connection::open(socket));
  FABRIX_TRY(auto diagnostics, connection.ask(request));
  const json::value* const text = request.if_contains("text");
  const auto participant = json::value_to<std::string>(request.at("participant"));
  FABRIX_TRY(auto failure,
             await_fabric(connection, participant, text == nullptr ? json::value() : *text));
  return Changed{.diagnostics = std::move(diagnostics), .failure = std::move(failure)};
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
    auto text = text_to_send(arguments.words()[1]);
    if (!text) return text.error();
    source = *std::move(text);
    request["text"] = source;
    request["file"] = arguments.words()[1];
  }
  const auto answer = change(socket_path(arguments), request);
  const bool as_json = arguments.has("--json");
  if (answer) {
    const bool done = answer->failure.empty();
    fmt::print("{}", as_json ? json::serialize(answer->diagnostics) + "\n"
                             : render_answer(answer->diagnostics, source) + (done ? "ok\n" : ""));
    return done ? ExitCode::kOk : complain(ExitCode::kFailed, answer->failure);
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
