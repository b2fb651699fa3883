// Whatever the text, parse() ends; a failure says why, and every diagnostic points into the text.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "policy/describe.h"
#include "policy/parse.h"
#include "policy/simplify.h"

namespace {

using fabrix::Diagnostic;
namespace policy = fabrix::policy;

policy::SymbolTable symbols(std::uint16_t owner) {
  policy::SymbolTable table;
  table.participants = {{"A", {0}, {{"a1", {0}, {1}}}, true},
                        {"B", {1}, {{"b1", {1}, {2}}}, true},
                        {"C", {2}, {{"c1", {2}, {3}}, {"c2", {3}, {4}}}, true},
                        {"D", {3}, {}, false}};
  table.owner = {owner};
  return table;
}

bool lies_inside(const fabrix::SourceSpan& at, std::string_view text) {
  if (text.empty()) return true;
  std::size_t start = 0;
  for (std::uint32_t line = 1; line < at.line; ++line) {
    const std::size_t end = text.find('\n', start);
    if (end == std::string_view::npos) return false;
    start = end + 1;
  }
  const std::size_t length = std::min(text.find('\n', start), text.size()) - start;
  return at.column >= 1 && at.length >= 1 && at.column - 1 + at.length <= length;
}

void check(const std::vector<Diagnostic>& diagnostics, std::string_view text) {
  for (const Diagnostic& each : diagnostics) {
    if (!lies_inside(each.at, text) || each.code.empty() || each.message.empty()) std::abort();
  }
}

void parse_as(std::uint16_t owner, std::string_view text) {
  const policy::SymbolTable table = symbols(owner);
  const auto result = policy::parse(text, "fuzz", table);
  check(result ? result->diagnostics : result.error(), text);
  if (!result) {
    if (!fabrix::has_error(result.error())) std::abort();
    return;
  }
  if (fabrix::has_error(result->diagnostics)) std::abort();
  for (const policy::Clause& each : result->policy.outbound.clauses) {
    if (policy::describe(each, table).empty()) std::abort();
    const auto extent = policy::extent_of(*each.when, 1'000'000);
    if (!extent || extent->depth > policy::kMaxDepth) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): octets are the text.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  parse_as(0, text);
  parse_as(2, text);
  return 0;
}
