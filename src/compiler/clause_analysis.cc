#include "compiler/clause_analysis.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "compiler/predicate_diagram.h"
#include "policy/extras.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;

// So many pairs of clauses are looked at in one step.
constexpr std::size_t kPairsAStep = 4;

}  // namespace

ClauseAnalysis::ClauseAnalysis(const policy::ClauseList& list, const Subject& subject,
                               const Surroundings& surroundings)
    : list_(list),
      subject_(subject),
      surroundings_(surroundings),
      questions_(route_tests_of(list)),
      boxes_(list.clauses.size()),
      values_(list.clauses.size()),
      diagrams_(list.clauses.size()) {
  for (std::uint32_t i = 0; i < list.clauses.size() && look_at(i, 0); ++i) {
    boxes_[i] = boxes_of(*clause(i).when, sense(), store().budget());
  }
  constexpr std::size_t kFew = 32;  // pairs are looked at in no time
  if (list.clauses.size() > kFew && !store().is_spent()) find_telling_field();
}

bool ClauseAnalysis::look_at(std::uint32_t clause, std::size_t others) {
  if (store().is_spent()) return false;
  reached_ = clause;
  return store().spend(1 + others / kPairsAStep);
}

bool ClauseAnalysis::asks_routes(std::uint32_t i) const {
  return std::ranges::any_of(
      questions_, [&](const policy::OnRoute& question) { return asks(*clause(i).when, question); });
}

bool ClauseAnalysis::may_overlap(std::uint32_t a, std::uint32_t b) const {
  if (are_apart(a, b)) return false;
  if (!boxes_[a] || !boxes_[b]) return true;
  // More boxes than these are left to diagrams.
  constexpr std::size_t kMostPairs = 256;
  if (boxes_[a]->size() * boxes_[b]->size() > kMostPairs) return true;
  return std::ranges::any_of(*boxes_[a], [&](const Box& left) {
    return std::ranges::any_of(*boxes_[b], [&](const Box& right) {
      return overlap(left, right) && !exclude(left, right);
    });
  });
}

Diagram ClauseAnalysis::diagram(std::uint32_t i) {
  if (!diagrams_[i]) diagrams_[i] = diagram_of(store(), *clause(i).when, sense());
  return *diagrams_[i];
}

bool ClauseAnalysis::is_decisive(std::uint32_t i) const {
  return subject_.direction == policy::Direction::kInbound ||
         !policy::may_be_unreachable(clause(i).verdict);
}

// From the least to the greatest value of the field that the clause takes. None: it takes any.
std::optional<policy::Interval> ClauseAnalysis::span_of(std::uint32_t clause,
                                                        diagram::FieldIndex field) const {
  if (!boxes_[clause] || boxes_[clause]->empty()) return std::nullopt;
  policy::Interval span{~std::uint64_t{0}, 0};
  for (const Box& box : *boxes_[clause]) {
    const auto range = std::ranges::find(box.ranges, field, &FieldRange::field);
    if (range == box.ranges.end()) return std::nullopt;
    span.low = std::min(span.low, range->intervals.front().low);
    span.high = std::max(span.high, range->intervals.back().high);
  }
  return span;
}

// The field of which the clauses take the most ranges of values that do not touch each other.
void ClauseAnalysis::find_telling_field() {
  std::uint32_t most = 0;
  for (diagram::FieldIndex field = 0; field < net::kFieldCount; ++field) {
    std::vector<std::pair<policy::Interval, std::uint32_t>> spans;
    for (std::uint32_t i = 0; i < list_.clauses.size(); ++i) {
      if (const auto span = span_of(i, field)) spans.emplace_back(*span, i);
    }
    std::ranges::sort(spans, {}, [](const auto& each) { return each.first.low; });
    std::vector<std::uint32_t> numbers(list_.clauses.size(), 0);
    std::uint32_t count = 0;
    std::uint64_t high = 0;
    for (const auto& [span, clause] : spans) {
      if (count == 0 || span.low > high) ++count;
      high = std::max(high, span.high);
      numbers[clause] = count;
    }
    if (count <= most) continue;
    most = count;
    values_ = std::move(numbers);
  }
}

// Whether no route answers what both ask with yes.
bool ClauseAnalysis::exclude(const Box& left, const Box& right) const {
  const auto is_yes = [](const FieldRange& range) {
    return range.field >= kFirstQuestionField && range.intervals.front().low == 1;
  };
  return std::ranges::any_of(left.ranges, [&](const FieldRange& a) {
    return is_yes(a) && std::ranges::any_of(right.ranges, [&](const FieldRange& b) {
             return is_yes(b) && policy::exclude(questions_[a.field - kFirstQuestionField],
                                                 questions_[b.field - kFirstQuestionField]);
           });
  });
}

std::string name_of(const policy::Target& target, const exchange::Exchange& exchange) {
  return target.router ? exchange.router(*target.router).name
                       : exchange.participant(target.participant).name;
}

std::string deed_of(const policy::Clause& clause, const exchange::Exchange& exchange) {
  if (const auto* forward = std::get_if<policy::Forward>(&clause.verdict)) {
    return "goes to " + name_of(forward->target, exchange);
  }
  if (std::holds_alternative<policy::Drop>(clause.verdict)) return "is dropped";
  if (const auto* several = std::get_if<policy::Multicast>(&clause.verdict)) {
    return fmt::format("is copied to {} targets", several->targets.size());
  }
  return "goes by BGP";
}

}  // namespace fabrix::compiler
