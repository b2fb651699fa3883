#include <vector>

#include <fmt/format.h>

#include "verify/findings.h"

namespace fabrix::verify {
namespace {

using exchange::Router;
using program::Metadata;
using program::TableId;

// Where what is for `router` must come out, with which MAC.
Effect expected_for(const World& world, net::RouterId router) {
  const auto taken = port_for(world, router);
  if (!taken) return {};
  const Router& receiver = world.exchange->router(*taken);
  return {.kind = Effect::Kind::kOutput,
          .table = TableId::kAdmit,
          .metadata = 0,
          .port = receiver.port,
          .writes = {{.field = net::Field::kDstMac, .value = receiver.mac.to_u64()}}};
}

// A packet of somebody that is resolved to the router.
net::Packet example_for(const exchange::Exchange& exchange, const Router& router) {
  net::Packet packet;
  packet.eth_type = net::kEthTypeIpv4;
  packet.dst_mac = router.mac;
  for (const Router& other : exchange.routers) {
    if (other.id == router.id) continue;
    packet.in_port = other.port;
    packet.src_mac = other.mac;
  }
  return packet;
}

// The table must look at nothing but where packets go (and whether they are control traffic).
bool looks_elsewhere(const program::Row& row) {
  const std::uint64_t allowed = Metadata::egress(net::ParticipantId{0}).mask |
                                Metadata::egress_router(net::RouterId{0}).mask |
                                Metadata::control().mask;
  return !row.match.fields.empty() || (row.match.metadata.mask & ~allowed) != 0;
}

}  // namespace

void check_transit(const Task& task) {
  const exchange::Exchange& exchange = *task.world.exchange;
  for (const program::Row& row : task.program.table(TableId::kTransit)) {
    if (!looks_elsewhere(row)) continue;
    task.findings.add({.invariant = "I11",
                       .message = "a row of the last table tests more than where packets go",
                       .witness = {},
                       .rows = {row}});
  }
  PacketSpace space(*task.world.reachability);
  Effects effects;
  SymbolicProgram symbolic(task.index, space, effects);
  for (const Router& router : exchange.routers) {
    const Metadata to = Metadata::egress(router.participant) | Metadata::egress_router(router.id);
    const Effect should = expected_for(task.world, router.id);
    const auto expected = space.store().leaf(effects.leaf_of(should));
    const auto actual = symbolic.run({.table = TableId::kTransit, .metadata = to.bits, .known = {}},
                                     TableId::kTransit);
    if (!actual || *actual == expected) continue;
    const auto leaves = space.store().leaves(*actual);
    const Effect is = effects.at(leaves.front());
    const bool same_port = is.kind == should.kind && is.port == should.port;
    const net::Packet witness = example_for(exchange, router);
    task.findings.add(
        {.invariant = same_port ? "I7" : (is.kind == Effect::Kind::kDrop ? "I4" : "I2"),
         .message = fmt::format("what is for {} is {}, and should be {}", router.name,
                                describe(is, exchange), describe(should, exchange)),
         .witness = witness,
         .rows = rows_for(task.program, witness)});
  }
}

}  // namespace fabrix::verify
