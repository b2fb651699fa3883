#include "verify/few_packets.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "policy/intervals.h"

namespace fabrix::verify {
namespace {

using policy::Interval;
using policy::Predicate;
using policy::PredicatePtr;
using Values = std::vector<Interval>;

// Where two sets differ, which mostly begin and end alike.
Values difference(const Values& a, const Values& b, std::uint64_t most) {
  const auto [from_a, from_b] = std::ranges::mismatch(a, b);
  auto to_a = a.end();
  auto to_b = b.end();
  while (to_a != from_a && to_b != from_b && *std::prev(to_a) == *std::prev(to_b)) {
    --to_a;
    --to_b;
  }
  const Values one(from_a, to_a);
  const Values other(from_b, to_b);
  return unite(intersect(one, policy::complement(other, most)),
               intersect(other, policy::complement(one, most)));
}

// Adds the values. False: they are not few any more.
bool join(const Values& values, Values& all) {
  if (!values.empty()) all = unite(std::move(all), values);
  return all.size() <= kMaxFewValues;
}

// The values of one field with which two conditions may differ. None: any, or not few.
class Differ {
 public:
  explicit Differ(net::Field field) : field_(field), most_(net::max_value(field)) {}

  // NOLINTBEGIN(misc-no-recursion): bounded by policy::kMaxDepth.
  std::optional<Values> between(const Predicate& a, const Predicate& b) const {
    if (&a == &b) return Values{};
    if (a.node.index() == b.node.index()) {
      if (auto found = between_alike(a, b)) return found;
    }
    auto of_a = where_holds(a);
    const auto of_b = where_holds(b);
    if (!of_a || !of_b) return std::nullopt;
    return unite(*std::move(of_a), *of_b);
  }

 private:
  // Operand by operand. None: that does not tell.
  std::optional<Values> between_alike(const Predicate& a, const Predicate& b) const {
    if (const auto* test = std::get_if<policy::FieldTest>(&a.node)) {
      const auto& other = std::get<policy::FieldTest>(b.node);
      if (test->field != other.field) return std::nullopt;
      if (test->field == field_) return difference(test->intervals, other.intervals, most_);
      return test->intervals == other.intervals ? std::optional(Values{}) : std::nullopt;
    }
    if (const auto* negated = std::get_if<policy::Not>(&a.node)) {
      return between(*negated->operand, *std::get<policy::Not>(b.node).operand);
    }
    if (const auto* all = std::get_if<policy::And>(&a.node)) {
      return between_each(all->operands, std::get<policy::And>(b.node).operands);
    }
    if (const auto* any = std::get_if<policy::Or>(&a.node)) {
      return between_each(any->operands, std::get<policy::Or>(b.node).operands);
    }
    if (const auto* from = std::get_if<policy::FromParticipant>(&a.node)) {
      const bool same = from->participant == std::get<policy::FromParticipant>(b.node).participant;
      return same ? std::optional(Values{}) : std::nullopt;
    }
    const auto* constant = std::get_if<policy::Constant>(&a.node);
    const bool same =
        constant != nullptr && constant->value == std::get<policy::Constant>(b.node).value;
    return same ? std::optional(Values{}) : std::nullopt;
  }

  std::optional<Values> between_each(const std::vector<PredicatePtr>& a,
                                     const std::vector<PredicatePtr>& b) const {
    if (a.size() != b.size()) return std::nullopt;
    Values all;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const auto here = between(*a[i], *b[i]);
      if (!here || !join(*here, all)) return std::nullopt;
    }
    return all;
  }

  // The values with which it may hold. None: any.
  std::optional<Values> where_holds(const Predicate& predicate) const {
    if (const auto* test = std::get_if<policy::FieldTest>(&predicate.node)) {
      return test->field == field_ ? std::optional(test->intervals) : std::nullopt;
    }
    if (const auto* constant = std::get_if<policy::Constant>(&predicate.node)) {
      return constant->value ? std::nullopt : std::optional(Values{});
    }
    if (const auto* all = std::get_if<policy::And>(&predicate.node)) {
      std::optional<Values> found;
      for (const PredicatePtr& each : all->operands) {
        auto here = where_holds(*each);
        if (here) found = found ? intersect(*found, *here) : *std::move(here);
      }
      return found;
    }
    const auto* any = std::get_if<policy::Or>(&predicate.node);
    if (any == nullptr) return std::nullopt;
    Values found;
    for (const PredicatePtr& each : any->operands) {
      const auto here = where_holds(*each);
      if (!here) return std::nullopt;
      found.insert(found.end(), here->begin(), here->end());
    }
    return policy::normalize(std::move(found));
  }
  // NOLINTEND(misc-no-recursion)

  net::Field field_;
  std::uint64_t most_;
};

bool same_deed(const policy::Clause& a, const policy::Clause& b) {
  const bool counted = a.counter != nullptr;
  return a.verdict == b.verdict && a.writes == b.writes && a.extras == b.extras &&
         counted == (b.counter != nullptr) && (!counted || a.counter->id == b.counter->id);
}

std::optional<Values> between(const policy::ClauseList& before, const policy::ClauseList& now,
                              net::Field field) {
  if (before.clauses.size() != now.clauses.size()) return std::nullopt;
  const Differ differ(field);
  Values all;
  for (std::size_t i = 0; i < now.clauses.size(); ++i) {
    if (!same_deed(before.clauses[i], now.clauses[i])) return std::nullopt;
    const auto here = differ.between(*before.clauses[i].when, *now.clauses[i].when);
    if (!here || !join(*here, all)) return std::nullopt;
  }
  return all;
}

// The values that the row matches. None: not one interval of them.
std::optional<Interval> matched(const program::Row& row, net::Field field) {
  const auto test = std::ranges::find(row.match.fields, field, &program::FieldMatch::field);
  if (test == row.match.fields.end()) return std::nullopt;
  const std::uint64_t most = net::max_value(field);
  const std::uint64_t open = most & ~test->mask;
  const bool is_well_formed = (test->bits & ~test->mask) == 0 && test->bits <= most;
  if (!is_well_formed || (open & (open + 1)) != 0) return std::nullopt;
  return Interval{test->bits, test->bits | open};
}

// By all of them, of one interval each. None: not so.
std::optional<Values> matched_by(std::span<const program::Row* const> rows, net::Field field) {
  Values values;
  for (const program::Row* row : rows) {
    const auto block = matched(*row, field);
    if (!block) return std::nullopt;
    values.push_back(*block);
  }
  return policy::normalize(std::move(values));
}

bool overlap(const Values& a, const Interval& b) {
  const auto first = std::ranges::lower_bound(a, b.low, {}, &Interval::high);
  return first != a.end() && first->low <= b.high;
}

}  // namespace

bool FewPackets::may_match(const program::Row& row) const {
  const auto block = matched(row, field);
  return !block || overlap(values, *block);
}

double FewPackets::part() const {
  double count = 0;
  for (const Interval& each : values) count += static_cast<double>(each.high - each.low) + 1;
  return count / (static_cast<double>(net::max_value(field)) + 1);
}

std::vector<Interval> FewPackets::passing(const policy::FieldTest& test) const {
  Values found;
  for (const Interval& each : values) {
    auto next = std::ranges::lower_bound(test.intervals, each.low, {}, &Interval::high);
    for (; next != test.intervals.end() && next->low <= each.high; ++next) {
      found.push_back({std::max(next->low, each.low), std::min(next->high, each.high)});
    }
  }
  return found;
}

std::optional<FewPackets> packets_between(const policy::ClauseList& before,
                                          const policy::ClauseList& now,
                                          std::span<const program::Row* const> rows) {
  std::optional<FewPackets> found;
  if (rows.empty()) return found;
  for (const program::FieldMatch& candidate : rows.front()->match.fields) {
    const net::Field field = candidate.field;
    if (field == net::Field::kDstMac) continue;  // of tags: no field of diagrams
    auto values = matched_by(rows, field);
    const auto by_clauses = values ? between(before, now, field) : std::nullopt;
    if (!by_clauses) continue;
    FewPackets packets{field, unite(*std::move(values), *by_clauses)};
    // Of the halves of an address the second tells hosts of a network apart.
    const bool fewer = !found || packets.part() <= found->part();
    if (fewer && packets.values.size() <= kMaxFewValues) found = std::move(packets);
  }
  return found;
}

}  // namespace fabrix::verify
