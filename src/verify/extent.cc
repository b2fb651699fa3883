#include "verify/extent.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace fabrix::verify {
namespace {

using policy::Predicate;
using policy::PredicatePtr;
using policy::Range128;
using policy::Uint128;

constexpr unsigned kHalf = 64;
constexpr Extent kAny{.values = {}, .exact = false};
constexpr Extent kAll{.values = {}, .exact = true};

Extent nothing() {
  return {.values = Ranges{}, .exact = true};
}

bool in_order(const Ranges& values) {
  return std::ranges::adjacent_find(values, [](const Range128& a, const Range128& b) {
           return b.low <= a.high || b.low - 1 == a.high;
         }) == values.end();
}

Range128 within(std::uint64_t high, const policy::Interval& low) {
  const Uint128 network = Uint128{high} << kHalf;
  return {network | low.low, network | low.high};
}

// NOLINTBEGIN(misc-no-recursion): bounded by policy::kMaxDepth.

// Visits a predicate.
struct Finder {
  const Key& key;
  std::optional<std::uint64_t> high;

  Extent of(const Predicate& predicate) const { return std::visit(*this, predicate.node); }

  Extent operator()(const policy::Constant& node) const { return node.value ? kAll : nothing(); }
  Extent operator()(const policy::FieldTest& test) const {
    if (test.field == net::Field::kEthType && key.eth_type) {
      const bool passes = std::ranges::any_of(test.intervals, [this](const auto& each) {
        return each.low <= *key.eth_type && *key.eth_type <= each.high;
      });
      return passes ? kAll : nothing();
    }
    const bool is_low = key.low && test.field == *key.low;
    if (is_low ? !high : test.field != key.field) return kAny;
    Ranges values;
    values.reserve(test.intervals.size());
    for (const policy::Interval& each : test.intervals) {
      if (is_low) {
        values.push_back(within(*high, each));
      } else if (key.low) {
        values.push_back({within(each.low, {}).low, within(each.high, {0, kAllBits}).high});
      } else {
        values.push_back({each.low, each.high});
      }
    }
    return {.values = std::move(values), .exact = true};
  }
  Extent operator()(const policy::FromParticipant& /*node*/) const { return kAny; }
  Extent operator()(const policy::InPrefixesOf& /*node*/) const { return kAny; }
  Extent operator()(const policy::OnRoute& /*node*/) const { return kAny; }
  Extent operator()(const policy::Not& node) const {
    const Extent inside = of(*node.operand);
    if (!inside.exact) return kAny;
    if (!inside.values) return nothing();
    return {.values = policy::complement(*inside.values, key.max()), .exact = true};
  }
  Extent operator()(const policy::And& node) const {
    const Finder inside{.key = key, .high = high_within(node, key, high)};
    Extent all = kAll;
    for (const PredicatePtr& each : node.operands) {
      Extent here = inside.of(*each);
      all.exact = all.exact && here.exact;
      if (!here.values) continue;
      all.values = all.values ? policy::intersect(*all.values, *here.values) : *here.values;
      if (all.values->empty()) return nothing();
    }
    return all;
  }
  Extent operator()(const policy::Or& node) const {
    Extent any = nothing();
    for (const PredicatePtr& each : node.operands) {
      if (add_host(*each, *any.values)) continue;
      const Extent here = of(*each);
      if (!here.values) return here;
      any.exact = any.exact && here.exact;
      std::ranges::copy(*here.values, std::back_inserter(*any.values));
    }
    if (!in_order(*any.values)) any.values = policy::normalize(*std::move(any.values));
    return any;
  }

 private:
  static constexpr std::uint64_t kAllBits = ~std::uint64_t{0};

  // One network and some of its hosts, as there may be very many of: the same as by operand.
  bool add_host(const Predicate& predicate, Ranges& values) const {
    const auto* both = std::get_if<policy::And>(&predicate.node);
    if (both == nullptr || !key.low || both->operands.size() != 2) return false;
    const auto* low = std::get_if<policy::FieldTest>(&both->operands.back()->node);
    const auto network = high_within(*both, key, {});
    if (low == nullptr || low->field != *key.low || !network) return false;
    for (const policy::Interval& each : low->intervals) values.push_back(within(*network, each));
    return true;
  }
};
// NOLINTEND(misc-no-recursion)

}  // namespace

Uint128 Key::max() const {
  return low ? ~Uint128{0} : Uint128{net::max_value(field)};
}

std::optional<std::uint64_t> high_within(const policy::And& all, const Key& key,
                                         std::optional<std::uint64_t> known) {
  if (!key.low) return std::nullopt;
  for (const PredicatePtr& each : all.operands) {
    const auto* test = std::get_if<policy::FieldTest>(&each->node);
    if (test == nullptr || test->field != key.field || test->intervals.size() != 1) continue;
    const policy::Interval& only = test->intervals.front();
    if (only.low == only.high) known = only.low;
  }
  return known;
}

Extent extent_of(const Predicate& predicate, const Key& key, std::optional<std::uint64_t> high) {
  return Finder{.key = key, .high = high}.of(predicate);
}

}  // namespace fabrix::verify
