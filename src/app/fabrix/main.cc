// fabrix: the command line. What each command does is in app/*_command.cc; this file is their list.
#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "app/commands.h"

namespace fabrix::app {
namespace {

struct Command {
  std::string_view name;
  ExitCode (*run)(Words);
  std::string_view help;
};

constexpr std::array kCommands{
    Command{"lab", lab_command,
            "run an emulated exchange with real routers: list, run, check, ..."},
    Command{"simulate", simulate_command, "run a script against a whole exchange in one process"},
    Command{"policy", policy_command, "check policy files; set or remove one on a daemon"},
    Command{"import", import_command,
            "make an exchange.yaml of a neighbor list, ARouteServer, IX-F; a policy"},
    Command{"export", export_command, "write IX-F, or the route server's policy as a page"},
    Command{"reload", reload_command, "have a daemon read its configuration again"},
    Command{"trace", trace_command, "explain what happens to a packet"},
    Command{"verify", verify_command, "prove that a running exchange does what it should"},
    Command{"what-if", what_if_command, "say what a policy or a withdrawal would do, before it"},
    Command{"show", show_command, "neighbors, routes and why, participants, policies, rules"},
    Command{"traffic", traffic_command, "who sends how much to whom across the exchange"},
    Command{"monitor", monitor_command, "show what sessions and routes do, as it happens"},
    Command{"event", event_command, "tell a policy with fsms that something happened"},
    Command{"sflow", sflow_command, "read, replay and forward the datagrams of sFlow agents"},
    Command{"agent", agent_command, "sample and count this host's traffic for sFlow collectors"},
    Command{"script", script_command, "list, stop and run scripts beside the telemetry engine"},
    Command{"port", port_command, "put a port in quarantine, shut it down, release it"},
    Command{"session", session_command, "reset, refresh, disable or enable BGP sessions"},
};

std::string help() {
  std::string text =
      "Fabrix, a software-defined Internet exchange.\n\nusage: fabrix COMMAND ...\n\n";
  for (const Command& command : kCommands) {
    text += fmt::format("  {:<9} {}\n", command.name, command.help);
  }
  return text + "\nfabrix COMMAND --help says how it is used. fabrixd is the daemon.\n";
}

// Whether the answer is to be JSON, and so what is complained of.
bool wants_json(Words words) {
  const auto end = std::ranges::find(words, "--");
  const bool option = std::any_of(
      words.begin(), end, [](const std::string& word) { return word == "--json" || word == "-j"; });
  const bool shows = !words.empty() && words[0].starts_with('s') && words[0] != "session";
  return option || (shows && words.back() == "json");
}

ExitCode run(Words words) {
  if (wants_json(words)) complain_in_json();
  if (words.empty()) return misused(help());
  if (words[0] == "help" || words[0] == "--help" || words[0] == "-h") return explain(help());
  if (words[0] == "internal") return internal_command(words.subspan(1));
  std::vector<std::string> names;
  names.reserve(kCommands.size());
  for (const Command& command : kCommands) names.emplace_back(command.name);
  // A shorthand that is no unambiguous beginning.
  const auto name = complete(words[0] == "s" ? "show" : words[0], names);
  if (!name) {
    return complain(ExitCode::kUsage, name.error().message + " (fabrix --help lists the commands)");
  }
  const auto* const command = std::ranges::find(kCommands, *name, &Command::name);
  const ExitCode code = command->run(words.subspan(1));
  // What could not be written was not done.
  if (std::fflush(stdout) != 0 && code == ExitCode::kOk) {
    return complain(ExitCode::kFailed, "the output could not be written");
  }
  return code;
}

}  // namespace
}  // namespace fabrix::app

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  return fabrix::app::to_int(fabrix::app::run(words));
}
