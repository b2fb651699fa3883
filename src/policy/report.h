// Report: collects what is wrong with one policy text, and bounds the work of reading it.
//
// The same text may be looked at more than once (macros, the two directions of final_policy), so an
// equal diagnostic is kept once; and at most kMaxDiagnostics are kept, since nobody reads more: a
// note (P0406) says that there are.
//
// Reading takes steps of a budget, which all reports about one text share: definitions, sequences
// and sets may multiply out to any size. The same text takes the same steps each time. Once they
// are spent, what is read means nothing, and the text is refused (P0412).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/diagnostic.h"

namespace fabrix::policy {

inline constexpr std::size_t kMaxDiagnostics = 50;
// Of reading one text. A text of the size that is allowed takes some hundred thousands as it
// stands; all of them take an optimized build some tenths of a second.
inline constexpr std::uint64_t kReadingSteps = 4'000'000;

// A word of the text, as diagnostics write it: 'word'.
std::string quoted(std::string_view word);

class Report {
 public:
  explicit Report(std::string_view file, std::uint64_t steps = kReadingSteps)
      : file_(file), work_(std::make_shared<Work>(Work{.budget = Budget(steps), .spent_at = {}})) {}

  // Another one about the same text: the two share what is left of the budget.
  Report aside() const;

  // Before so much work, or after it. False: too much, and reported (P0412) at the first place at
  // which it was.
  bool spend(std::uint64_t steps, const SourceSpan& at);
  bool is_spent() const { return work_->budget.is_spent(); }
  std::uint64_t steps() const { return work_->budget.taken(); }

  void error(std::string code, SourceSpan at, std::string message, std::string help = {});
  void warning(std::string code, SourceSpan at, std::string message, std::string help = {});
  void note(std::string code, SourceSpan at, std::string message, std::string help = {});

  // As it is, but for the file name, which is filled in.
  void add(Diagnostic diagnostic);

  bool failed() const { return failed_; }

  // In the order of the text.
  std::vector<Diagnostic> take();

 private:
  struct Work {
    Budget budget;
    SourceSpan spent_at;
  };

  std::string file_;
  std::shared_ptr<Work> work_;
  std::vector<Diagnostic> diagnostics_;
  std::size_t left_out_ = 0;
  bool failed_ = false;
  bool told_spent_ = false;
};

}  // namespace fabrix::policy
