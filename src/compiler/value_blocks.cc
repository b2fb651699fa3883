#include "compiler/value_blocks.h"

#include <algorithm>
#include <cstdint>
#include <tuple>

namespace fabrix::compiler {
namespace {

using Blocks = std::vector<ValueBlock>;
using policy::Interval;

constexpr unsigned kHalf = 64;
constexpr std::uint64_t kAll = ~std::uint64_t{0};

void add(const Interval& high, const Interval& low, Blocks& blocks) {
  for (const Ternary& first : cover(high, kHalf)) {
    for (const Ternary& second : cover(low, kHalf)) blocks.push_back({first, second});
  }
}

// The rest of the first network, whole ones, and the start of the last.
void add(const policy::Range128& range, Blocks& blocks) {
  const auto first = static_cast<std::uint64_t>(range.low >> kHalf);
  const auto last = static_cast<std::uint64_t>(range.high >> kHalf);
  const Interval low{static_cast<std::uint64_t>(range.low), static_cast<std::uint64_t>(range.high)};
  // A host, as most are.
  if (range.low == range.high) return blocks.push_back({{first, kAll}, {low.low, kAll}});
  if (first == last) return add({first, last}, low, blocks);
  const bool starts_within = low.low != 0;
  const bool ends_within = low.high != kAll;
  if (starts_within) add({first, first}, {low.low, kAll}, blocks);
  const Interval whole{first + (starts_within ? 1 : 0), last - (ends_within ? 1 : 0)};
  if (whole.low <= whole.high) add(whole, {0, kAll}, blocks);
  if (ends_within) add({last, last}, {0, low.high}, blocks);
}

bool is_one_network(const ValueBlock& block) {
  return block.first.mask == kAll;
}

// Makes networks side by side of which the same is matched one block, as far as they come one
// after the other.
void join_networks(Blocks& blocks) {
  Blocks joined;
  joined.reserve(blocks.size());
  bool has_joined = false;
  for (auto from = blocks.begin(); from != blocks.end();) {
    auto to = std::next(from);
    const auto follows = [&](const ValueBlock& next) {
      const auto distance = static_cast<std::uint64_t>(to - from);
      return is_one_network(*from) && is_one_network(next) && next.low == from->low &&
             next.first.bits - from->first.bits == distance;
    };
    while (to != blocks.end() && follows(*to)) ++to;
    if (std::next(from) == to) {
      joined.push_back(*from);
    } else {
      const Interval networks{from->first.bits, std::prev(to)->first.bits};
      for (const Ternary& each : cover(networks, kHalf)) joined.push_back({each, from->low});
      has_joined = true;
    }
    from = to;
  }
  if (!has_joined) return;
  std::ranges::sort(joined, {}, [](const ValueBlock& each) {
    return std::tuple(each.first.bits, each.first.mask, each.low.bits, each.low.mask);
  });
  blocks = std::move(joined);
}

}  // namespace

std::vector<ValueBlock> value_blocks(const Line& line, const Values& values) {
  Blocks blocks;
  blocks.reserve(values.size());
  for (const policy::Range128& each : values) {
    if (line.low) {
      add(each, blocks);
      continue;
    }
    const Interval range{static_cast<std::uint64_t>(each.low),
                         static_cast<std::uint64_t>(each.high)};
    if (range.low == range.high) {
      blocks.push_back({{range.low, net::max_value(line.field)}, {}});
      continue;
    }
    for (const Ternary& block : cover(range, net::width_of(line.field))) {
      blocks.push_back({block, {}});
    }
  }
  if (line.low) join_networks(blocks);
  return blocks;
}

}  // namespace fabrix::compiler
