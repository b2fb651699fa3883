// `fabrix trace`, and where a daemon is.
#include <cstdlib>
#include <span>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include "api/client.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "lab/paths.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kTraceUsage =
    "usage: fabrix trace [--lab NAME | --socket PATH] [--json] ROUTER PACKET\n"
    "\n"
    "  fabrix trace --lab walkthrough a1 'tcp 100.0.0.1:40000 -> 140.0.0.1:80'\n"
    "  fabrix trace a1 'udp [2001:db8:100::1]:5000 -> [2001:db8:140::1]:80'\n"
    "\n"
    "Says what the exchange does with a packet that ROUTER sends: the route and next hop it "
    "follows,\n"
    "the rule it hits in each table and whose clause that is, and where it comes out. Nothing is\n"
    "sent. Packets are tcp, udp, sctp, icmp, icmp6, or ip PROTOCOL.\n";

const Syntax kSyntax{.valued = {"--socket", "--lab"}, .switches = {"--json", "--help"}};

}  // namespace

std::string socket_path(const Arguments& arguments) {
  if (const auto path = arguments.value("--socket")) return *path;
  if (const auto lab = arguments.value("--lab")) return lab::control_socket(*lab);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread
  const char* const path = std::getenv("FABRIX_SOCKET");
  return path != nullptr ? path : "/run/fabrix/fabrix.sock";
}

ExitCode trace_command(Words words) {
  const auto arguments = Arguments::parse(words, kSyntax);
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kTraceUsage);
  const auto& rest = arguments->words();
  if (rest.size() < 2) return misused(kTraceUsage);
  std::string packet;  // Without quotes it is several words.
  for (const std::string& word : std::span(rest).subspan(1)) {
    packet += (packet.empty() ? "" : " ") + word;
  }
  const auto answer = api::ask(socket_path(*arguments),
                               {{"command", "trace"}, {"router", rest[0]}, {"packet", packet}});
  if (!answer) return complain(answer.error());
  if (arguments->has("--json"))
    fmt::print("{}\n", json::serialize(*answer));
  else
    fmt::print("{}", json::value_to<std::string>(answer->at("text")));
  return ExitCode::kOk;
}

}  // namespace fabrix::app
