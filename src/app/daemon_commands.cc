// `fabrix show` and `fabrix trace`: questions to a running daemon.
#include <cstdlib>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "api/client.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "app/table.h"
#include "lab/paths.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kShowUsage =
    "usage: fabrix show status|participants|sessions|routes [for "
    "PREFIX]|classes|policies|rules|notices\n"
    "                   [--json] [--lab NAME | --socket PATH]\n";
constexpr std::string_view kTraceUsage =
    "usage: fabrix trace [--lab NAME | --socket PATH] [--json] ROUTER PACKET\n"
    "       fabrix trace --lab walkthrough a1 'tcp 100.0.0.1:40000 -> 140.0.0.1:80'\n";

const Syntax kSyntax{.valued = {"--socket", "--lab"}, .switches = {"--json"}};

ExitCode fail_with(const api::AskFailure& failure) {
  const bool reached = failure.kind == api::AskError::kRefused;
  return complain(reached ? ExitCode::kFailed : ExitCode::kUnreachable, failure.message);
}

}  // namespace

std::string socket_path(const Arguments& arguments) {
  if (const auto path = arguments.value("--socket")) return *path;
  if (const auto lab = arguments.value("--lab")) return lab::control_socket(*lab);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread
  const char* const path = std::getenv("FABRIX_SOCKET");
  return path != nullptr ? path : "/run/fabrix/fabrix.sock";
}

ExitCode complain(ExitCode code, const std::string& message) {
  fmt::print(stderr, "fabrix: {}\n", message);
  return code;
}

ExitCode show_command(Words words) {
  const auto arguments = Arguments::parse(words, kSyntax);
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  auto rest = arguments->words();
  const bool json_wanted = arguments->has("--json") || (!rest.empty() && rest.back() == "json");
  if (!rest.empty() && rest.back() == "json") rest.pop_back();
  const bool filtered = rest.size() == 3 && rest[0] == "routes" && rest[1] == "for";
  if (rest.size() != 1 && !filtered) {
    fmt::print(stderr, "{}", kShowUsage);
    return ExitCode::kUsage;
  }
  json::object request{{"command", "show"}, {"what", rest[0]}};
  if (filtered) request["for"] = rest[2];
  const auto answer = api::ask(socket_path(*arguments), request);
  if (!answer) return fail_with(answer.error());
  fmt::print("{}", json_wanted ? json::serialize(*answer) + "\n" : render_table(*answer));
  return ExitCode::kOk;
}

ExitCode trace_command(Words words) {
  const auto arguments = Arguments::parse(words, kSyntax);
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  const auto& rest = arguments->words();
  if (rest.size() != 2) {
    fmt::print(stderr, "{}", kTraceUsage);
    return ExitCode::kUsage;
  }
  const auto answer = api::ask(socket_path(*arguments),
                               {{"command", "trace"}, {"router", rest[0]}, {"packet", rest[1]}});
  if (!answer) return fail_with(answer.error());
  if (arguments->has("--json"))
    fmt::print("{}\n", json::serialize(*answer));
  else
    fmt::print("{}", std::string_view(answer->as_object().at("text").as_string()));
  return ExitCode::kOk;
}

}  // namespace fabrix::app
