#include "bgp/flowspec_order.h"

#include <algorithm>

#include "bgp/flowspec_nlri.h"

namespace fabrix::bgp {
namespace {

std::strong_ordering compare(const FlowSpecPrefix& a, const FlowSpecPrefix& b) {
  if (a.offset != b.offset) return a.offset <=> b.offset;
  const bool overlap = a.prefix.contains(b.prefix) || b.prefix.contains(a.prefix);
  if (overlap) return b.prefix.length() <=> a.prefix.length();
  return a.prefix.address() <=> b.prefix.address();
}

// As memcmp() over what they have in common; then the longer is first.
std::strong_ordering compare_octets(const FlowSpecComponent& a, const FlowSpecComponent& b) {
  ByteWriter a_octets;
  ByteWriter b_octets;
  encode_flowspec_value(a, a_octets);
  encode_flowspec_value(b, b_octets);
  const std::size_t common = std::min(a_octets.size(), b_octets.size());
  const auto a_part = a_octets.view().first(common);
  const auto b_part = b_octets.view().first(common);
  const auto order = std::lexicographical_compare_three_way(a_part.begin(), a_part.end(),
                                                            b_part.begin(), b_part.end());
  return order != 0 ? order : b_octets.size() <=> a_octets.size();
}

std::strong_ordering compare(const FlowSpecComponent& a, const FlowSpecComponent& b) {
  if (a.type != b.type) return a.type <=> b.type;
  if (is_prefix(a.type)) {
    return compare(std::get<FlowSpecPrefix>(a.value), std::get<FlowSpecPrefix>(b.value));
  }
  return compare_octets(a, b);
}

}  // namespace

std::strong_ordering compare_precedence(const FlowSpecRule& a, const FlowSpecRule& b) {
  if (a.family() != b.family()) return a.family() <=> b.family();
  const std::size_t common = std::min(a.components().size(), b.components().size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto order = compare(a.components()[i], b.components()[i]);
    if (order != 0) return order;
  }
  return b.components().size() <=> a.components().size();
}

}  // namespace fabrix::bgp
