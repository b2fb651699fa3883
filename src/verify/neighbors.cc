#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

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
  if (exchange.find_router(neighbor.address) != nullptr) return "is a router's";
  const auto tag = program::decode_tag(neighbor.mac);
  if (!tag || tag->kind != program::TagKind::kInline) return "answers with a MAC that is no tag";
  if (!tag->egress || tag->egress->index() >= exchange.routers.size()) {
    return "answers with a tag without a router";
  }
  return {};
}

}  // namespace

void check_neighbors(const Task& task) {
  std::set<std::pair<net::ParticipantId, net::IpAddress>> seen;
  for (const VirtualNeighbor& neighbor : task.program.neighbors) {
    std::string_view wrong = fault(task, neighbor);
    if (!seen.emplace(neighbor.sender, neighbor.address).second) wrong = "answers twice";
    if (wrong.empty()) continue;
    task.findings.add(
        {.invariant = "I3",
         .message = fmt::format("the virtual next hop {} ({}) {}", neighbor.address.to_string(),
                                neighbor.mac.to_string(), wrong),
         .witness = {},
         .rows = {}});
  }
}

}  // namespace fabrix::verify
