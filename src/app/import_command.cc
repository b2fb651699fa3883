// `fabrix import`: an exchange.yaml out of what other programs have.
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "app/arguments.h"
#include "app/commands.h"
#include "app/exchange_file.h"
#include "app/policy_judgement.h"
#include "interchange/arouteserver.h"
#include "interchange/isdx.h"
#include "interchange/ixf_import.h"
#include "interchange/neighbors.h"
#include "io/file.h"

namespace fabrix::app {
namespace {

constexpr std::string_view kUsage =
    "usage: fabrix import neighbors FILE.json [--policy minimal|ixp|strict]\n"
    "       fabrix import arouteserver GENERAL.yml CLIENTS.yml\n"
    "       fabrix import ixf FILE.json\n"
    "       fabrix import policy --exchange EXCHANGE.yaml --participant NAME [-o OUT] FILE.json\n"
    "\n"
    "policy makes a .policy of what iSDX has, to stdout or OUT: participant N is the Nth of the "
    "exchange.\n"
    "The others write an exchange.yaml to stdout; FILE may be -, for stdin. What has no "
    "counterpart, and "
    "what "
    "is a\n"
    "placeholder, is said on stderr and in comments at the beginning of the file. neighbors is a "
    "list of\n"
    "{address, asn, name, passive}; ixf is an IX-F Member Export. Ends with 65 if a file is not "
    "what "
    "it\n"
    "should be.\n";

constexpr std::size_t kMaxInput = std::size_t{64} << 20U;

using interchange::Imported;
using interchange::Remarks;

void say(const Remarks& remarks) {
  for (const auto& remark : remarks) fmt::print(stderr, "{}\n", to_string(remark));
}

ExitCode tell(const Result<Imported, Remarks>& imported) {
  if (!imported) {
    say(imported.error());
    return ExitCode::kBadInput;
  }
  say(imported->remarks);
  fmt::print("{}", imported->yaml);
  return ExitCode::kOk;
}

Result<std::string> read_input(const std::string& file) {
  return io::read_file(file == "-" ? "/dev/stdin" : file, kMaxInput);
}

ExitCode write_policy(const std::string& text, const Arguments& arguments) {
  const auto out = arguments.value("-o");
  if (!out) {
    fmt::print("{}", text);
    return ExitCode::kOk;
  }
  const auto written = io::write_file_atomically(*out, text);
  return written ? ExitCode::kOk : complain(ExitCode::kFailed, written.error().message);
}

// What is imported is a policy of the participant, or what is wrong with it is told.
ExitCode import_policy(const std::string& file, const Arguments& arguments) {
  const auto exchange_file = arguments.value("--exchange");
  const auto name = arguments.value("--participant");
  if (!exchange_file || !name) return misused(kUsage);
  const auto exchange = read_exchange(*exchange_file);
  if (!exchange) return exchange.error();
  const auto* owner = exchange->find_participant(*name);
  if (owner == nullptr) {
    return complain(ExitCode::kNotFound,
                    fmt::format("no participant of {} is called '{}'", *exchange_file, *name));
  }
  const auto text = read_input(file);
  if (!text) return complain(ExitCode::kNotFound, text.error().message);
  const auto imported = interchange::import_isdx(*text, file, *exchange, owner->id);
  if (!imported) {
    say(imported.error());
    return ExitCode::kBadInput;
  }
  const auto judgement = judge(*exchange, owner->id, *imported, file);
  fmt::print(stderr, "{}", render(judgement.diagnostics, *imported));
  return judgement.policy ? write_policy(*imported, arguments) : ExitCode::kBadInput;
}

std::optional<exchange::PolicyPreset> preset_of(const Arguments& arguments) {
  const std::string name = arguments.value("--policy").value_or("minimal");
  if (name == "minimal") return exchange::PolicyPreset::kMinimal;
  if (name == "ixp") return exchange::PolicyPreset::kIxp;
  if (name == "strict") return exchange::PolicyPreset::kStrict;
  return std::nullopt;
}

ExitCode import_list(const std::string& file, const Arguments& arguments) {
  const auto preset = preset_of(arguments);
  if (!preset) return complain(ExitCode::kUsage, "import: --policy is minimal, ixp or strict");
  const auto text = read_input(file);
  if (!text) return complain(ExitCode::kNotFound, text.error().message);
  return tell(interchange::import_neighbors(*text, file, *preset));
}

ExitCode import_members(const std::string& file) {
  const auto text = read_input(file);
  if (!text) return complain(ExitCode::kNotFound, text.error().message);
  return tell(interchange::import_ixf(*text, file));
}

ExitCode import_arouteserver(const std::string& general, const std::string& clients) {
  const auto first = read_input(general);
  if (!first) return complain(ExitCode::kNotFound, first.error().message);
  const auto second = read_input(clients);
  if (!second) return complain(ExitCode::kNotFound, second.error().message);
  return tell(interchange::import_arouteserver({*first, general}, {*second, clients}));
}

}  // namespace

ExitCode import_command(Words words) {
  const auto arguments = Arguments::parse(
      words, {.valued = {"--policy", "--exchange", "--participant", "-o"}, .switches = {"--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  if (arguments->words().empty()) return misused(kUsage);
  const auto what = complete(arguments->words()[0], {"neighbors", "arouteserver", "ixf", "policy"});
  if (!what) return complain(ExitCode::kUsage, "import: " + what.error().message);
  const std::size_t files = *what == "arouteserver" ? 2 : 1;
  const auto& given = arguments->words();
  const bool misplaced = *what != "neighbors" && arguments->value("--policy").has_value();
  if (given.size() != 1 + files || misplaced) return misused(kUsage);
  if (*what == "policy") return import_policy(given[1], *arguments);
  if (*what == "neighbors") return import_list(given[1], *arguments);
  return *what == "ixf" ? import_members(given[1]) : import_arouteserver(given[1], given[2]);
}

}  // namespace fabrix::app
