#include "telemetry/forwarding_blocks.h"

#include <algorithm>

#include "net/address_bits.h"

namespace fabrix::telemetry {

std::optional<net::IpAddress> ForwardingBlocks::next_hop_of(const TableView& view,
                                                            RouteId id) const {
  const RouteInfo& route = *view.route_of(id);
  if (!route.next_hop) return std::nullopt;
  const auto rewritten = rewriting_.find(*route.next_hop);
  return rewritten != rewriting_.end() ? rewritten->second : route.next_hop;
}

ForwardingBlocks::RouteId ForwardingBlocks::outermost(const TableView& view, RouteId id) const {
  const auto next_hop = next_hop_of(view, id);
  for (auto cover = view.covering(id); cover; cover = view.covering(*cover)) {
    const bool is_default = view.table().prefix_of(*cover).length() == 0;
    if (is_default || next_hop_of(view, *cover) != next_hop) break;
    id = *cover;
  }
  return id;
}

const std::vector<net::Prefix>& ForwardingBlocks::others_within(const TableView& view, RouteId id) {
  const net::Prefix& prefix = view.table().prefix_of(id);
  if (const auto* const known = others_.find(prefix)) return *known;
  const auto next_hop = next_hop_of(view, id);
  std::vector<net::Prefix> others;
  view.table().for_each_within(prefix, [&](RouteId each) {
    const bool is_told = view.route_of(each) != nullptr;
    if (is_told && next_hop_of(view, each) != next_hop) {
      others.push_back(view.table().prefix_of(each));
    }
  });
  if (remembered_ + others.size() + 1 > kMaxRemembered) changed_all();
  remembered_ += others.size() + 1;
  others_.insert(prefix, std::move(others));
  return *others_.find(prefix);
}

std::optional<ForwardingBlocks::Block> ForwardingBlocks::around(const TableView& view,
                                                                const net::IpAddress& address) {
  const auto match = view.match_id(address);
  if (!match || view.table().prefix_of(*match).length() == 0) return std::nullopt;
  const auto next_hop = next_hop_of(view, *match);
  if (!next_hop) return std::nullopt;
  const RouteId route = outermost(view, *match);
  unsigned length = view.table().prefix_of(route).length();
  // The nearest of the others is one of the two next to it; none of them contains it, or it would
  // be the longest match, or around it.
  const auto& others = others_within(view, route);
  const auto bits = net::AddressBits::of(address);
  const auto stay_apart = [&](const net::Prefix& other) {
    length = std::max(length, net::AddressBits::of(other.address()).common_length(bits) + 1);
  };
  const auto next = std::ranges::lower_bound(others, address, {}, &net::Prefix::address);
  if (next != others.end()) stay_apart(*next);
  if (next != others.begin()) stay_apart(*std::prev(next));
  return Block{.prefix = net::Prefix::containing(address, length).value(), .next_hop = *next_hop};
}

ForwardingBlocks::Way ForwardingBlocks::way_of(const TableView& view,
                                               const net::Prefix& block) const {
  const RouteTable& table = view.table();
  auto route = table.find(block);
  if (!route) route = table.covering(block);
  if (route && view.route_of(*route) == nullptr) route = view.covering(*route);
  if (!route || table.prefix_of(*route).length() == 0) return {};
  Way way{.has_route = true, .next_hop = next_hop_of(view, *route)};
  const auto of_all = way.next_hop;
  table.for_each_within(block, [&](RouteId inside) {
    const bool is_told = view.route_of(inside) != nullptr;
    if (is_told && next_hop_of(view, inside) != of_all) way.next_hop.reset();
  });
  return way;
}

void ForwardingBlocks::changed(const net::Prefix& prefix) {
  if (others_.empty()) return;
  std::vector<net::Prefix> around;
  others_.for_each_covering(prefix,
                            [&](const net::Prefix& each, const auto&) { around.push_back(each); });
  for (const net::Prefix& each : around) {
    remembered_ -= others_.find(each)->size() + 1;
    others_.erase(each);
  }
}

void ForwardingBlocks::changed_all() {
  others_.clear();
  remembered_ = 0;
}

}  // namespace fabrix::telemetry
