#include "policy/report.h"

#include <algorithm>
#include <utility>

namespace fabrix::policy {

std::string quoted(std::string_view word) {
  return "'" + std::string(word) + "'";
}

void Report::error(std::string code, SourceSpan at, std::string message, std::string help) {
  add({.severity = Severity::kError,
       .code = std::move(code),
       .message = std::move(message),
       .file = {},
       .at = at,
       .witness = {},
       .help = std::move(help)});
}

void Report::warning(std::string code, SourceSpan at, std::string message, std::string help) {
  add({.severity = Severity::kWarning,
       .code = std::move(code),
       .message = std::move(message),
       .file = {},
       .at = at,
       .witness = {},
       .help = std::move(help)});
}

void Report::note(std::string code, SourceSpan at, std::string message, std::string help) {
  add({.severity = Severity::kNote,
       .code = std::move(code),
       .message = std::move(message),
       .file = {},
       .at = at,
       .witness = {},
       .help = std::move(help)});
}

void Report::add(Diagnostic diagnostic) {
  diagnostic.file = file_;
  const bool first_error = diagnostic.severity == Severity::kError && !failed_;
  failed_ = failed_ || diagnostic.severity == Severity::kError;
  // However many warnings came before it, the error that refuses the text is told.
  const bool known =
      std::find(diagnostics_.begin(), diagnostics_.end(), diagnostic) != diagnostics_.end();
  if (known) return;
  if (diagnostics_.size() >= kMaxDiagnostics && !first_error) {
    ++left_out_;
    return;
  }
  diagnostics_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Report::take() {
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.at < b.at; });
  if (left_out_ > 0) {
    diagnostics_.push_back({.severity = Severity::kNote,
                            .code = "P0406",
                            .message = "there is more to say: only the first " +
                                       std::to_string(kMaxDiagnostics) + " messages are shown",
                            .file = file_,
                            .at = diagnostics_.back().at,
                            .witness = {},
                            .help = {}});
  }
  left_out_ = 0;
  return std::exchange(diagnostics_, {});
}

}  // namespace fabrix::policy
