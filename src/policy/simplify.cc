#include "policy/simplify.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>
#include <variant>

#include "policy/intervals.h"

namespace fabrix::policy {
namespace {

template <typename Node>
PredicatePtr make(Node node) {
  return std::make_shared<const Predicate>(Predicate{std::move(node)});
}

template <typename Node>
const Node* as(const PredicatePtr& predicate) {
  return std::get_if<Node>(&predicate->node);
}

// `operands` with nested nodes of the same kind spliced in.
template <typename Node>
std::vector<PredicatePtr> flattened(std::vector<PredicatePtr> operands) {
  std::vector<PredicatePtr> result;
  result.reserve(operands.size());
  for (PredicatePtr& operand : operands) {
    if (const auto* nested = as<Node>(operand)) {
      result.insert(result.end(), nested->operands.begin(), nested->operands.end());
    } else {
      result.push_back(std::move(operand));
    }
  }
  return result;
}

constexpr std::ptrdiff_t kRecent = 16;

enum class Join : std::uint8_t { kAnd, kOr };

// Tests of one field become one test, first occurrences first, fields in their order.
std::vector<PredicatePtr> merge_tests(const std::vector<PredicatePtr>& operands, Join join) {
  std::vector<std::pair<net::Field, std::vector<Interval>>> tests;
  std::vector<PredicatePtr> rest;
  for (const PredicatePtr& operand : operands) {
    const auto* test = as<FieldTest>(operand);
    if (test == nullptr) {
      // Looking far back for a duplicate would make long lists quadratic for little.
      const auto recent = rest.end() - std::min<std::ptrdiff_t>(kRecent, std::ssize(rest));
      if (std::find(recent, rest.end(), operand) == rest.end()) rest.push_back(operand);
      continue;
    }
    const auto known = std::find_if(tests.begin(), tests.end(),
                                    [test](const auto& each) { return each.first == test->field; });
    if (known == tests.end()) {
      tests.emplace_back(test->field, test->intervals);
    } else if (join == Join::kAnd) {
      known->second = intersect(known->second, test->intervals);
    } else {
      known->second.insert(known->second.end(), test->intervals.begin(), test->intervals.end());
    }
  }
  std::sort(tests.begin(), tests.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<PredicatePtr> result;
  result.reserve(operands.size());
  for (auto& [field, intervals] : tests) {
    if (join == Join::kOr) intervals = normalize(std::move(intervals));
    result.push_back(test_field(field, std::move(intervals)));
  }
  result.insert(result.end(), rest.begin(), rest.end());
  return result;
}

const FieldTest* test_of(const std::vector<PredicatePtr>& facts, net::Field field) {
  for (const PredicatePtr& fact : facts) {
    const auto* test = as<FieldTest>(fact);
    if (test != nullptr && test->field == field) return test;
  }
  return nullptr;
}

// What is left of `operand` where all of `facts` hold: always() if they imply it, never() if they
// exclude it.
PredicatePtr given(const std::vector<PredicatePtr>& facts, const PredicatePtr& operand) {
  const auto* test = as<FieldTest>(operand);
  if (test == nullptr) {
    const bool known = std::find(facts.begin(), facts.end(), operand) != facts.end();
    return known ? always() : operand;
  }
  const FieldTest* fact = test_of(facts, test->field);
  if (fact == nullptr) return operand;
  if (includes(test->intervals, fact->intervals)) return always();
  return intersect(test->intervals, fact->intervals).empty() ? never() : operand;
}

// Under a conjunction, ~(a & b) need not repeat what the other operands already say.
PredicatePtr negation_given(const std::vector<PredicatePtr>& facts, const PredicatePtr& operand) {
  const auto* parts = as<And>(operand);
  if (parts == nullptr) return negation(given(facts, operand));
  std::vector<PredicatePtr> left;
  for (const PredicatePtr& part : parts->operands) {
    PredicatePtr rest = given(facts, part);
    if (is_never(*rest)) return always();
    if (!is_always(*rest)) left.push_back(std::move(rest));
  }
  return negation(conjunction(std::move(left)));
}

bool has_negation(const std::vector<PredicatePtr>& operands) {
  return std::any_of(operands.begin(), operands.end(),
                     [](const PredicatePtr& each) { return as<Not>(each) != nullptr; });
}

std::vector<PredicatePtr> simplify_negations(const std::vector<PredicatePtr>& operands) {
  std::vector<PredicatePtr> facts;
  for (const PredicatePtr& operand : operands) {
    if (as<Not>(operand) == nullptr) facts.push_back(operand);
  }
  std::vector<PredicatePtr> result = facts;
  for (const PredicatePtr& operand : operands) {
    if (const auto* negated = as<Not>(operand)) {
      result.push_back(negation_given(facts, negated->operand));
    }
  }
  return result;
}

// A value that `writes` give to the field, if they do.
const Write* write_of(const std::vector<Write>& writes, net::Field field) {
  const auto found = std::find_if(writes.begin(), writes.end(),
                                  [field](const Write& each) { return each.field == field; });
  return found == writes.end() ? nullptr : &*found;
}

bool writes_address(const std::vector<Write>& writes, Side side) {
  using enum net::Field;
  return side == Side::kSource
             ? write_of(writes, kSrcIp4) != nullptr || write_of(writes, kSrcIp6High) != nullptr
             : write_of(writes, kDstIp4) != nullptr || write_of(writes, kDstIp6High) != nullptr;
}

// The operands before the writes; false if one of them cannot be folded.
bool fold_all(const std::vector<PredicatePtr>& operands, const std::vector<Write>& writes,
              std::vector<PredicatePtr>& folded) {
  for (const PredicatePtr& operand : operands) {
    PredicatePtr before = before_writes(operand, writes);
    if (before == nullptr) return false;
    folded.push_back(std::move(before));
  }
  return true;
}

}  // namespace

PredicatePtr constant(Constant value) {
  return make(value);
}

PredicatePtr always() {
  return constant({.value = true});
}

PredicatePtr never() {
  return constant({.value = false});
}

PredicatePtr test_field(net::Field field, std::vector<Interval> intervals) {
  if (intervals.empty()) return never();
  const Interval whole{0, net::max_value(field)};
  if (intervals.size() == 1 && intervals.front() == whole) return always();
  return make(FieldTest{field, std::move(intervals)});
}

PredicatePtr conjunction(std::vector<PredicatePtr> operands) {
  operands = merge_tests(flattened<And>(std::move(operands)), Join::kAnd);
  if (has_negation(operands)) {
    // ~(a | b) arrives as one negation; a negated test may merge with a plain one only afterwards.
    operands = merge_tests(flattened<And>(simplify_negations(operands)), Join::kAnd);
  }
  std::erase_if(operands, [](const PredicatePtr& each) { return is_always(*each); });
  for (const PredicatePtr& operand : operands) {
    if (is_never(*operand)) return operand;
  }
  if (operands.empty()) return always();
  if (operands.size() == 1) return operands.front();
  return make(And{std::move(operands)});
}

PredicatePtr conjunction(const PredicatePtr& a, const PredicatePtr& b) {
  if (is_always(*a)) return b;
  if (is_always(*b)) return a;
  return conjunction(std::vector<PredicatePtr>{a, b});
}

PredicatePtr disjunction(std::vector<PredicatePtr> operands) {
  operands = merge_tests(flattened<Or>(std::move(operands)), Join::kOr);
  std::erase_if(operands, [](const PredicatePtr& each) { return is_never(*each); });
  for (const PredicatePtr& operand : operands) {
    if (is_always(*operand)) return operand;
  }
  if (operands.empty()) return never();
  if (operands.size() == 1) return operands.front();
  return make(Or{std::move(operands)});
}

PredicatePtr negation(const PredicatePtr& operand) {
  if (const auto* value = as<Constant>(operand)) return constant({.value = !value->value});
  if (const auto* negated = as<Not>(operand)) return negated->operand;
  if (const auto* test = as<FieldTest>(operand)) {
    return test_field(test->field, complement(test->intervals, net::max_value(test->field)));
  }
  return make(Not{operand});
}

bool is_always(const Predicate& predicate) {
  const auto* value = std::get_if<Constant>(&predicate.node);
  return value != nullptr && value->value;
}

bool is_never(const Predicate& predicate) {
  const auto* value = std::get_if<Constant>(&predicate.node);
  return value != nullptr && !value->value;
}

PredicatePtr before_writes(const PredicatePtr& predicate, const std::vector<Write>& writes) {
  if (writes.empty()) return predicate;
  if (const auto* test = as<FieldTest>(predicate)) {
    const Write* write = write_of(writes, test->field);
    if (write == nullptr) return predicate;
    const std::vector<Interval> written{{write->value, write->value}};
    return constant({.value = includes(test->intervals, written)});
  }
  if (const auto* prefixes = as<InPrefixesOf>(predicate)) {
    return writes_address(writes, prefixes->side) ? nullptr : predicate;
  }
  if (const auto* route = as<OnRoute>(predicate)) {
    return writes_address(writes, route->side) ? nullptr : predicate;
  }
  if (const auto* negated = as<Not>(predicate)) {
    const PredicatePtr before = before_writes(negated->operand, writes);
    return before == nullptr ? nullptr : negation(before);
  }
  std::vector<PredicatePtr> folded;
  if (const auto* all = as<And>(predicate)) {
    return fold_all(all->operands, writes, folded) ? conjunction(std::move(folded)) : nullptr;
  }
  if (const auto* any = as<Or>(predicate)) {
    return fold_all(any->operands, writes, folded) ? disjunction(std::move(folded)) : nullptr;
  }
  return predicate;
}

std::size_t weight_of(const Predicate& predicate) {
  constexpr std::size_t kIntervalsAStep = 4;
  const auto own = [](const Predicate& each) {
    const auto* test = std::get_if<FieldTest>(&each.node);
    return 1 + (test == nullptr ? 0 : test->intervals.size() / kIntervalsAStep);
  };
  const auto sum = [&own](const std::vector<PredicatePtr>& operands) {
    std::size_t weight = 1;
    for (const PredicatePtr& each : operands) weight += own(*each);
    return weight;
  };
  if (const auto* all = std::get_if<And>(&predicate.node)) return sum(all->operands);
  if (const auto* any = std::get_if<Or>(&predicate.node)) return sum(any->operands);
  return own(predicate);
}

std::size_t weight_of(const std::vector<PredicatePtr>& predicates) {
  std::size_t weight = 0;
  for (const PredicatePtr& each : predicates) weight += weight_of(*each);
  return weight;
}

std::optional<Extent> extent_of(const Predicate& predicate, std::size_t most) {
  if (most == 0) return std::nullopt;
  Extent all{.depth = 0, .nodes = 1};
  if (const auto* test = std::get_if<FieldTest>(&predicate.node)) {
    all.values = test->intervals.size();
  }
  const auto adds = [&all, most](const PredicatePtr& child) {
    const auto extent = extent_of(*child, most - all.nodes);
    if (!extent) return false;
    all = {std::max(all.depth, extent->depth), all.nodes + extent->nodes,
           all.values + extent->values};
    return true;
  };
  const auto fits = [&adds](const std::vector<PredicatePtr>& operands) {
    return std::all_of(operands.begin(), operands.end(), adds);
  };
  const auto* negated = std::get_if<Not>(&predicate.node);
  const auto* every = std::get_if<And>(&predicate.node);
  const auto* any = std::get_if<Or>(&predicate.node);
  const bool good = (negated == nullptr || adds(negated->operand)) &&
                    (every == nullptr || fits(every->operands)) &&
                    (any == nullptr || fits(any->operands));
  if (!good) return std::nullopt;
  ++all.depth;
  return all;
}

}  // namespace fabrix::policy
