#include "compiler/value_classes.h"

#include <algorithm>
#include <array>
#include <functional>
#include <variant>

namespace fabrix::compiler {
namespace {

using policy::FieldTest;

std::size_t intervals_of(const std::vector<const FieldTest*>& tests) {
  std::size_t count = 0;
  for (const FieldTest* each : tests) count += each->intervals.size();
  return count;
}

// The tests of header fields in conditions.
class Tests {
 public:
  // False: it asks for routes.
  // NOLINTNEXTLINE(misc-no-recursion): as deep as a predicate, at most policy::kMaxDepth.
  bool collect(const policy::Predicate& predicate) {
    const auto each_of = [this](const std::vector<policy::PredicatePtr>& operands) {
      return std::ranges::all_of(operands, [this](const auto& each) { return collect(*each); });
    };
    if (const auto* test = std::get_if<FieldTest>(&predicate.node)) {
      by_field_.at(static_cast<std::size_t>(test->field)).push_back(test);
    } else if (const auto* negated = std::get_if<policy::Not>(&predicate.node)) {
      return collect(*negated->operand);
    } else if (const auto* all = std::get_if<policy::And>(&predicate.node)) {
      return each_of(all->operands);
    } else if (const auto* any = std::get_if<policy::Or>(&predicate.node)) {
      return each_of(any->operands);
    }
    return !std::holds_alternative<policy::InPrefixesOf>(predicate.node) &&
           !std::holds_alternative<policy::OnRoute>(predicate.node);
  }

  const std::vector<const FieldTest*>& of(net::Field field) const {
    return by_field_.at(static_cast<std::size_t>(field));
  }

  // The field of which most intervals are named. What tells tags is for rows to say.
  net::Field fullest() const {
    net::Field found = net::Field::kInPort;
    std::size_t most = 0;
    for (std::size_t i = 0; i < by_field_.size(); ++i) {
      const auto field = static_cast<net::Field>(i);
      const std::size_t intervals = intervals_of(of(field));
      if (field == net::Field::kDstMac || intervals <= most) continue;
      most = intervals;
      found = field;
    }
    return found;
  }

 private:
  std::array<std::vector<const FieldTest*>, net::kFieldCount> by_field_;
};

// Where a test is on the way from value to value.
struct Place {
  const std::vector<policy::Interval>* intervals = nullptr;
  std::size_t next = 0;  // the interval that has not been passed

  bool is_done() const { return next == intervals->size(); }
  bool is_within(std::uint64_t value) const {
    return !is_done() && (*intervals)[next].low <= value;
  }
  // The last value from `value` on of which it says the same.
  std::uint64_t last(std::uint64_t value, std::uint64_t most) const {
    if (is_done()) return most;
    const policy::Interval& at = (*intervals)[next];
    return at.low <= value ? at.high : at.low - 1;
  }
};

}  // namespace

std::optional<ValueClasses> ValueClasses::of(std::span<const policy::Predicate* const> conditions) {
  Tests tests;
  for (const policy::Predicate* each : conditions) {
    if (!tests.collect(*each)) return std::nullopt;
  }
  ValueClasses classes(tests.fullest());
  const auto& asked = tests.of(classes.field_);
  // An interval makes two spans at most, its own and the one behind it.
  if (2 * intervals_of(asked) + 1 < kManyValues || !classes.number(asked)) return std::nullopt;
  if (!classes.sweep() || classes.spans_.size() < kManyValues) return std::nullopt;
  classes.find_widest();
  return classes;
}

// False: too many of them differ.
bool ValueClasses::number(std::span<const FieldTest* const> tests) {
  for (const FieldTest* test : tests) {
    const auto same = std::ranges::find_if(unlike_, [test](const FieldTest* each) {
      return each == test || each->intervals == test->intervals;
    });
    if (same == unlike_.end() && unlike_.size() == kMaxKinds) return false;
    numbers_.emplace_back(test, static_cast<std::size_t>(same - unlike_.begin()));
    if (same == unlike_.end()) unlike_.push_back(test);
  }
  std::ranges::sort(numbers_, std::less<>());
  return true;
}

// False: there are too many classes.
bool ValueClasses::sweep() {
  std::vector<Place> places;
  for (const FieldTest* each : unlike_) places.push_back({.intervals = &each->intervals});
  const std::uint64_t most = net::max_value(field_);
  for (std::uint64_t value = 0;; ++value) {
    Kind kind = 0;
    std::uint64_t last = most;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i].is_within(value)) kind |= Kind{1} << i;
      last = std::min(last, places[i].last(value, most));
    }
    spans_.push_back({.values = {value, last}, .of = class_of(kind)});
    if (kinds_.size() > kMaxKinds) return false;
    if (last == most) return true;
    for (Place& each : places) {
      if (!each.is_done() && (*each.intervals)[each.next].high == last) ++each.next;
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
  std::vector<std::uint64_t> widths(count());  // less one for each span, so that they fit
  for (const Span& each : spans_) widths[each.of] += each.values.high - each.values.low;
  widest_ = static_cast<std::size_t>(std::ranges::max_element(widths) - widths.begin());
}

bool ValueClasses::pass(std::size_t of, const FieldTest& test) const {
  const auto known = std::ranges::lower_bound(numbers_, &test, std::less<>(),
                                              &std::pair<const FieldTest*, std::size_t>::first);
  return (kinds_[of] >> known->second & 1U) != 0;
}

}  // namespace fabrix::compiler
