// `fabrix export`: an exchange.yaml as what other programs and people read.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/serialize.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "app/arguments.h"
#include "app/commands.h"
#include "app/exchange_file.h"
#include "base/number.h"
#include "interchange/ixf_export.h"
#include "interchange/page.h"
#include "interchange/policy_page.h"

namespace fabrix::app {
namespace {

constexpr std::string_view kUsage =
    "usage: fabrix export ixf -c EXCHANGE.yaml [--version 1.0|0.7] [--ixf-id N] [--macs]\n"
    "       fabrix export policy -c EXCHANGE.yaml [--html]\n"
    "\n"
    "ixf writes an IX-F Member Export, without MAC addresses unless asked for; --ixf-id is the "
    "exchange's\n"
    "number in the IX-F database. policy writes what the route server does, for members to read, "
    "as\n"
    "Markdown or as a page of HTML.\n";

std::string now() {
  const auto time = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

Result<interchange::IxfOptions> ixf_options(const Arguments& arguments) {
  interchange::IxfOptions options;
  options.timestamp = now();
  const std::string version = arguments.value("--version").value_or("1.0");
  if (version != "1.0" && version != "0.7") {
    return fail(Error{"export: --version is 1.0 or 0.7"});
  }
  if (version == "0.7") options.version = interchange::IxfVersion::kVersion07;
  if (arguments.has("--macs")) options.macs = interchange::MacAddresses::kShown;
  const std::string id = arguments.value("--ixf-id").value_or("0");
  const auto number = parse_number<decltype(options.ixf_id)>(id);
  if (!number) return fail(Error{"export: --ixf-id is a number"});
  options.ixf_id = *number;
  return options;
}

ExitCode export_members(const exchange::Exchange& exchange, const Arguments& arguments) {
  const auto options = ixf_options(arguments);
  if (!options) return complain(ExitCode::kUsage, options.error().message);
  fmt::print("{}\n", boost::json::serialize(interchange::export_ixf(exchange, *options)));
  return ExitCode::kOk;
}

ExitCode export_policy(const exchange::Exchange& exchange, const Arguments& arguments) {
  const auto page = interchange::policy_page(exchange);
  fmt::print("{}", arguments.has("--html") ? to_html(page) : to_markdown(page));
  return ExitCode::kOk;
}

}  // namespace

ExitCode export_command(Words words) {
  const auto arguments = Arguments::parse(words, {.valued = {"-c", "--version", "--ixf-id"},
                                                  .switches = {"--macs", "--html", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  const auto file = arguments->value("-c");
  if (arguments->words().size() != 1 || !file) return misused(kUsage);
  const auto what = complete(arguments->words()[0], {"ixf", "policy"});
  if (!what) return complain(ExitCode::kUsage, "export: " + what.error().message);
  const auto exchange = read_exchange(*file);
  if (!exchange) return exchange.error();
  return *what == "ixf" ? export_members(*exchange, *arguments)
                        : export_policy(*exchange, *arguments);
}

}  // namespace fabrix::app
