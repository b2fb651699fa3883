#include "compiler/value_classes.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace fabrix::compiler {
namespace {

using policy::PredicatePtr;
using policy::Uint128;

// How many intervals of header fields conditions name.
class Named {
 public:
  // NOLINTNEXTLINE(misc-no-recursion): as deep as a predicate, at most policy::kMaxDepth.
  void count(const policy::Predicate& predicate) {
    const auto count_each = [this](const std::vector<PredicatePtr>& operands) {
      for (const PredicatePtr& each : operands) count(*each);
    };
    if (const auto* test = std::get_if<policy::FieldTest>(&predicate.node)) {
      counts_.at(static_cast<std::size_t>(test->field)) += test->intervals.size();
    } else if (const auto* negated = std::get_if<policy::Not>(&predicate.node)) {
      count(*negated->operand);
    } else if (const auto* all = std::get_if<policy::And>(&predicate.node)) {
      count_each(all->operands);
    } else if (const auto* any = std::get_if<policy::Or>(&predicate.node)) {
      count_each(any->operands);
    }
  }

  std::size_t of(const Line& line) const { return of(line.field) + (line.low ? of(*line.low) : 0); }

  // The lines to tell values of, of those with the most intervals.
  std::vector<Line> fullest() const {
    std::vector<Line> found;
    std::size_t most = 0;
    const auto look_at = [&](const std::vector<Line>& lines) {
      std::size_t intervals = 0;
      for (const Line& each : lines) intervals += of(each);
      if (intervals <= most) return;
      most = intervals;
      found = lines;
    };
    // IPv6 first: of its addresses less is left of conditions than of fields.
    look_at({ip6_line(policy::Side::kSource), ip4_line(policy::Side::kSource)});
    look_at({ip6_line(policy::Side::kDestination), ip4_line(policy::Side::kDestination)});
    for (std::size_t i = 0; i < net::kFieldCount; ++i) {
      const auto field = static_cast<net::Field>(i);
      const bool is_of_address = field >= net::Field::kSrcIp4 && field <= net::Field::kDstIp6Low;
      // What tells tags is for rows to say.
      if (!is_of_address && field != net::Field::kDstMac) look_at({{.field = field}});
    }
    return found;
  }

 private:
  std::size_t of(net::Field field) const { return counts_.at(static_cast<std::size_t>(field)); }

  std::array<std::size_t, net::kFieldCount> counts_{};
};

// Where a set is on the way from value to value.
struct Place {
  const Values* values = nullptr;
  std::size_t next = 0;  // the range that has not been passed

  bool is_done() const { return next == values->size(); }
  bool is_within(Uint128 value) const { return !is_done() && (*values)[next].low <= value; }
  // The last value from `value` on of which it says the same.
  Uint128 last(Uint128 value, Uint128 most) const {
    if (is_done()) return most;
    const policy::Range128& at = (*values)[next];
    return at.low <= value ? at.high : at.low - 1;
  }
};

// A condition that its owner keeps.
PredicatePtr borrowed(const policy::Predicate& condition) {
  return {PredicatePtr(), &condition};
}

}  // namespace

std::optional<ValueClasses> ValueClasses::of(const Line& line, const std::vector<Values>& sets) {
  ValueClasses classes(line);
  if (!classes.sweep(sets) || classes.spans_.size() < kManyValues) return std::nullopt;
  classes.find_widest();
  return classes;
}

// False: there are too many classes.
bool ValueClasses::sweep(const std::vector<Values>& sets) {
  std::vector<Place> places;
  std::size_t ranges = 0;
  for (const Values& each : sets) {
    places.push_back({.values = &each});
    ranges += each.size();
  }
  spans_.reserve(2 * ranges + 1);
  const Uint128 most = line_.max();
  for (Uint128 value = 0;; ++value) {
    Kind kind = 0;
    Uint128 last = most;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i].is_within(value)) kind |= Kind{1} << i;
      last = std::min(last, places[i].last(value, most));
    }
    spans_.push_back({.values = {value, last}, .of = class_of(kind)});
    if (kinds_.size() > kMaxKinds) return false;
    if (last == most) return true;
    for (Place& each : places) {
      if (!each.is_done() && (*each.values)[each.next].high == last) ++each.next;
    }
    value = last;
  }
}

std::size_t ValueClasses::class_of(Kind kind) {
  const auto known = std::ranges::find(kinds_, kind);
  const auto place = static_cast<std::size_t>(known - kinds_.begin());
  if (known == kinds_.end()) kinds_.push_back(kind);
  return place;
}

void ValueClasses::find_widest() {
  std::vector<Uint128> widths(count());  // less one for each span, so that they fit
  for (const Span& each : spans_) widths[each.of] += each.values.high - each.values.low;
  widest_ = static_cast<std::size_t>(std::ranges::max_element(widths) - widths.begin());
}

std::optional<ClassifiedValues> classify(std::span<const policy::Predicate* const> conditions) {
  Named named;
  ClassifiedValues found;
  for (const policy::Predicate* each : conditions) {
    named.count(*each);
    found.conditions.push_back(borrowed(*each));
  }
  for (const Line& line : named.fullest()) {
    // An interval makes two spans at most, its own and the one behind it.
    if (2 * named.of(line) + 1 < kManyValues) continue;
    auto tests = ValueTests::of(found.conditions, line);
    auto classes = tests ? ValueClasses::of(line, tests->sets) : std::nullopt;
    if (!classes) continue;
    found.lines.push_back(*std::move(classes));
    found.conditions = std::move(tests->conditions);
  }
  if (found.lines.empty()) return std::nullopt;
  return found;
}

}  // namespace fabrix::compiler
