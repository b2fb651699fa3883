// fabrix: the command line. What each command does is in app/*_command.cc; this file is their list.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "app/commands.h"
#include "base/suggest.h"

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
    Command{"trace", trace_command, "explain what happens to a packet"},
    Command{"show", show_command, "participants, sessions, routes, classes, policies, rules"},
};

void print_help() {
  fmt::print("Fabrix, a software-defined Internet exchange.\n\nusage: fabrix COMMAND ...\n\n");
  for (const Command& command : kCommands) fmt::print("  {:<9} {}\n", command.name, command.help);
  fmt::print("\n`fabrix COMMAND` without more says how it is used. fabrixd is the daemon.\n");
}

ExitCode run(Words words) {
  if (words.empty() || words[0] == "help" || words[0] == "--help" || words[0] == "-h") {
    print_help();
    return words.empty() ? ExitCode::kUsage : ExitCode::kOk;
  }
  // As birdc and vtysh do: any unambiguous beginning of a command will do.
  std::vector<const Command*> meant;
  for (const Command& command : kCommands) {
    if (command.name == words[0]) return command.run(words.subspan(1));
    if (command.name.starts_with(words[0])) meant.push_back(&command);
  }
  if (meant.size() == 1) return meant.front()->run(words.subspan(1));
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  const auto near = nearest(words[0], names);
  return complain(ExitCode::kUsage, "no command is called '" + words[0] + "'" +
                                        (near ? "; did you mean " + *near + "?" : "") +
                                        " (fabrix --help lists them)");
}

}  // namespace
}  // namespace fabrix::app

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  return fabrix::app::to_int(fabrix::app::run(words));
}
