#include "app/commands.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "base/suggest.h"

namespace fabrix::app {

ExitCode complain(ExitCode code, const std::string& message) {
  fmt::print(stderr, "fabrix: {}\n", message);
  return code;
}

ExitCode explain(std::string_view usage) {
  fmt::print("{}", usage);
  return ExitCode::kOk;
}

ExitCode misused(std::string_view usage) {
  fmt::print(stderr, "{}", usage);
  return ExitCode::kUsage;
}

ExitCode complain(const api::AskFailure& failure) {
  switch (failure.kind) {
    case api::AskError::kUnreachable:
      return complain(ExitCode::kUnreachable,
                      failure.message +
                          "\n        is fabrixd running? --lab NAME, --socket PATH or "
                          "FABRIX_SOCKET say where");
    case api::AskError::kNotFound:
      return complain(ExitCode::kNotFound, failure.message);
    case api::AskError::kBadRequest:
    case api::AskError::kRefused:
      return complain(ExitCode::kBadInput, failure.message);
  }
  return complain(ExitCode::kFailed, failure.message);
}

Result<std::string> complete(std::string_view word, const std::vector<std::string>& known) {
  if (std::ranges::find(known, word) != known.end()) return std::string(word);
  std::string meant;
  std::size_t matches = 0;
  for (const std::string& name : known) {
    if (word.empty() || !name.starts_with(word)) continue;
    meant += (meant.empty() ? "" : " or ") + name;
    ++matches;
  }
  if (matches == 1) return meant;
  if (matches > 1) return fail(Error{fmt::format("'{}' may be {}", word, meant)});
  const auto near = nearest(word, known);
  return fail(Error{
      fmt::format("nothing is called '{}'{}", word, near ? "; did you mean " + *near + "?" : "")});
}

}  // namespace fabrix::app
