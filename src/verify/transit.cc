#include <vector>

#include <fmt/format.h>

#include "verify/findings.h"

namespace fabrix::verify {
namespace {

using exchange::Router;
using program::Metadata;
using program::TableId;

enum class Traffic : std::uint8_t { kData, kControl, kFromRouteServer };

// Where what is for `router` must come out, with which MAC. Control traffic reaches the addressed
// router or nobody (SEMANTICS, step 1).
Effect expected_for(const World& world, net::RouterId router, Traffic traffic,
                    std::optional<net::RouterId> middlebox) {
  const bool is_quarantined =
      world.exchange->router(router).standing == exchange::Standing::kQuarantined;
  const bool enters = traffic == Traffic::kFromRouteServer && is_quarantined;
  const auto taken = enters ? std::optional(router) : port_for(world, router);
  if (!taken || (traffic != Traffic::kData && *taken != router)) return {};
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
  if (traffic != Traffic::kData) {
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

// The table must look at nothing but where packets go (and whether they are control traffic). What
// is for a port in quarantine must come from nobody, that is, from the route server.
bool looks_elsewhere(const program::Row& row, const Router& router) {
  const std::uint64_t sender = Metadata::sender(net::ParticipantId{0}).mask;
  const bool asks_for_site = router.standing == exchange::Standing::kQuarantined &&
                             (row.match.metadata.bits & sender) == 0;
  const std::uint64_t allowed = (asks_for_site ? sender : 0) |
                                Metadata::egress(net::ParticipantId{0}).mask |
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
  } else if (traffic != Traffic::kData) {
    invariant = "I8";
  } else if (is.kind == Effect::Kind::kDrop) {
    invariant = "I4";
  }
  task.findings.add(
      {.invariant = std::string(invariant),
       .message = fmt::format("{} for {} is {}, and should be {}",
                              traffic == Traffic::kData ? "what is" : "control traffic",
                              router.name, describe(is, exchange), describe(should, exchange)),
       .witness = witness,
       .rows = rows_for(task.program, witness)});
}

// Reports it if not.
bool is_right(const Task& task, const Router& router, Traffic traffic,
              std::optional<net::RouterId> middlebox = {}) {
  Metadata to = Metadata::egress(router.participant) | Metadata::egress_router(router.id);
  if (traffic != Traffic::kData) to = to | Metadata::control();
  // Rows ask only whether there is a sender.
  if (traffic != Traffic::kFromRouteServer) to = to | Metadata::sender({});
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
    if (!looks_elsewhere(*row, router)) continue;
    task.findings.add({.invariant = "I11",
                       .message = "a row of the last table tests more than where packets go",
                       .witness = {},
                       .rows = {*row}});
  }
  if (!is_right(task, router, Traffic::kData)) return;
  if (!is_right(task, router, Traffic::kControl)) return;
  if (!is_right(task, router, Traffic::kFromRouteServer)) return;
  for (const net::RouterId box : task.world.exchange->middleboxes_of(router.participant)) {
    if (task.world.port_up[box.index()]) is_right(task, router, Traffic::kData, box);
  }
}

}  // namespace fabrix::verify
