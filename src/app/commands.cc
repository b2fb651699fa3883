#include "app/commands.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "api/queries.h"
#include "base/suggest.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

enum class ErrorForm : std::uint8_t { kText, kJson };

// Of the process, as a command line has one form. Set before anything else happens.
ErrorForm error_form = ErrorForm::kText;

std::string_view name_of(ExitCode code) {
  switch (code) {
    case ExitCode::kOk:
      return "ok";
    case ExitCode::kFailed:
      return "failed";
    case ExitCode::kUsage:
      return "usage";
    case ExitCode::kNotFound:
      return "not-found";
    case ExitCode::kUnreachable:
      return "unreachable";
    case ExitCode::kBadInput:
      return "bad-input";
    case ExitCode::kBadConfig:
      return "bad-config";
  }
  return "failed";
}

ExitCode complain_in_json(ExitCode code, std::string_view message, json::array diagnostics) {
  json::object error{{"code", to_int(code)}, {"kind", name_of(code)}, {"message", message}};
  if (!diagnostics.empty()) error["diagnostics"] = std::move(diagnostics);
  fmt::print(stderr, "{}\n", json::serialize(json::object{{"error", std::move(error)}}));
  return code;
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

void complain_in_json() {
  error_form = ErrorForm::kJson;
}

ExitCode complain(ExitCode code, const std::string& message) {
  if (error_form == ErrorForm::kJson) return complain_in_json(code, message, {});
  fmt::print(stderr, "fabrix: {}\n", message);
  return code;
}

ExitCode complain_verbatim(ExitCode code, const std::string& lines) {
  const std::string_view text(lines.data(), lines.find_last_not_of('\n') + 1);
  if (error_form == ErrorForm::kJson) return complain_in_json(code, text, {});
  fmt::print(stderr, "{}\n", text);
  return code;
}

ExitCode complain(ExitCode code, const std::vector<Diagnostic>& diagnostics,
                  std::string_view source) {
  const std::string text = render(diagnostics, source);
  if (error_form == ErrorForm::kText) {
    fmt::print(stderr, "{}", text);
    return code;
  }
  json::array all;
  for (const Diagnostic& diagnostic : diagnostics) all.push_back(api::to_json(diagnostic));
  return complain_in_json(code, first_line(text), std::move(all));
}

ExitCode explain(std::string_view usage) {
  fmt::print("{}", usage);
  return ExitCode::kOk;
}

ExitCode misused(std::string_view usage) {
  if (error_form == ErrorForm::kJson) {
    return complain_in_json(ExitCode::kUsage, first_line(usage), {});
  }
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
      break;
  }
  if (error_form == ErrorForm::kText) return complain(ExitCode::kBadInput, failure.message);
  const json::array* const diagnostics = failure.diagnostics.if_array();
  return complain_in_json(ExitCode::kBadInput, failure.message,
                          diagnostics == nullptr ? json::array{} : *diagnostics);
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
