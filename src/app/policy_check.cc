// `fabrix policy check`: all that is wrong with policy files, against the exchange each belongs to.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "app/arguments.h"
#include "app/commands.h"
#include "app/lsp_diagnostic.h"
#include "app/policy_judgement.h"
#include "app/policy_subject.h"
#include "app/policy_verbs.h"
#include "io/file.h"
#include "policy/parse.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

enum class Output : std::uint8_t { kText, kJson };

struct Checked {
  std::vector<Diagnostic> diagnostics;
  Subject subject;
};

void append_new(std::vector<Diagnostic>& all, std::vector<Diagnostic> more) {
  for (Diagnostic& each : more) {
    if (std::ranges::find(all, each) == all.end()) all.push_back(std::move(each));
  }
}

Checked check_text(Subject subject, std::string_view text, const std::string& file) {
  Checked checked{.diagnostics = {}, .subject = std::move(subject)};
  if (checked.subject.owners.empty()) {
    checked.diagnostics = policy::check_alone(text, file);
    return checked;
  }
  for (const net::ParticipantId owner : checked.subject.owners) {
    append_new(checked.diagnostics,
               judge(*checked.subject.exchange, owner, text, file).diagnostics);
  }
  return checked;
}

std::string number_of_errors(const std::vector<Diagnostic>& diagnostics) {
  const auto errors = std::ranges::count(diagnostics, Severity::kError, &Diagnostic::severity);
  return fmt::format("{} error{}", errors, errors == 1 ? "" : "s");
}

std::string not_checked(const Checked& checked) {
  return "participants, ports and overlaps were not checked, as " + checked.subject.missing;
}

void print(const Checked& checked, std::string_view text, const std::string& file) {
  const bool bad = has_error(checked.diagnostics);
  const std::string verdict = bad ? number_of_errors(checked.diagnostics) : "ok";
  const std::string& found = checked.subject.found;
  fmt::print("{}{}: {}{}\n", render(checked.diagnostics, text), file, verdict,
             found.empty() ? "" : " (" + found + ")");
  if (!checked.subject.missing.empty()) fmt::print("{}: {}\n", file, not_checked(checked));
}

void append(json::array& all, const Checked& checked, std::string_view text,
            const std::string& file) {
  std::error_code error;
  const std::string path = std::filesystem::absolute(file, error).lexically_normal().string();
  for (const Diagnostic& each : checked.diagnostics) {
    all.push_back(lsp_diagnostic(each, text, path));
  }
  if (checked.subject.missing.empty()) return;
  all.push_back(lsp_diagnostic({.severity = Severity::kNote,
                                .code = "unchecked",
                                .message = not_checked(checked),
                                .file = file,
                                .at = {},
                                .witness = {},
                                .help = {}},
                               text, path));
}

}  // namespace

ExitCode policy_check(const Arguments& arguments) {
  const auto& words = arguments.words();
  if (words.size() < 2) return misused(kPolicyUsage);
  const Output output = arguments.has("--json") ? Output::kJson : Output::kText;
  Subjects subjects(arguments);
  ExitCode code = ExitCode::kOk;
  const auto worsen = [&code](ExitCode next) {
    if (code == ExitCode::kOk || code == ExitCode::kBadInput) code = next;
  };
  json::array all;
  for (const std::string& file : Words(words).subspan(1)) {
    const auto text = io::read_file(file == "-" ? "/dev/stdin" : file, 2 * policy::kMaxPolicySize);
    if (!text) {
      worsen(complain(ExitCode::kNotFound, text.error().message));
      continue;
    }
    auto subject = subjects.find(file, *text);
    if (!subject) {
      worsen(subject.error());
      continue;
    }
    const Checked checked = check_text(*std::move(subject), *text, file);
    if (has_error(checked.diagnostics)) worsen(ExitCode::kBadInput);
    output == Output::kJson ? append(all, checked, *text, file) : print(checked, *text, file);
  }
  if (output == Output::kJson) fmt::print("{}\n", json::serialize(all));
  return code;
}

}  // namespace fabrix::app
