// Report: collects what is wrong with one policy text.
//
// The same text may be looked at more than once (macros, the two directions of final_policy), so an
// equal diagnostic is kept once; and at most kMaxDiagnostics are kept, since nobody reads more: a
// note (P0406) says that there are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace fabrix::policy {

inline constexpr std::size_t kMaxDiagnostics = 50;

// A word of the text, as diagnostics write it: 'word'.
std::string quoted(std::string_view word);

class Report {
 public:
  explicit Report(std::string_view file) : file_(file) {}

  void error(std::string code, SourceSpan at, std::string message, std::string help = {});
  void warning(std::string code, SourceSpan at, std::string message, std::string help = {});
  void note(std::string code, SourceSpan at, std::string message, std::string help = {});

  // As it is, but for the file name, which is filled in.
  void add(Diagnostic diagnostic);

  bool failed() const { return failed_; }

  // In the order of the text.
  std::vector<Diagnostic> take();

 private:
  std::string file_;
  std::vector<Diagnostic> diagnostics_;
  std::size_t left_out_ = 0;
  bool failed_ = false;
};

}  // namespace fabrix::policy
