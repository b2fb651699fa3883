#include "lab/report.h"

#include <sstream>

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace fabrix::lab {
namespace {

std::string indented(const std::string& text) {
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) result += "          " + line + "\n";
  return result;
}

std::string success(const Outcome& outcome) {
  const std::string& more = outcome.evidence.empty() ? outcome.seen : outcome.evidence;
  if (more.empty() || more == outcome.expected) return fmt::format("  ok    {}\n", outcome.text);
  return fmt::format("  ok    {} ({})\n", outcome.text, more);
}

std::string failure(const Outcome& outcome) {
  std::string text = fmt::format("  FAIL  {}: ", outcome.text);
  text += outcome.expected.empty()
              ? outcome.seen
              : fmt::format("expected {}, saw {}", outcome.expected, outcome.seen);
  return text + fmt::format(" (lab.yaml:{})\n", outcome.line) + indented(outcome.detail);
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
      return "passed";
    case Verdict::kFailed:
      return "failed";
    case Verdict::kDone:
      return "done";
    case Verdict::kNote:
      break;
  }
  return "note";
}

boost::json::object to_object(const Outcome& outcome) {
  boost::json::object object{{"line", outcome.line},
                             {"kind", outcome.kind},
                             {"text", outcome.text},
                             {"verdict", name_of(outcome.verdict)},
                             {"ok", outcome.verdict != Verdict::kFailed},
                             {"milliseconds", outcome.took.count()}};
  if (!outcome.expected.empty()) object["expected"] = outcome.expected;
  if (!outcome.seen.empty()) object["seen"] = outcome.seen;
  if (!outcome.evidence.empty()) object["evidence"] = outcome.evidence;
  if (!outcome.detail.empty()) object["detail"] = outcome.detail;
  return object;
}

}  // namespace

Totals totals(std::span<const Outcome> outcomes) {
  Totals result;
  for (const Outcome& outcome : outcomes) {
    if (outcome.verdict == Verdict::kPassed) ++result.passed;
    if (outcome.verdict == Verdict::kFailed) ++result.failed;
  }
  return result;
}

std::string line_of(const Outcome& outcome) {
  switch (outcome.verdict) {
    case Verdict::kPassed:
      return success(outcome);
    case Verdict::kFailed:
      return failure(outcome);
    case Verdict::kDone:
      return fmt::format("  --    {}\n", outcome.text);
    case Verdict::kNote:
      break;
  }
  return fmt::format("\n  {}\n", outcome.text);
}

std::string last_line(const Totals& totals) {
  return fmt::format("{} passed, {} failed\n", totals.passed, totals.failed);
}

boost::json::object to_json(std::string_view lab, std::span<const Outcome> outcomes) {
  const Totals sums = totals(outcomes);
  boost::json::array checks;
  for (const Outcome& outcome : outcomes) {
    if (outcome.verdict != Verdict::kNote) checks.push_back(to_object(outcome));
  }
  return {{"lab", lab},
          {"passed", sums.passed},
          {"failed", sums.failed},
          {"checks", std::move(checks)}};
}

}  // namespace fabrix::lab
