#include "policy/prefix_sets.h"

#include <utility>

#include "net/packet.h"
#include "policy/simplify.h"
#include "policy/syntax.h"
#include "policy/term.h"

namespace fabrix::policy {
namespace {

// What it takes to join it with another one.
std::size_t weight_of(const PrefixSet& set) {
  if (!set.literal) return policy::weight_of(*set.dynamic);
  constexpr std::size_t kRangesAStep = 4;
  return 1 + (set.literal->v4.size() + set.literal->v6.size()) / kRangesAStep;
}

PrefixSet joined(SyntaxKind kind, const PrefixSet& a, const PrefixSet& b, Side side) {
  if (a.literal && b.literal) {
    if (kind == SyntaxKind::kOr) return {unite(*a.literal, *b.literal), nullptr};
    if (kind == SyntaxKind::kAnd) return {intersect(*a.literal, *b.literal), nullptr};
    return {subtract(*a.literal, *b.literal), nullptr};
  }
  PredicatePtr left = a.predicate(side);
  PredicatePtr right = b.predicate(side);
  if (kind == SyntaxKind::kOr) return {std::nullopt, disjunction({left, right})};
  if (kind == SyntaxKind::kMinus) right = negation(right);
  return {std::nullopt, conjunction(left, right)};
}

}  // namespace

// NOLINTBEGIN(misc-no-recursion): as deep as definitions nest, which kMaxDepth bounds.
std::optional<PrefixSet> PrefixSets::read(const Bound& unsettled, Side side) {
  const Bound bound = names_.settle(unsettled);
  const Syntax& syntax = *bound.syntax;
  if (syntax.kind == SyntaxKind::kError || !names_.spend(syntax.at)) return std::nullopt;
  if (depth_ >= kMaxDepth) {
    report_.error("P0402", syntax.at, "definitions are nested too deeply");
    return std::nullopt;
  }
  ++depth_;
  auto result = settled(bound, side);
  --depth_;
  return result;
}

std::optional<PrefixSet> PrefixSets::settled(const Bound& bound, Side side) {
  const SyntaxKind kind = bound.syntax->kind;
  if (kind == SyntaxKind::kCall) return call(bound, side);
  if (kind == SyntaxKind::kOr || kind == SyntaxKind::kAnd || kind == SyntaxKind::kMinus) {
    return operation(bound, side);
  }
  AddressSet set;
  if (!fields_.addresses(names_.members(bound), "a prefix set", set)) return std::nullopt;
  return PrefixSet{std::move(set), nullptr};
}

std::optional<AddressSet> PrefixSets::literal(const Bound& bound) {
  auto set = read(bound, Side::kDestination);
  if (!set) return std::nullopt;
  if (set->literal) return std::move(set->literal);
  report_.error("P0204", bound.syntax->at, "'prefix in' takes prefixes that are written out",
                "announced_by(T) tests whether T announces the destination");
  return std::nullopt;
}

std::optional<PrefixSet> PrefixSets::announced(const Bound& target, Side side) {
  const auto participant = targets_.participant(target);
  if (!participant) return std::nullopt;
  PredicatePtr is_ip = test_field(net::Field::kEthType, {{net::kEthTypeIpv4, net::kEthTypeIpv4},
                                                         {net::kEthTypeIpv6, net::kEthTypeIpv6}});
  PredicatePtr in = std::make_shared<const Predicate>(Predicate{InPrefixesOf{*participant, side}});
  return PrefixSet{std::nullopt, conjunction(is_ip, in)};
}

std::optional<PrefixSet> PrefixSets::call(const Bound& bound, Side side) {
  const Syntax& syntax = *bound.syntax;
  if (const auto body = names_.expand(syntax, bound.scope)) return read(*body, side);
  if (syntax.text == "set") {
    if (syntax.children.empty()) return PrefixSet{AddressSet{}, nullptr};
    if (!names_.has_arguments(syntax, 1, 1)) return std::nullopt;
    return read({syntax.children[0], bound.scope}, side);
  }
  if (syntax.text == "prefixes") {
    if (!names_.has_arguments(syntax, 1, 1)) return std::nullopt;
    return announced({syntax.children[0], bound.scope}, side);
  }
  if (syntax.text == "bgp_get_announced_routes") {
    if (!names_.has_arguments(syntax, 2, 2)) return std::nullopt;
    return announced({syntax.children[1], bound.scope}, side);
  }
  // Of a macro that is known expand() has said what is wrong.
  if (!names_.knows(syntax.text)) {
    report_.error("P0204", syntax.at, "'" + syntax.text + "' is not a set of prefixes",
                  "a list such as [10.0.0.0/8], or prefixes(B)");
  }
  return std::nullopt;
}

std::optional<PrefixSet> PrefixSets::operation(const Bound& bound, Side side) {
  std::optional<PrefixSet> result;
  bool good = true;
  for (const SyntaxPtr& child : bound.syntax->children) {
    auto next = read({child, bound.scope}, side);
    good = good && next;
    if (!good) continue;
    if (result && !report_.spend(weight_of(*result) + weight_of(*next), child->at)) {
      return std::nullopt;
    }
    result = result ? joined(bound.syntax->kind, *result, *next, side) : std::move(next);
  }
  return good ? result : std::nullopt;
}
// NOLINTEND(misc-no-recursion)

}  // namespace fabrix::policy
