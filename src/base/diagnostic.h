// Diagnostic: what is wrong with a text somebody wrote, where, why, and what to do about it.
//
// The policy language and the configuration file report in this one form, and the command line, the
// log and the API show it in this one rendering:
//
//     error[P0301]: a packet would go to two targets
//       --> A.policy:4:14
//       4 |          + match(dstip=140.0.0.0/24) >> fwd(C)
//         |            ^^^^^^^^^^^^^^^^^^^^^^^^^
//       witness: tcp 100.0.0.1:1024 -> 140.0.0.1:80 goes to B and to C
//       help: rank them with '//', or make them exclude each other
//
// Values; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fabrix {

// A stretch of one line of a text. Lines and columns count from 1; columns and length count octets.
struct SourceSpan {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::uint32_t length = 1;

  friend auto operator<=>(const SourceSpan&, const SourceSpan&) = default;
};

enum class Severity : std::uint8_t { kNote, kWarning, kError };

struct Diagnostic {
  Severity severity = Severity::kError;
  std::string code;     // stable and documented: P0301, C0102
  std::string message;  // a lower-case clause without a full stop
  std::string file;     // as the user named it
  SourceSpan at;
  std::string witness;  // an example that shows the problem; may be empty or of several lines
  std::string help;     // what to do; may be empty

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

// The rendering above, ending in a newline. `source` is the text the diagnostic points into; a span
// outside it renders without the excerpt.
std::string render(const Diagnostic& diagnostic, std::string_view source);

// All of them, in order, each followed by an empty line.
std::string render(std::span<const Diagnostic> diagnostics, std::string_view source);

bool has_error(std::span<const Diagnostic> diagnostics);

}  // namespace fabrix
