#include "policy/balance.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "policy/simplify.h"
#include "policy/vocabulary.h"

namespace fabrix::policy {
namespace {

template <typename Node>
TermPtr make_term(Node node, const SourceSpan& at) {
  return std::make_shared<const Term>(Term{std::move(node), at});
}

// The names of a value: one, or a list of them. Empty: something else stands there.
std::set<std::string> names_in(const Syntax& value) {
  if (value.kind == SyntaxKind::kName) return {value.text};
  std::set<std::string> names;
  if (value.kind != SyntaxKind::kList) return names;
  for (const SyntaxPtr& child : value.children) {
    const bool is_name = child != nullptr && child->kind == SyntaxKind::kName;
    if (!is_name || !names.insert(child->text).second) return {};
  }
  return names;
}

std::optional<net::HashKey> key_named(const std::set<std::string>& names) {
  if (names.size() == 1 && *names.begin() == "flow") return net::HashKey::kFlow;
  std::set<std::string_view> fields;
  for (const std::string& name : names) {
    const auto word = find_field(name);
    if (!word) return std::nullopt;
    fields.insert(word->name);
  }
  using Words = std::set<std::string_view>;
  if (fields == Words{"srcip"}) return net::HashKey::kSrcIp;
  if (fields == Words{"dstip"}) return net::HashKey::kDstIp;
  const Words all{"srcip", "dstip", "protocol", "srcport", "dstport"};
  return fields == all ? std::optional(net::HashKey::kFlow) : std::nullopt;
}

// The target at `first`, and those that take its place, each once.
std::vector<Target> in_turn(const std::vector<Target>& targets, std::size_t first) {
  std::vector<Target> order;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const Target& next = targets[(first + i) % targets.size()];
    if (std::find(order.begin(), order.end(), next) == order.end()) order.push_back(next);
  }
  return order;
}

TermPtr send(const std::vector<Target>& order, const SourceSpan& at) {
  Ranked ranks;
  for (const Target& target : order) {
    ranks.parts.push_back(make_term(Act{always(), {}, Forward{target}}, at));
  }
  return ranks.parts.size() == 1 ? ranks.parts.front() : make_term(std::move(ranks), at);
}

TermPtr share_out(const std::vector<Target>& targets, net::HashKey key, Direction direction,
                  const SourceSpan& at) {
  Parallel shares;
  const std::size_t count = targets.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Interval buckets{i * net::kBucketCount / count, (i + 1) * net::kBucketCount / count - 1};
    std::vector<Target> order = in_turn(targets, i);
    if (direction == Direction::kInbound) order.resize(1);
    TermPtr share = make_term(Filter{test_field(net::bucket_field(key), {buckets}), false}, at);
    shares.parts.push_back(make_term(Sequence{{std::move(share), send(order, at)}}, at));
  }
  return count == 1 ? send(targets, at) : make_term(std::move(shares), at);
}

// NOLINTBEGIN(misc-no-recursion): as deep as a predicate, at most kMaxDepth.
void collect(const Predicate& predicate, net::HashKeys& into) {
  if (const auto* test = std::get_if<FieldTest>(&predicate.node)) {
    for (const net::HashKey key : net::kHashKeys) {
      if (test->field == net::bucket_field(key)) into.add(key);
    }
  }
  if (const auto* negated = std::get_if<Not>(&predicate.node)) collect(*negated->operand, into);
  if (const auto* all = std::get_if<And>(&predicate.node)) {
    for (const PredicatePtr& each : all->operands) collect(*each, into);
  }
  if (const auto* any = std::get_if<Or>(&predicate.node)) {
    for (const PredicatePtr& each : any->operands) collect(*each, into);
  }
}
// NOLINTEND(misc-no-recursion)

}  // namespace

std::optional<net::HashKey> Balance::key(const Bound& call) const {
  const auto& given = call.syntax->tests;
  if (given.empty()) return net::HashKey::kFlow;
  const FieldSyntax& test = given.front();
  const Bound value = names_.settle({test.value, call.scope});
  if (value.syntax->kind == SyntaxKind::kError) return std::nullopt;
  const auto key = key_named(names_in(*value.syntax));
  if (!key) {
    report_.error("P0313", test.at, "balance() shares out by the flow, by srcip or by dstip",
                  "leave 'key' out for the flow, or write key=srcip or key=dstip");
  }
  return key;
}

TermPtr Balance::make(const Bound& call, Mode mode) const {
  const SourceSpan& at = call.syntax->at;
  if (call.syntax->children.empty()) {
    names_.has_arguments(*call.syntax, 1, kMaxShares);  // reports that it has not
    return nullptr;
  }
  std::vector<Target> targets;
  std::size_t others = 0;
  const auto key = this->key(call);
  bool good = key.has_value();
  for (const SyntaxPtr& argument : call.syntax->children) {
    const auto checked = targets_.check({argument, call.scope}, mode);
    good = good && checked;
    if (!checked) continue;
    targets.push_back(*checked->target);
    if (checked->other_half) ++others;
  }
  if (!good) return nullptr;
  if (others != 0 && others != targets.size()) {
    report_.error("P0305", at, "balance() goes to other participants or to own ports, not to both",
                  "write two of them, and add them with '+'");
    return nullptr;
  }
  if (targets.size() > kMaxShares) {
    report_.error("P0408", at,
                  "balance() takes at most " + std::to_string(kMaxShares) + " targets");
    return nullptr;
  }
  if (others != 0) return make_term(Filter{never(), true}, at);
  return share_out(targets, *key, is_inbound(mode) ? Direction::kInbound : Direction::kOutbound,
                   at);
}

net::HashKeys hash_keys_of(const Predicate& predicate) {
  net::HashKeys keys;
  collect(predicate, keys);
  return keys;
}

net::HashKeys hash_keys_of(const ClauseList& list) {
  net::HashKeys keys;
  for (const Clause& clause : list.clauses) collect(*clause.when, keys);
  for (const Query& query : list.queries) collect(*query.when, keys);
  return keys;
}

}  // namespace fabrix::policy
