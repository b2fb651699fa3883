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

Report Report::aside() const {
  Report other("");
  other.work_ = work_;
  return other;
}

bool Report::spend(std::uint64_t steps, const SourceSpan& at) {
  const bool before = is_spent();
  if (work_->budget.spend(steps)) return true;
  if (!before) work_->spent_at = at;
  if (std::exchange(told_spent_, true)) return false;
  add({.severity = Severity::kError,
       .code = "P0412",
       .message = "this policy takes too much work to read",
       .file = {},
       .at = work_->spent_at,
       .witness = std::to_string(work_->budget.taken()) + " steps brought the reader to here",
       .help = "definitions, sequences and sets multiply out: name a large set in one clause, not "
               "in many, and put '>>' between few clauses"});
  return false;
}

void Report::add(Diagnostic diagnostic) {
  diagnostic.file = file_;
  const bool first_error = diagnostic.severity == Severity::kError && !failed_;
  failed_ = failed_ || diagnostic.severity == Severity::kError;
  // However many warnings came before it, the error that refuses the text is told.
  const bool known = std::any_of(diagnostics_.begin(), diagnostics_.end(), [&](const auto& each) {
    return each.at == diagnostic.at && each == diagnostic;
  });
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
