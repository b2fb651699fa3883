#include "verify/few_packets.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

#include "policy/intervals.h"
#include "verify/condition_change.h"

namespace fabrix::verify {
namespace {

using net::Field;
using policy::Interval;
using policy::Uint128;
using program::Row;
using Blocks = std::vector<ValueBlock>;
using Intervals = std::vector<Interval>;
using Rows = std::span<const Row* const>;

constexpr unsigned kHalf = 64;

Interval whole(Field field) {
  return {0, net::max_value(field)};
}

bool overlap(const Interval& a, const Interval& b) {
  return a.low <= b.high && b.low <= a.high;
}

bool contains(const Interval& outer, const Interval& inner) {
  return outer.low <= inner.low && inner.high <= outer.high;
}
bool contains(const ValueBlock& outer, const ValueBlock& inner) {
  return contains(outer.first, inner.first) && contains(outer.low, inner.low);
}

// The values that the row matches. None: not one interval of them.
std::optional<Interval> matched(const Row& row, Field field) {
  const auto test = std::ranges::find(row.match.fields, field, &program::FieldMatch::field);
  const std::uint64_t most = net::max_value(field);
  if (test == row.match.fields.end()) return whole(field);
  const std::uint64_t open = most & ~test->mask;
  const bool is_well_formed = (test->bits & ~test->mask) == 0 && test->bits <= most;
  if (!is_well_formed || (open & (open + 1)) != 0) return std::nullopt;
  return Interval{test->bits, test->bits | open};
}

// None: they are no block, or all.
std::optional<ValueBlock> matched(const Row& row, const Key& key) {
  const auto first = matched(row, key.field);
  const auto low = key.low ? matched(row, *key.low) : Interval{};
  if (!first || !low) return std::nullopt;
  const bool is_any = *first == whole(key.field) && (!key.low || *low == whole(*key.low));
  return is_any ? std::nullopt : std::optional(ValueBlock{*first, *low});
}

// The rest of the first network, whole ones, and the start of the last.
void add(const policy::Range128& range, const Key& key, Blocks& blocks) {
  const Interval low{static_cast<std::uint64_t>(range.low), static_cast<std::uint64_t>(range.high)};
  if (!key.low) return blocks.push_back({low, {}});
  const auto first = static_cast<std::uint64_t>(range.low >> kHalf);
  const auto last = static_cast<std::uint64_t>(range.high >> kHalf);
  const Interval all = whole(*key.low);
  if (first == last) return blocks.push_back({{first, last}, low});
  blocks.push_back({{first, first}, {low.low, all.high}});
  if (last - first > 1) blocks.push_back({{first + 1, last - 1}, all});
  blocks.push_back({{last, last}, {all.low, low.high}});
}

Intervals projected(const Blocks& blocks, Interval ValueBlock::*to) {
  Intervals values;
  for (const ValueBlock& each : blocks) values.push_back(each.*to);
  return policy::normalize(std::move(values));
}

// Sorted, without those that others contain.
Blocks simple(Blocks blocks, const Key& key) {
  if (!key.low) {
    Blocks joined;
    for (const Interval& each : projected(blocks, &ValueBlock::first)) joined.push_back({each, {}});
    return joined;
  }
  std::ranges::sort(blocks);
  blocks.erase(std::unique(blocks.begin(), blocks.end()), blocks.end());
  Blocks left;
  for (const ValueBlock& each : blocks) {
    const bool is_covered = std::ranges::any_of(blocks, [&each](const ValueBlock& other) {
      return other != each && contains(other, each);
    });
    if (!is_covered) left.push_back(each);
  }
  return left;
}

Intervals common(const Intervals& few, const Intervals& many) {
  Intervals found;
  for (const Interval& each : few) {
    auto next = std::ranges::lower_bound(many, each.low, {}, &Interval::high);
    for (; next != many.end() && next->low <= each.high; ++next) {
      found.push_back({std::max(next->low, each.low), std::min(next->high, each.high)});
    }
  }
  return found;
}

// By a field: of an IPv6 address by both halves.
Key key_of(Field field, std::optional<std::uint64_t> eth_type) {
  using enum Field;
  if (field == kSrcIp6High || field == kSrcIp6Low) return {eth_type, kSrcIp6High, kSrcIp6Low};
  if (field == kDstIp6High || field == kDstIp6Low) return {eth_type, kDstIp6High, kDstIp6Low};
  return {eth_type, field, {}};
}

// By which the packets of rows may be few, or where there are no rows, those of clauses.
std::vector<Key> keys_of(Rows rows, std::optional<std::uint64_t> eth_type) {
  std::vector<Key> keys;
  if (rows.empty()) {
    const bool is_ip6 = eth_type == net::kEthTypeIpv6;
    for (const Field field : {is_ip6 ? Field::kSrcIp6High : Field::kSrcIp4,
                              is_ip6 ? Field::kDstIp6High : Field::kDstIp4}) {
      keys.push_back(key_of(field, eth_type));
    }
    return keys;
  }
  for (const program::FieldMatch& each : rows.front()->match.fields) {
    if (each.field == Field::kDstMac) continue;  // of tags: no field of diagrams
    if (each.field == Field::kEthType && eth_type) continue;
    const Key key = key_of(each.field, eth_type);
    if (keys.empty() || keys.back() != key) keys.push_back(key);
  }
  return keys;
}

// None: they are not few by this key, or unknown.
std::optional<Blocks> blocks_between(const policy::ClauseList& before,
                                     const policy::ClauseList& now, Rows rows, const Key& key) {
  Blocks blocks;
  for (const Row* row : rows) {
    const auto block = matched(*row, key);
    if (!block) return std::nullopt;
    blocks.push_back(*block);
  }
  const auto ranges = values_between(before, now, key, kMaxFewValues);
  if (!ranges) return std::nullopt;
  for (const policy::Range128& each : *ranges) add(each, key, blocks);
  blocks = simple(std::move(blocks), key);
  return blocks.size() <= kMaxFewValues ? std::optional(std::move(blocks)) : std::nullopt;
}

// Of the packets of a family, of which the rows are; at most one. None: they are not few.
std::optional<std::vector<FewPackets>> packets_of(const policy::ClauseList& before,
                                                  const policy::ClauseList& now, Rows rows,
                                                  std::optional<std::uint64_t> eth_type) {
  std::vector<FewPackets> found;
  for (const Key& key : keys_of(rows, eth_type)) {
    auto blocks = blocks_between(before, now, rows, key);
    if (!blocks) continue;
    if (blocks->empty()) return std::vector<FewPackets>{};
    FewPackets packets(key, *std::move(blocks));
    if (!found.empty() && found.front().part() <= packets.part()) continue;
    found.assign(1, std::move(packets));
  }
  if (found.empty()) return std::nullopt;
  return found;
}

// By family, if each is of one. None: not so.
std::optional<std::array<std::vector<const Row*>, 2>> by_family(Rows rows) {
  std::array<std::vector<const Row*>, 2> families;
  for (const Row* row : rows) {
    const auto type = matched(*row, Field::kEthType);
    if (!type || type->low != type->high) return std::nullopt;
    if (type->low != net::kEthTypeIpv4 && type->low != net::kEthTypeIpv6) return std::nullopt;
    families.at(type->low == net::kEthTypeIpv4 ? 0 : 1).push_back(row);
  }
  return families;
}

}  // namespace

FewPackets::FewPackets(const Key& key, std::vector<ValueBlock> blocks)
    : key_(key),
      blocks_(std::move(blocks)),
      firsts_(projected(blocks_, &ValueBlock::first)),
      lows_(projected(blocks_, &ValueBlock::low)) {}

bool FewPackets::may_match(const Row& row) const {
  if (key_.eth_type) {
    const auto type = matched(row, Field::kEthType);
    if (type && !contains(*type, {*key_.eth_type, *key_.eth_type})) return false;
  }
  const Interval first = matched(row, key_.field).value_or(whole(key_.field));
  const Interval low = key_.low ? matched(row, *key_.low).value_or(whole(*key_.low)) : Interval{};
  return std::ranges::any_of(blocks_, [&](const ValueBlock& each) {
    return overlap(each.first, first) && overlap(each.low, low);
  });
}

double FewPackets::part() const {
  const auto part_of = [](const Interval& values, Field field) {
    const auto most = static_cast<double>(net::max_value(field));
    return (static_cast<double>(values.high - values.low) + 1) / (most + 1);
  };
  double sum = 0;
  for (const ValueBlock& each : blocks_) {
    sum += part_of(each.first, key_.field) * (key_.low ? part_of(each.low, *key_.low) : 1);
  }
  return sum;
}

std::optional<Intervals> FewPackets::passing(const policy::FieldTest& test) const {
  if (test.field == key_.field) return common(firsts_, test.intervals);
  if (test.field == key_.low) return common(lows_, test.intervals);
  if (test.field != Field::kEthType || !key_.eth_type) return std::nullopt;
  return common({{*key_.eth_type, *key_.eth_type}}, test.intervals);
}

std::vector<FewPackets> packets_between(const policy::ClauseList& before,
                                        const policy::ClauseList& now, Rows rows) {
  if (rows.empty()) return {};
  if (const auto families = by_family(rows)) {
    auto of_ip4 = packets_of(before, now, families->front(), net::kEthTypeIpv4);
    auto of_ip6 =
        of_ip4 ? packets_of(before, now, families->back(), net::kEthTypeIpv6) : std::nullopt;
    if (of_ip6) {
      std::ranges::move(*of_ip6, std::back_inserter(*of_ip4));
      return *std::move(of_ip4);
    }
  }
  return packets_of(before, now, rows, {}).value_or(std::vector<FewPackets>{});
}

}  // namespace fabrix::verify
