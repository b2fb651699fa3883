#include "policy/query_term.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/number.h"
#include "policy/lower_queries.h"
#include "policy/vocabulary.h"

namespace fabrix::policy {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kLongestName = 64;

// "10s", "500ms"; a plain number is in seconds, as in Pyretic. None: out of all bounds.
std::optional<milliseconds> interval_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc{}) return std::nullopt;
  const std::string_view unit(parsed.ptr, text.data() + text.size());
  std::int64_t length = 1000;
  if (unit == "ms") length = 1;
  if (unit == "m") length *= 60;
  if (unit == "h") length *= std::int64_t{60} * 60;
  if (unit == "d") length *= std::int64_t{24} * 60 * 60;
  return milliseconds(length * number);
}

bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= kLongestName &&
         std::all_of(text.begin(), text.end(), fits);
}

bool add_field(const Syntax& name, QuerySpec& spec, Report& report) {
  const auto word = find_field(name.text);
  if (!word) {
    report.error("P0201", name.at, "'" + name.text + "' is not a field");
    return false;
  }
  const bool twice =
      std::find(spec.fields.begin(), spec.fields.end(), word->field) != spec.fields.end();
  if (twice || word->kind != FieldKind::kNumber) {
    report.error("P0323", name.at,
                 twice ? "'" + name.text + "' stands there twice"
                       : "addresses are too many to have a counter each",
                 twice ? ""
                       : "[match(srcip=p) >> count_packets(1s) for p in [...]] has one for "
                         "each prefix");
    return false;
  }
  spec.fields.push_back(word->field);
  return true;
}

Counted counted_by(std::string_view word) {
  if (word == "packets") return Counted::kFirstPackets;
  return word == "count_bytes" ? Counted::kBytes : Counted::kPackets;
}

bool read_interval(const Syntax& syntax, QuerySpec& spec, Report& report) {
  const Syntax& duration = *syntax.children.front();
  const auto interval = interval_of(duration.text);
  if (!interval || *interval < kMinInterval || *interval > kMaxInterval) {
    report.error("P0321", duration.at, "a query reports every 1s to every 24h",
                 "count_packets(1s), count_bytes(5m)");
    return false;
  }
  spec.interval = *interval;
  return true;
}

bool read_limit(const Syntax& syntax, QuerySpec& spec, Report& report) {
  if (syntax.children.empty()) return true;
  const Syntax& limit = *syntax.children.front();
  spec.limit = parse_number<decltype(spec.limit)>(limit.text).value_or(0);
  if (spec.limit > 0) return true;
  report.error("P0321", limit.at, "packets() counts the first packets, at least 1",
               "packets(1, dstport), or packets() for all");
  return false;
}

// NOLINTBEGIN(misc-no-recursion): as deep as the term, at most kMaxDepth.

// What ends in queries only: nothing comes out.
bool only_counts(const Term& term) {
  const auto all = [](const std::vector<TermPtr>& parts) {
    return !parts.empty() && std::all_of(parts.begin(), parts.end(),
                                         [](const TermPtr& part) { return only_counts(*part); });
  };
  if (const auto* sequence = std::get_if<Sequence>(&term.node)) {
    return only_counts(*sequence->parts.back());
  }
  if (const auto* parallel = std::get_if<Parallel>(&term.node)) return all(parallel->parts);
  if (const auto* ranked = std::get_if<Ranked>(&term.node)) return all(ranked->parts);
  if (const auto* choice = std::get_if<Choice>(&term.node)) {
    return only_counts(*choice->then) && only_counts(*choice->otherwise);
  }
  return std::holds_alternative<Count>(term.node);
}

bool decides(const Term& term) {
  const auto some = [](const std::vector<TermPtr>& parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [](const TermPtr& part) { return decides(*part); });
  };
  if (const auto* act = std::get_if<Act>(&term.node)) {
    return !std::holds_alternative<UseDefault>(act->verdict);
  }
  if (const auto* sequence = std::get_if<Sequence>(&term.node)) return some(sequence->parts);
  if (const auto* parallel = std::get_if<Parallel>(&term.node)) return some(parallel->parts);
  if (const auto* ranked = std::get_if<Ranked>(&term.node)) return some(ranked->parts);
  const auto* choice = std::get_if<Choice>(&term.node);
  return choice != nullptr && (decides(*choice->then) || decides(*choice->otherwise));
}

// NOLINTEND(misc-no-recursion)

}  // namespace

QuerySpecPtr query_spec(const Syntax& syntax, Report& report) {
  QuerySpec spec;
  spec.counted = counted_by(syntax.text);
  spec.name = syntax.label;
  spec.at = syntax.at;
  const bool good = spec.counted == Counted::kFirstPackets ? read_limit(syntax, spec, report)
                                                           : read_interval(syntax, spec, report);
  if (!good) return nullptr;
  if (!spec.name.empty() && !is_name(spec.name)) {
    report.error("P0321", syntax.at, "this is no name for a query",
                 "at most 64 letters, digits, '_', '-' and '.'");
    return nullptr;
  }
  for (std::size_t i = 1; i < syntax.children.size(); ++i) {
    if (!add_field(*syntax.children[i], spec, report)) return nullptr;
  }
  return std::make_shared<const QuerySpec>(std::move(spec));
}

bool check_queries(const Sequence& sequence, Report& report) {
  bool decided = false;
  for (const TermPtr& part : sequence.parts) {
    const bool counting = counts(*part);
    if (counting && decided) {
      report.error("P0320", part->at, "a query cannot stand behind what forwards or drops",
                   "put it beside with '+', behind the same tests");
      return false;
    }
    if (counting && part != sequence.parts.back() && only_counts(*part)) {
      report.error("P0320", part->at, "nothing can follow a query, since it decides nothing",
                   "put the rest beside it with '+'");
      return false;
    }
    decided = decided || decides(*part);
  }
  return true;
}

}  // namespace fabrix::policy
