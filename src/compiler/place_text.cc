#include "compiler/place_text.h"

#include <fmt/format.h>

namespace fabrix::compiler {

std::string place_beside(const SourceSpan& place, const SourceSpan& other) {
  if (place == other) return "the same place";
  if (place.line != other.line) return fmt::format("line {}", place.line);
  return fmt::format("line {}, column {}", place.line, place.column);
}

}  // namespace fabrix::compiler
