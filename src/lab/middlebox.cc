#include "lab/middlebox.h"

#include <fmt/format.h>

#include "io/file.h"
#include "lab/network.h"
#include "lab/program.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kBridge = "wire";

using Words = std::vector<std::string>;

Result<void> run(const MiddleboxPlan& plan, std::string program, Words words) {
  const auto done = run_program({.program = std::move(program),
                                 .arguments = std::move(words),
                                 .network_namespace = plan.network_namespace});
  if (!done) return fail(done.error());
  return {};
}

// It learns no addresses: all of them are at its one port, where everything is sent.
std::vector<Words> bridge_commands() {
  const std::string bridge(kBridge);
  const std::string port(kInterface);
  return {{"link", "add", bridge, "type", "bridge", "mcast_snooping", "0"},
          {"link", "set", port, "master", bridge},
          {"link", "set", port, "type", "bridge_slave", "hairpin", "on", "learning", "off"},
          {"link", "set", bridge, "up"}};
}

}  // namespace

std::string firewall_ruleset(const std::vector<std::string>& drops) {
  std::string text =
      "table bridge firewall {\n"
      "  chain forward {\n"
      "    type filter hook forward priority filter; policy accept;\n";
  for (const std::string& drop : drops) text += fmt::format("    {} counter drop\n", drop);
  return text + "  }\n}\n";
}

Result<void> start_middlebox(const MiddleboxPlan& plan) {
  const std::string file = plan.directory + "/firewall.nft";
  if (auto done = io::write_file_atomically(file, firewall_ruleset(plan.drops)); !done) return done;
  if (auto done = run(plan, "nft", {"-f", file}); !done) return done;
  for (const Words& words : bridge_commands()) {
    if (auto done = run(plan, "ip", words); !done) return done;
  }
  return {};
}

}  // namespace fabrix::lab
