#include "interchange/remark.h"

#include <fmt/format.h>

namespace fabrix::interchange {

std::string to_string(const Remark& remark) {
  return fmt::format("{}:{}{} {}", remark.file, remark.where, remark.where.empty() ? "" : ":",
                     remark.what);
}

Remark remark_of(const Diagnostic& diagnostic) {
  return {.file = diagnostic.file,
          .where = fmt::format("{}:{}", diagnostic.at.line, diagnostic.at.column),
          .what = diagnostic.help.empty()
                      ? diagnostic.message
                      : fmt::format("{} ({})", diagnostic.message, diagnostic.help)};
}

Remarks remarks_of(std::span<const Diagnostic> diagnostics) {
  Remarks remarks;
  for (const Diagnostic& one : diagnostics) remarks.push_back(remark_of(one));
  return remarks;
}

}  // namespace fabrix::interchange
