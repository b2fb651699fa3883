// `fabrix policy`: which verb. What each does is in the policy_*.cc beside this file.
#include <string>
#include <string_view>

#include "app/arguments.h"
#include "app/commands.h"
#include "app/policy_verbs.h"

namespace fabrix::app {

constexpr std::string_view kPolicyUsage =
    "usage: fabrix policy check [--exchange EXCHANGE.yaml] [--participant NAME] [--json] FILE...\n"
    "       fabrix policy fmt [--check] FILE...\n"
    "       fabrix policy explain [--exchange ...] [--participant ...] [--json] FILE PACKET\n"
    "       fabrix policy diff [--exchange ...] [--participant ...] [--json] OLD NEW\n"
    "       fabrix policy set --participant NAME [--lab NAME | --socket PATH] FILE\n"
    "       fabrix policy remove --participant NAME [--lab NAME | --socket PATH]\n"
    "\n"
    "check says everything that is wrong with each FILE (- is stdin). --json gives an array of\n"
    "diagnostics as the Language Server Protocol has them.\n"
    "fmt lays each FILE out in the canonical way, in place (- is stdin, to stdout); the meaning "
    "does\n"
    "not change. With --check it says which are laid out otherwise, and ends with 1 if any is.\n"
    "explain says which clause decides about PACKET, such as 'tcp 100.0.0.1:1024 -> "
    "140.0.0.1:80',\n"
    "what happens while its target is unreachable, and why the other clauses do not apply; with\n"
    "' from NAME' behind it, as NAME sends it. With the routes that a running exchange has,\n"
    "`fabrix trace` says so. diff says which packets change fate from OLD to NEW, of all packets\n"
    "and whatever the routes are, and ends with 1 if any does.\n"
    "set and remove change what a running daemon uses; a policy with errors changes nothing.\n"
    "\n"
    "Only set and remove need a daemon. Without --exchange the others take the exchange.yaml in "
    "the\n"
    "FILE's directory or the nearest one above; without --participant the owner is who a\n"
    "`policy NAME { }` block or that exchange.yaml says. All end with 65 if a policy has errors;\n"
    "warnings are no errors.\n";

ExitCode policy_command(Words words) {
  const auto arguments =
      Arguments::parse(words, {.valued = {"--exchange", "--participant", "--socket", "--lab"},
                               .switches = {"--json", "--check", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kPolicyUsage);
  if (arguments->words().empty()) return misused(kPolicyUsage);
  const auto verb =
      complete(arguments->words().front(), {"check", "fmt", "explain", "diff", "set", "remove"});
  if (!verb) return complain(ExitCode::kUsage, "policy: " + verb.error().message);
  if (*verb == "check") return policy_check(*arguments);
  if (*verb == "explain") return policy_explain(*arguments);
  if (*verb == "diff") return policy_diff(*arguments);
  return *verb == "fmt" ? policy_format(*arguments) : policy_change(*arguments, *verb);
}

}  // namespace fabrix::app
