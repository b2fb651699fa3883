#include <vector>

#include <fmt/format.h>

#include "verify/findings.h"

namespace fabrix::verify {
namespace {

using exchange::Router;
using program::Metadata;
using program::TableId;

enum class Traffic : std::uint8_t { kData, kControl };

// Where what is for `router` must come out, with which MAC. Control traffic reaches the addressed
// router or nobody (SEMANTICS, step 1).
Effect expected_for(const World& world, net::RouterId router, Traffic traffic,
                    std::optional<net::RouterId> middlebox) {
  const auto taken = port_for(world, router);
  if (!taken || (traffic == Traffic::kControl && *taken != router)) return {};
  const Router& receiver = world.exchange->router(*taken);
  return {.kind = Effect::Kind::kOutput,
          .table = TableId::kAdmit,
          .metadata = 0,
          .port = middlebox ? world.exchange->router(*middlebox).port : receiver.port,
          .writes = {{.field = net::Field::kDstMac, .value = receiver.mac.to_u64()}}};
}

// A packet of somebody that is resolved to the router.
net::Packet example_for(const exchange::Exchange& exchange, const Router& router, Traffic traffic) {
  net::Packet packet;
  packet.eth_type = net::kEthTypeIpv4;
  packet.dst_mac = router.mac;
  if (traffic == Traffic::kControl) {
    constexpr std::uint16_t kBgpPort = 179;
    packet.protocol = net::kProtocolTcp;
    packet.dst_port = kBgpPort;
    if (!router.addresses.empty()) packet.dst_ip = router.addresses.front();
    if (packet.dst_ip.family() == net::Family::kIpv6) packet.eth_type = net::kEthTypeIpv6;
  }
  for (const Router& other : exchange.routers) {
    if (other.id == router.id || !other.is_reachable()) continue;
    packet.in_port = other.port;
    packet.src_mac = other.mac;
  }
  return packet;
}

// The table must look at nothing but where packets go (and whether they are control traffic).
bool looks_elsewhere(const program::Row& row) {
  const std::uint64_t allowed = Metadata::egress(net::ParticipantId{0}).mask |
                                Metadata::egress_router(net::RouterId{0}).mask |
                                Metadata::via(net::RouterId{0}).mask | Metadata::control().mask;
  return !row.match.fields.empty() || (row.match.metadata.mask & ~allowed) != 0;
}

void report(const Task& task, const Router& router, Traffic traffic, const Effect& is,
            const Effect& should) {
  const exchange::Exchange& exchange = *task.world.exchange;
  const net::Packet witness = example_for(exchange, router, traffic);
  std::string_view invariant = "I2";
  if (is.kind == should.kind && is.port == should.port) {
    invariant = "I7";
  } else if (traffic == Traffic::kControl) {
    invariant = "I8";
  } else if (is.kind == Effect::Kind::kDrop) {
    invariant = "I4";
  }
  task.findings.add(
      {.invariant = std::string(invariant),
       .message = fmt::format("{} for {} is {}, and should be {}",
                              traffic == Traffic::kControl ? "control traffic" : "what is",
                              router.name, describe(is, exchange), describe(should, exchange)),
       .witness = witness,
       .rows = rows_for(task.program, witness)});
}

// Reports it if not.
bool is_right(const Task& task, const Router& router, Traffic traffic,
              std::optional<net::RouterId> middlebox = {}) {
  Metadata to = Metadata::egress(router.participant) | Metadata::egress_router(router.id);
  if (traffic == Traffic::kControl) to = to | Metadata::control();
  if (middlebox) to = to | Metadata::via(*middlebox);
  const Effect should = expected_for(task.world, router.id, traffic, middlebox);
  diagram::Store& store = task.work.space.store();
  const auto expected = store.leaf(task.work.effects.leaf_of(should));
  const auto actual = task.symbolic().run(
      {.table = TableId::kTransit, .metadata = to.bits, .known = {}}, TableId::kTransit);
  if (!actual || *actual == expected) return true;
  report(task, router, traffic, task.work.effects.at(store.leaves(*actual).front()), should);
  return false;
}

}  // namespace

void check_transit(const Task& task, const Router& router) {
  if (router.middlebox) return;  // nothing is for it
  const std::uint64_t metadata =
      (Metadata::egress(router.participant) | Metadata::egress_router(router.id)).bits;
  for (const program::Row* row : task.index.rows(TableId::kTransit, metadata, {})) {
    if (!looks_elsewhere(*row)) continue;
    task.findings.add({.invariant = "I11",
                       .message = "a row of the last table tests more than where packets go",
                       .witness = {},
                       .rows = {*row}});
  }
  if (!is_right(task, router, Traffic::kData)) return;
  if (!is_right(task, router, Traffic::kControl)) return;
  for (const net::RouterId box : task.world.exchange->middleboxes_of(router.participant)) {
    if (task.world.port_up[box.index()]) is_right(task, router, Traffic::kData, box);
  }
}

}  // namespace fabrix::verify
