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

// Of one sender, each address after the one before: so none is there twice.
bool is_in_order(const std::vector<VirtualNeighbor>& block) {
  const auto rank_of = [](const VirtualNeighbor& each) {
    const auto bits = net::AddressBits::of(each.address);
    return std::tuple(each.address.family(), bits.high, bits.low);
  };
  auto last = rank_of(block.front());
  for (std::size_t i = 1; i < block.size(); ++i) {
    const auto rank = rank_of(block[i]);
    if (block[i].sender != block[i - 1].sender || rank <= last) return false;
    last = rank;
  }
  return true;
}

// Whether others of the same sender and address are there.
class Doubles {
 public:
  explicit Doubles(const program::Program& program) : program_(program) {}

  bool has_before(const VirtualNeighbor& neighbor) {
    const auto is_before = [&neighbor](const VirtualNeighbor& each) {
      return each.sender == neighbor.sender && each.address == neighbor.address &&
             each.mac < neighbor.mac;
    };
    const auto& block = program_.neighbors.block(
        program::neighbor_block_of(neighbor.sender, program::neighbor_part_of(neighbor.address)));
    if (block != block_) {
      block_ = block;
      in_order_ = !block || block->empty() || is_in_order(*block);
    }
    return (!in_order_ && std::ranges::any_of(*block, is_before)) ||
           std::ranges::any_of(program_.neighbors.own(), is_before);
  }

 private:
  const program::Program& program_;
  program::Neighbors::Block block_;  // the last one looked at
  bool in_order_ = true;
};

}  // namespace

void check_neighbors(const Task& task, std::span<const VirtualNeighbor> fresh) {
  Doubles doubles(task.program);
  for (const VirtualNeighbor& neighbor : fresh) {
    std::string_view wrong = fault(task, neighbor);
    if (doubles.has_before(neighbor)) wrong = "answers twice";
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
