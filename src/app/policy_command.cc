// `fabrix policy`: which verb. What each does is in the policy_*.cc beside this file.
#include <string>
#include <string_view>

#include "app/arguments.h"
#include "app/commands.h"
#include "app/policy_verbs.h"

namespace fabrix::app {

constexpr std::string_view kPolicyUsage =
    "usage: fabrix policy check [--exchange EXCHANGE.yaml] [--participant NAME] [--json] FILE...\n"
    "       fabrix policy set --participant NAME [--lab NAME | --socket PATH] FILE\n"
    "       fabrix policy remove --participant NAME [--lab NAME | --socket PATH]\n"
    "\n"
    "check says everything that is wrong with each FILE; it needs no daemon. Without --exchange "
    "it\n"
    "takes the exchange.yaml in the FILE's directory or the nearest one above; without\n"
    "--participant the owner is who a `policy NAME { }` block or that exchange.yaml says. Without\n"
    "either it checks what it can and says what it cannot. --json gives an array of diagnostics "
    "as\n"
    "the Language Server Protocol has them. set and remove change what a running daemon uses; a\n"
    "policy with errors changes nothing. All end with 65 if a policy has errors; warnings are no\n"
    "errors.\n";

ExitCode policy_command(Words words) {
  const auto arguments =
      Arguments::parse(words, {.valued = {"--exchange", "--participant", "--socket", "--lab"},
                               .switches = {"--json", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kPolicyUsage);
  if (arguments->words().empty()) return misused(kPolicyUsage);
  const auto verb = complete(arguments->words().front(), {"check", "set", "remove"});
  if (!verb) return complain(ExitCode::kUsage, "policy: " + verb.error().message);
  return *verb == "check" ? policy_check(*arguments) : policy_change(*arguments, *verb);
}

}  // namespace fabrix::app
