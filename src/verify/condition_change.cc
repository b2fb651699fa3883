#include "verify/condition_change.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

namespace fabrix::verify {
namespace {

using policy::Predicate;
using policy::PredicatePtr;
using High = std::optional<std::uint64_t>;

// What lies between what two lists begin and end with alike.
template <typename List, typename Same>
std::pair<List, List> unlike(const List& a, const List& b, const Same& same) {
  const auto [from_a, from_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end(), same);
  auto to_a = a.end();
  auto to_b = b.end();
  while (to_a != from_a && to_b != from_b && same(*std::prev(to_a), *std::prev(to_b))) {
    --to_a;
    --to_b;
  }
  return {List(from_a, to_a), List(from_b, to_b)};
}

// Whether they are written alike.
// NOLINTBEGIN(misc-no-recursion): bounded by policy::kMaxDepth.
bool same(const Predicate& a, const Predicate& b) {
  if (&a == &b) return true;
  if (a.node.index() != b.node.index()) return false;
  const auto same_each = [](const std::vector<PredicatePtr>& x,
                            const std::vector<PredicatePtr>& y) {
    return std::ranges::equal(x, y, [](const auto& i, const auto& j) { return same(*i, *j); });
  };
  if (const auto* test = std::get_if<policy::FieldTest>(&a.node)) {
    const auto& other = std::get<policy::FieldTest>(b.node);
    return test->field == other.field && test->intervals == other.intervals;
  }
  if (const auto* negated = std::get_if<policy::Not>(&a.node)) {
    return same(*negated->operand, *std::get<policy::Not>(b.node).operand);
  }
  if (const auto* all = std::get_if<policy::And>(&a.node)) {
    return same_each(all->operands, std::get<policy::And>(b.node).operands);
  }
  if (const auto* any = std::get_if<policy::Or>(&a.node)) {
    return same_each(any->operands, std::get<policy::Or>(b.node).operands);
  }
  if (const auto* from = std::get_if<policy::FromParticipant>(&a.node)) {
    return from->participant == std::get<policy::FromParticipant>(b.node).participant;
  }
  // What is asked of routes may be another question.
  const auto* constant = std::get_if<policy::Constant>(&a.node);
  return constant != nullptr && constant->value == std::get<policy::Constant>(b.node).value;
}
// NOLINTEND(misc-no-recursion)

class Differ {
 public:
  Differ(const Key& key, std::size_t most) : key_(key), most_(most) {}

  // Adds the values. False: they are too many.
  bool join(const Ranges& values, Ranges& all) const {
    if (!values.empty()) all = unite(std::move(all), values);
    return all.size() <= most_;
  }

  // The values with which two conditions may differ. None: any, or too many.
  // NOLINTBEGIN(misc-no-recursion): bounded by policy::kMaxDepth.
  std::optional<Ranges> between(const Predicate& a, const Predicate& b, const High& high) const {
    if (&a == &b) return Ranges{};
    if (a.node.index() == b.node.index()) {
      if (auto found = between_alike(a, b, high)) return found;
    }
    return between_extents(a, b, high);
  }

 private:
  std::optional<Ranges> between_extents(const Predicate& a, const Predicate& b,
                                        const High& high) const {
    const Extent one = extent_of(a, key_, high);
    const Extent other = extent_of(b, key_, high);
    if (one.exact && other.exact) {
      const Ranges whole{{0, key_.max()}};
      return difference(one.values.value_or(whole), other.values.value_or(whole));
    }
    if (!one.values || !other.values) return std::nullopt;
    return unite(*one.values, *other.values);
  }

  Ranges difference(const Ranges& a, const Ranges& b) const {
    return unite(intersect(a, policy::complement(b, key_.max())),
                 intersect(b, policy::complement(a, key_.max())));
  }

  // Who comes or goes in a list of hosts moves all that come later: of two lists that begin and end
  // alike only what is between is looked at.
  std::optional<Ranges> between_tests(const policy::FieldTest& a, const policy::FieldTest& b,
                                      const High& high) const {
    if (a.field != b.field) return std::nullopt;
    auto [one, other] = unlike(a.intervals, b.intervals, std::equal_to<>());
    if (one.empty() && other.empty()) return Ranges{};
    return between_extents({policy::FieldTest{a.field, std::move(one)}},
                           {policy::FieldTest{a.field, std::move(other)}}, high);
  }
  std::optional<Ranges> between_any(const policy::Or& a, const policy::Or& b,
                                    const High& high) const {
    auto [one, other] =
        unlike(a.operands, b.operands, [](const auto& x, const auto& y) { return same(*x, *y); });
    if (one.empty() && other.empty()) return Ranges{};
    if (one.size() == 1 && other.size() == 1) return between(*one.front(), *other.front(), high);
    const auto found = between_extents({policy::Or{one}}, {policy::Or{other}}, high);
    return found ? found : between_each(one, other, high);
  }

  // Part by part. None: that does not tell.
  std::optional<Ranges> between_alike(const Predicate& a, const Predicate& b,
                                      const High& high) const {
    if (const auto* test = std::get_if<policy::FieldTest>(&a.node)) {
      return between_tests(*test, std::get<policy::FieldTest>(b.node), high);
    }
    if (const auto* any = std::get_if<policy::Or>(&a.node)) {
      return between_any(*any, std::get<policy::Or>(b.node), high);
    }
    if (const auto* negated = std::get_if<policy::Not>(&a.node)) {
      return between(*negated->operand, *std::get<policy::Not>(b.node).operand, high);
    }
    if (const auto* all = std::get_if<policy::And>(&a.node)) {
      const auto& other = std::get<policy::And>(b.node);
      const High here = high_within(*all, key_, high);
      // Of hosts of two networks all is different.
      if (here != high_within(other, key_, high)) return std::nullopt;
      return between_each(all->operands, other.operands, here);
    }
    return same(a, b) ? std::optional(Ranges{}) : std::nullopt;
  }

  std::optional<Ranges> between_each(const std::vector<PredicatePtr>& a,
                                     const std::vector<PredicatePtr>& b, const High& high) const {
    if (a.size() != b.size()) return std::nullopt;
    Ranges all;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const auto here = between(*a[i], *b[i], high);
      if (!here || !join(*here, all)) return std::nullopt;
    }
    return all;
  }
  // NOLINTEND(misc-no-recursion)

  const Key& key_;
  std::size_t most_;
};

bool same_deed(const policy::Clause& a, const policy::Clause& b) {
  const bool counted = a.counter != nullptr;
  return a.verdict == b.verdict && a.writes == b.writes && a.extras == b.extras &&
         counted == (b.counter != nullptr) && (!counted || a.counter->id == b.counter->id);
}

}  // namespace

std::optional<Ranges> values_between(const policy::ClauseList& before,
                                     const policy::ClauseList& now, const Key& key,
                                     std::size_t most) {
  if (before.clauses.size() != now.clauses.size()) return std::nullopt;
  const Differ differ(key, most);
  Ranges all;
  for (std::size_t i = 0; i < now.clauses.size(); ++i) {
    if (!same_deed(before.clauses[i], now.clauses[i])) return std::nullopt;
    const auto here = differ.between(*before.clauses[i].when, *now.clauses[i].when, {});
    if (!here || !differ.join(*here, all)) return std::nullopt;
  }
  return all;
}

}  // namespace fabrix::verify
