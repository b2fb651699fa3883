#include "compiler/value_tests.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <utility>
#include <variant>

namespace fabrix::compiler {
namespace {

using policy::FieldTest;
using policy::Predicate;
using policy::PredicatePtr;
using policy::Range128;
using policy::Uint128;

constexpr unsigned kHalf = 64;

// The one value that a test of the field leaves. None: it leaves several, or is of another field.
std::optional<std::uint64_t> only_value(const Predicate& predicate, net::Field field) {
  const auto* test = std::get_if<FieldTest>(&predicate.node);
  if (test == nullptr || test->field != field || test->intervals.size() != 1) return std::nullopt;
  const policy::Interval& only = test->intervals.front();
  return only.low == only.high ? std::optional(only.low) : std::nullopt;
}

bool tests(const Predicate& predicate, net::Field field) {
  const auto* test = std::get_if<FieldTest>(&predicate.node);
  return test != nullptr && test->field == field;
}

// What holds for all packets for which a part of a condition makes a difference.
struct Given {
  std::optional<std::uint64_t> eth_type;
  std::optional<std::uint64_t> high;
};

Values in_order(Values values) {
  const auto touches = [](const Range128& a, const Range128& b) {
    return b.low <= a.high || b.low - 1 == a.high;
  };
  const bool is_so = std::ranges::adjacent_find(values, touches) == values.end();
  return is_so ? std::move(values) : policy::normalize(std::move(values));
}

PredicatePtr make(Predicate predicate) {
  return std::make_shared<const Predicate>(std::move(predicate));
}

// NOLINTBEGIN(misc-no-recursion): as deep as a predicate, at most policy::kMaxDepth.
class Restating {
 public:
  explicit Restating(const Line& line) : line_(line) {}

  // Null: it cannot be.
  PredicatePtr restate(const PredicatePtr& condition, const Given& given) {
    const Predicate& predicate = *condition;
    if (std::holds_alternative<policy::InPrefixesOf>(predicate.node)) return nullptr;
    if (std::holds_alternative<policy::OnRoute>(predicate.node)) return nullptr;
    if (is_of_line(predicate)) return numbered(condition, given);
    if (const auto* negated = std::get_if<policy::Not>(&predicate.node)) {
      const PredicatePtr operand = restate(negated->operand, given);
      if (operand == nullptr || operand == negated->operand) return operand ? condition : nullptr;
      return make({policy::Not{operand}});
    }
    if (const auto* all = std::get_if<policy::And>(&predicate.node)) {
      return restate(condition, *all, with(given, *all));
    }
    if (const auto* any = std::get_if<policy::Or>(&predicate.node)) {
      return restate(condition, *any, given);
    }
    return condition;
  }

  std::vector<Values> take() { return std::move(sets_); }

 private:
  bool is_of_line(const Predicate& predicate) const {
    return tests(predicate, line_.field) || (line_.low && tests(predicate, *line_.low));
  }

  Given with(Given given, const policy::And& all) const {
    for (const PredicatePtr& each : all.operands) {
      if (const auto type = only_value(*each, net::Field::kEthType)) given.eth_type = type;
      if (!line_.low) continue;
      if (const auto high = only_value(*each, line_.field)) given.high = high;
    }
    return given;
  }

  // The halves of an address are one test.
  PredicatePtr restate(const PredicatePtr& condition, const policy::And& all, const Given& given) {
    std::vector<PredicatePtr> operands;
    std::vector<PredicatePtr> halves;
    for (const PredicatePtr& each : all.operands) {
      if (line_.low && is_of_line(*each)) {
        halves.push_back(each);
        continue;
      }
      operands.push_back(restate(each, given));
      if (operands.back() == nullptr) return nullptr;
    }
    if (halves.empty() && operands == all.operands) return condition;
    if (!halves.empty()) {
      Values values;
      if (!add(policy::And{std::move(halves)}, given, values)) return nullptr;
      operands.push_back(number(std::move(values), given));
      if (operands.back() == nullptr) return nullptr;
    }
    return make({policy::And{std::move(operands)}});
  }

  // Alternatives that ask for nothing else are one test.
  PredicatePtr restate(const PredicatePtr& condition, const policy::Or& any, const Given& given) {
    if (const auto known = known_.find({condition.get(), given.high}); known != known_.end()) {
      return test_of(known->second, given);
    }
    std::vector<PredicatePtr> operands;
    Values values;
    for (const PredicatePtr& each : any.operands) {
      const std::size_t before = values.size();
      if (add(*each, given, values)) continue;
      values.resize(before);
      operands.push_back(restate(each, given));
      if (operands.back() == nullptr) return nullptr;
    }
    if (operands == any.operands) return condition;
    if (operands.empty()) return remembered(condition, std::move(values), given);
    if (!values.empty()) {
      operands.push_back(number(std::move(values), given));
      if (operands.back() == nullptr) return nullptr;
    }
    return make({policy::Or{std::move(operands)}});
  }

  PredicatePtr numbered(const PredicatePtr& condition, const Given& given) {
    if (const auto known = known_.find({condition.get(), given.high}); known != known_.end()) {
      return test_of(known->second, given);
    }
    Values values;
    if (!add(*condition, given, values)) return nullptr;
    return remembered(condition, std::move(values), given);
  }
  PredicatePtr remembered(const PredicatePtr& condition, Values values, const Given& given) {
    PredicatePtr test = number(std::move(values), given);
    if (test == nullptr) return nullptr;
    const auto set = only_value(*test, line_.field).value();
    known_.emplace(std::pair(condition.get(), given.high), set);
    return test;
  }

  // Null: there are too many of them.
  PredicatePtr number(Values values, const Given& given) {
    values = in_order(std::move(values));
    const auto same = std::ranges::find(sets_, values);
    const auto set = static_cast<std::size_t>(same - sets_.begin());
    if (same == sets_.end()) {
      if (sets_.size() == kMaxValueSets) return nullptr;
      sets_.push_back(std::move(values));
    }
    return test_of(set, given);
  }
  // Null: it may make a difference to packets that have no such value.
  PredicatePtr test_of(std::size_t set, const Given& given) const {
    if (line_.eth_type && given.eth_type != line_.eth_type) return nullptr;
    return make({FieldTest{line_.field, {{set, set}}}});
  }

  // Adds the values for which it holds. False: it asks for something else, or they are no ranges;
  // what has been added is then of no use.
  bool add(const Predicate& predicate, const Given& given, Values& values) const {
    if (const auto* test = std::get_if<FieldTest>(&predicate.node))
      return add(*test, given, values);
    if (const auto* all = std::get_if<policy::And>(&predicate.node)) {
      return add(*all, given, values);
    }
    if (const auto* any = std::get_if<policy::Or>(&predicate.node)) {
      return std::ranges::all_of(
          any->operands, [&](const PredicatePtr& each) { return add(*each, given, values); });
    }
    const auto* negated = std::get_if<policy::Not>(&predicate.node);
    Values inside;
    if (negated == nullptr || !add(*negated->operand, given, inside)) return false;
    std::ranges::copy(policy::complement(in_order(std::move(inside)), line_.max()),
                      std::back_inserter(values));
    return true;
  }
  bool add(const FieldTest& test, const Given& given, Values& values) const {
    const bool is_low = line_.low && test.field == *line_.low;
    if (test.field != line_.field && !is_low) return false;
    if (is_low && !given.high) return false;
    if (values.empty()) values.reserve(test.intervals.size());
    for (const policy::Interval& each : test.intervals) {
      if (is_low) {
        add_low(*given.high, each, values);
      } else if (line_.low) {
        values.push_back({Uint128{each.low} << kHalf, (Uint128{each.high} << kHalf) | kLow});
      } else {
        values.push_back({each.low, each.high});
      }
    }
    return true;
  }
  bool add(const policy::And& all, const Given& given, Values& values) const {
    // Of a list of hosts each is such a pair of tests.
    if (line_.low && all.operands.size() == 2 && tests(*all.operands.back(), *line_.low)) {
      if (const auto high = only_value(*all.operands.front(), line_.field)) {
        const auto& lows = std::get<FieldTest>(all.operands.back()->node).intervals;
        for (const policy::Interval& low : lows) add_low(*high, low, values);
        return true;
      }
    }
    const Given inside = with(given, all);
    Values common{{0, line_.max()}};
    for (const PredicatePtr& each : all.operands) {
      Values here;
      if (!add(*each, inside, here)) return false;
      common = policy::intersect(common, in_order(std::move(here)));
    }
    std::ranges::copy(common, std::back_inserter(values));
    return true;
  }
  static void add_low(std::uint64_t high, const policy::Interval& low, Values& values) {
    const Uint128 network = Uint128{high} << kHalf;
    values.push_back({network | low.low, network | low.high});
  }

  static constexpr Uint128 kLow = ~std::uint64_t{0};

  const Line& line_;
  std::vector<Values> sets_;
  // What has been numbered: clauses share their parts.
  std::map<std::pair<const Predicate*, std::optional<std::uint64_t>>, std::size_t> known_;
};
// NOLINTEND(misc-no-recursion)

}  // namespace

Uint128 Line::max() const {
  return low ? ~Uint128{0} : Uint128{net::max_value(field)};
}

Line ip6_line(policy::Side side) {
  using enum net::Field;
  const bool source = side == policy::Side::kSource;
  return {.field = source ? kSrcIp6High : kDstIp6High,
          .low = source ? kSrcIp6Low : kDstIp6Low,
          .eth_type = net::kEthTypeIpv6};
}

Line ip4_line(policy::Side side) {
  using enum net::Field;
  return {.field = side == policy::Side::kSource ? kSrcIp4 : kDstIp4,
          .low = {},
          .eth_type = net::kEthTypeIpv4};
}

std::optional<ValueTests> ValueTests::of(std::span<const PredicatePtr> conditions,
                                         const Line& line) {
  Restating restating(line);
  ValueTests tests;
  for (const PredicatePtr& each : conditions) {
    tests.conditions.push_back(restating.restate(each, {}));
    if (tests.conditions.back() == nullptr) return std::nullopt;
  }
  tests.sets = restating.take();
  return tests;
}

}  // namespace fabrix::compiler
