// FileProblem: what is wrong with a file that the configuration names, for people and for machines.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/diagnostic.h"

namespace fabrix::daemon {

struct FileProblem {
  Diagnostic diagnostic;
  std::string text;  // rendered, with the line that it is about

  friend bool operator==(const FileProblem&, const FileProblem&) = default;
};

inline FileProblem problem_in(Diagnostic diagnostic, std::string_view source) {
  std::string text = render(diagnostic, source);
  return {.diagnostic = std::move(diagnostic), .text = std::move(text)};
}

// A file that cannot be read, or whose format knows no places.
inline FileProblem problem_with(std::string_view file, std::string_view what) {
  Diagnostic diagnostic;
  diagnostic.code = "C0202";
  diagnostic.message = what;
  diagnostic.file = file;
  const bool named = file.empty() || what.find(file) != std::string_view::npos;
  const std::string where = named ? "" : diagnostic.file + ": ";
  return {.diagnostic = diagnostic, .text = "error[C0202]: " + where + std::string(what) + "\n"};
}

}  // namespace fabrix::daemon
