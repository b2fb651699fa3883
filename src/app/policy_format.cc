// `fabrix policy fmt`: policy files in their canonical layout.
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "app/arguments.h"
#include "app/commands.h"
#include "app/policy_verbs.h"
#include "io/file.h"
#include "policy/format.h"
#include "policy/policy.h"

namespace fabrix::app {
namespace {

ExitCode write_back(const std::string& file, const std::string& text) {
  if (file == "-") {
    fmt::print("{}", text);
    return ExitCode::kOk;
  }
  std::error_code error;
  const auto mode = std::filesystem::status(file, error).permissions();
  // A link stays one.
  const auto target = std::filesystem::canonical(file, error);
  const auto written =
      io::write_file_atomically(error ? file : target.string(), text,
                                static_cast<std::uint32_t>(mode & std::filesystem::perms::all));
  if (!written) return complain(ExitCode::kFailed, written.error().message);
  fmt::print("{}: laid out\n", file);
  return ExitCode::kOk;
}

ExitCode lay_out(const std::string& file, const Arguments& arguments) {
  const auto text = io::read_file(file == "-" ? "/dev/stdin" : file, policy::kMaxPolicySize);
  if (!text) return complain(ExitCode::kNotFound, text.error().message);
  const auto laid_out = policy::format(*text, file);
  if (!laid_out) return complain(ExitCode::kBadInput, laid_out.error(), *text);
  if (!arguments.has("--check")) {
    const bool unchanged = *laid_out == *text && file != "-";
    return unchanged ? ExitCode::kOk : write_back(file, *laid_out);
  }
  if (*laid_out == *text) return ExitCode::kOk;
  fmt::print("{}: not in canonical layout\n", file);
  return ExitCode::kFailed;
}

}  // namespace

ExitCode policy_format(const Arguments& arguments) {
  const auto& words = arguments.words();
  if (words.size() < 2) return misused(kPolicyUsage);
  ExitCode code = ExitCode::kOk;
  for (const std::string& file : Words(words).subspan(1)) {
    const ExitCode next = lay_out(file, arguments);
    if (next != ExitCode::kOk && (code == ExitCode::kOk || code == ExitCode::kFailed)) code = next;
  }
  return code;
}

}  // namespace fabrix::app
