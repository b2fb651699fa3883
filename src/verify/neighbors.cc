#include <algorithm>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "net/address_bits.h"
#include "program/tag.h"
#include "verify/findings.h"

namespace fabrix::verify {
namespace {

using program::VirtualNeighbor;

bool is_virtual(const exchange::Exchange& exchange, const net::IpAddress& address) {
  return std::ranges::any_of(exchange.virtual_next_hops,
                             [&](const net::Prefix& range) { return range.contains(address); });
}

std::string_view fault(const Task& task, const VirtualNeighbor& neighbor) {
  const exchange::Exchange& exchange = *task.world.exchange;
  if (neighbor.sender.index() >= exchange.participants.size()) return "is nobody's";
  if (!is_virtual(exchange, neighbor.address)) return "lies outside the ranges of next hops";
  if (task.directory.find(neighbor.address)) return "is a router's";
  const auto tag = program::decode_tag(neighbor.mac);
  if (!tag || tag->kind != program::TagKind::kInline) return "answers with a MAC that is no tag";
  if (!tag->egress || tag->egress->index() >= exchange.routers.size()) {
    return "answers with a tag without a router";
  }
  if (exchange.router(*tag->egress).participant == neighbor.sender) {
    return "answers with a tag that leads back to the sender";
  }
  return {};
}

// Whether others of the same sender and address are there.
bool has_double(const program::Neighbors& all, const VirtualNeighbor& neighbor) {
  const auto& list = all.block(neighbor.sender.index());
  if (list && list->has_doubles(neighbor.address)) return true;
  return std::ranges::any_of(all.own(), [&neighbor](const VirtualNeighbor& each) {
    return each.sender == neighbor.sender && each.address == neighbor.address &&
           each.mac < neighbor.mac;
  });
}

}  // namespace

void check_neighbors(const Task& task, std::span<const VirtualNeighbor> fresh) {
  for (const VirtualNeighbor& neighbor : fresh) {
    std::string_view wrong = fault(task, neighbor);
    if (has_double(task.program.neighbors, neighbor)) wrong = "answers twice";
    if (wrong.empty()) continue;
    const bool returns = wrong.ends_with("the sender");
    task.findings.add(
        {.invariant = returns ? "I5" : "I3",
         .message = fmt::format("the virtual next hop {} ({}) {}", neighbor.address.to_string(),
                                neighbor.mac.to_string(), wrong),
         .witness = {},
         .rows = {}});
  }
}

}  // namespace fabrix::verify
