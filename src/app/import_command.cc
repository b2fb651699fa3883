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
#include "interchange/arouteserver.h"
#include "interchange/ixf_import.h"
#include "interchange/neighbors.h"
#include "io/file.h"

namespace fabrix::app {
namespace {

constexpr std::string_view kUsage =
    "usage: fabrix import neighbors FILE.json [--policy minimal|ixp|strict]\n"
    "       fabrix import arouteserver GENERAL.yml CLIENTS.yml\n"
    "       fabrix import ixf FILE.json\n"
    "\n"
    "Writes an exchange.yaml to stdout; FILE may be -, for stdin. What has no counterpart, and "
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
  const auto arguments = Arguments::parse(words, {.valued = {"--policy"}, .switches = {"--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  if (arguments->words().empty()) return misused(kUsage);
  const auto what = complete(arguments->words()[0], {"neighbors", "arouteserver", "ixf"});
  if (!what) return complain(ExitCode::kUsage, "import: " + what.error().message);
  const std::size_t files = *what == "arouteserver" ? 2 : 1;
  const auto& given = arguments->words();
  const bool misplaced = *what != "neighbors" && arguments->value("--policy").has_value();
  if (given.size() != 1 + files || misplaced) return misused(kUsage);
  if (*what == "neighbors") return import_list(given[1], *arguments);
  return *what == "ixf" ? import_members(given[1]) : import_arouteserver(given[1], given[2]);
}

}  // namespace fabrix::app
