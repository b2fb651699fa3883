#include "routeserver/prefix_ranges.h"

#include <algorithm>
#include <tuple>

#include "base/assert.h"

namespace fabrix::routeserver {
namespace {

// Prefix order: a block before the blocks inside it.
auto position(const net::AddressBits& bits, unsigned length) {
  return std::tuple(bits.high, bits.low, length);
}

}  // namespace

PrefixRange with_inside(const net::Prefix& prefix) {
  return {.prefix = prefix,
          .least = static_cast<std::uint8_t>(prefix.length()),
          .most = static_cast<std::uint8_t>(net::width_of(prefix.family()))};
}

PrefixRanges::PrefixRanges(std::vector<PrefixRange> ranges) {
  std::ranges::sort(ranges);
  ranges.erase(std::unique(ranges.begin(), ranges.end()), ranges.end());
  FABRIX_ASSERT(ranges.size() < kNone);
  for (const PrefixRange& range : ranges) {
    const PrefixBits prefix(range.prefix);
    std::vector<Entry>& entries = families_.at(index_of(prefix.family));
    // What covers this one covers its predecessor too, or is it: they are in Prefix order.
    Link around = entries.empty() ? kNone : static_cast<Link>(entries.size() - 1);
    while (around != kNone && !entries[around].covers(prefix)) around = entries[around].around;
    entries.push_back({.bits = prefix.bits,
                       .around = around,
                       .length = static_cast<std::uint8_t>(prefix.length),
                       .least = range.least,
                       .most = range.most});
  }
}

template <typename Accepts>
bool PrefixRanges::any_around(const PrefixBits& prefix, Accepts accepts) const {
  const std::vector<Entry>& entries = families_[index_of(prefix.family)];
  const auto wanted = position(prefix.bits, prefix.length);
  const auto after = std::partition_point(entries.begin(), entries.end(), [&](const Entry& entry) {
    return position(entry.bits, entry.length) <= wanted;
  });
  if (after == entries.begin()) return false;
  auto link = static_cast<Link>(after - entries.begin() - 1);
  for (; link != kNone; link = entries[link].around) {
    const Entry& entry = entries[link];
    if (entry.covers(prefix) && accepts(entry)) return true;
  }
  return false;
}

bool PrefixRanges::contains(const PrefixBits& prefix) const {
  return any_around(prefix, [&](const Entry& entry) {
    return entry.least <= prefix.length && prefix.length <= entry.most;
  });
}

bool PrefixRanges::contains_or_exceeds(const PrefixBits& prefix) const {
  return any_around(prefix, [&](const Entry& entry) { return entry.least <= prefix.length; });
}

bool PrefixRanges::covers(const PrefixBits& prefix) const {
  return any_around(prefix, [](const Entry&) { return true; });
}

}  // namespace fabrix::routeserver
