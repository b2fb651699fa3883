#include "compiler/delivery.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "compiler/port_refusals.h"
#include "program/drop.h"
#include "program/tag.h"

namespace fabrix::compiler {
namespace {

using net::Family;
using net::Field;
using program::Match;
using program::Metadata;
using program::Origin;
using program::Row;

enum Priority : std::uint16_t {
  kOwnerOfAddress = 90,
  kRealMac = 50,
  kBestRoute = 40,
  kNobodysAddress = 30,
  kFromQuarantine = 25,
  kOnlyThere = 20,
  kDetour = 15,
  kTransit = 10,
  kForSponge = 2,
  kForNobody = 1,
};

constexpr std::uint64_t kArpRequest = 1;

constexpr std::uint64_t kNeighborSolicitation = 135;
constexpr std::uint64_t kNeighborAdvertisement = 136;

// Where frames for one attachment go.
struct Destination {
  std::vector<program::SetField> set_fields;
  Metadata write_metadata;
  program::Next next;
  net::ParticipantId participant;
};

Destination destination_of(const exchange::Router& router, const std::vector<bool>& counted) {
  return {
      .set_fields = {},
      .write_metadata = Metadata::egress(router.participant) | Metadata::egress_router(router.id),
      .next = program::Goto{entrance_of(router.participant, counted)},
      .participant = router.participant};
}

// The route server takes part in no policy: straight to its port.
Destination destination_of(const exchange::RouteServerSite& site) {
  return {.set_fields = {{Field::kDstMac, site.mac.to_u64()}},
          .write_metadata = {},
          .next = program::Output{site.port},
          .participant = {}};
}

class ResolveRows {
 public:
  void add_owner(const net::IpAddress& address, const Destination& to) {
    if (address.family() == Family::kIpv4) {
      Match match;
      match.metadata = Metadata::control();
      match.exact(Field::kEthType, net::kEthTypeArp);
      match_address(match, AddressField::kDestination, address);
      return add(kOwnerOfAddress, std::move(match), to, Origin::Kind::kAddressLookup);
    }
    Match asked = nd(kNeighborSolicitation);
    match_address(asked, AddressField::kNdTarget, address);
    add(kOwnerOfAddress, std::move(asked), to, Origin::Kind::kAddressLookup);
    Match told = nd(kNeighborAdvertisement);
    match_address(told, AddressField::kDestination, address);
    add(kOwnerOfAddress, std::move(told), to, Origin::Kind::kAddressLookup);
  }

  void add_mac(net::MacAddress mac, Destination to) {
    to.set_fields.clear();  // it is there already
    add(kRealMac, Match{}.exact(Field::kDstMac, mac.to_u64()), to, Origin::Kind::kRealMac);
  }

  void add_tag(net::RouterId router, const Destination& to) {
    const program::MacPattern tag = program::match_egress(router);
    Match match;
    match.metadata = Metadata::not_control();
    match.ternary(Field::kDstMac, tag.bits, tag.mask);
    add(kBestRoute, std::move(match), to, Origin::Kind::kBestRoute);
  }

  void add_sponge(const net::Prefix& lan) {
    if (lan.family() != Family::kIpv4) return;
    Match match;
    match.metadata = Metadata::control();
    match.exact(Field::kEthType, net::kEthTypeArp).exact(Field::kProtocol, kArpRequest);
    match_prefix(match, AddressField::kDestination, lan);
    Row row;
    row.priority = kNobodysAddress;
    row.match = std::move(match);
    row.next = program::ToController{};
    row.origin = {Origin::Kind::kAddressLookup, {}, 0};
    rows_.push_back(std::move(row));
  }

  void add_refusals(net::PortNo port, bool sponge) {
    Match match = Match{}.exact(Field::kInPort, port.value);
    rows_.push_back(
        program::drop_row(kForNobody, match, {port, program::DropReason::kUnknownDestination}));
    if (!sponge) return;
    match.exact(Field::kDstMac, program::sponge_mac().to_u64());
    rows_.push_back(
        program::drop_row(kForSponge, std::move(match), {port, program::DropReason::kSponge}));
  }

  std::vector<Row> take() { return std::move(rows_); }

 private:
  static Match nd(std::uint64_t type) {
    Match match;
    match.metadata = Metadata::control();
    return match.exact(Field::kEthType, net::kEthTypeIpv6)
        .exact(Field::kProtocol, net::kProtocolIcmpv6)
        .exact(Field::kIcmpType, type);
  }

  void add(Priority priority, Match match, const Destination& to, Origin::Kind kind) {
    rows_.push_back(Row{.priority = priority,
                        .match = std::move(match),
                        .set_fields = to.set_fields,
                        .write_metadata = to.write_metadata,
                        .next = to.next,
                        .origin = {kind, to.participant, 0}});
  }

  std::vector<Row> rows_;
};

// `router` if its port is up; else the next of its participant's that is.
std::optional<net::RouterId> usable(const exchange::Exchange& exchange, net::RouterId router,
                                    const std::vector<bool>& port_up) {
  const auto& routers = exchange.owner(router).routers;
  const auto own = std::ranges::find(routers, router) - routers.begin();
  for (std::size_t step = 0; step < routers.size(); ++step) {
    const auto at = (static_cast<std::size_t>(own) + step) % routers.size();
    if (port_up[routers[at].index()] && !exchange.router(routers[at]).middlebox) return routers[at];
  }
  return std::nullopt;
}

// The ways to the router by middlebox ports of its owner's. `row` is to be: with its MAC.
void add_detours(const exchange::Exchange& exchange, const exchange::Router& router, Row row,
                 const std::vector<bool>& port_up, std::vector<Row>& rows) {
  row.priority = kDetour;
  for (const net::RouterId box : exchange.middleboxes_of(router.participant)) {
    if (!port_up[box.index()]) continue;
    row.match.metadata = Metadata::egress_router(router.id) | Metadata::via(box);
    row.next = program::Output{exchange.router(box).port};
    rows.push_back(row);
  }
}

// The route server is no participant: what it says has no sender.
Row quarantined(const exchange::Router& router) {
  Row row;
  row.origin = {Origin::Kind::kTransit, router.participant, 0};
  row.priority = kFromQuarantine;
  const Metadata nobody{.bits = 0, .mask = Metadata::sender({}).mask};
  row.match.metadata = Metadata::egress_router(router.id) | Metadata::control() | nobody;
  row.set_fields = {{Field::kDstMac, router.mac.to_u64()}};
  row.next = program::Output{router.port};
  return row;
}

}  // namespace

program::TableId entrance_of(net::ParticipantId participant, const std::vector<bool>& counted) {
  return counted[participant.index()] ? program::TableId::kDelivered : program::TableId::kInbound;
}

std::vector<Row> resolve_rows(const exchange::Exchange& exchange,
                              const std::vector<bool>& counted) {
  ResolveRows rows;
  for (const exchange::Router& router : exchange.routers) {
    if (!router.is_reachable()) continue;
    const Destination to = destination_of(router, counted);
    for (const net::IpAddress& address : router.addresses) rows.add_owner(address, to);
    rows.add_mac(router.mac, to);
    rows.add_tag(router.id, to);
  }
  const Destination to = destination_of(exchange.route_server);
  for (const net::IpAddress& address : exchange.route_server.addresses) {
    rows.add_owner(address, to);
  }
  rows.add_mac(exchange.route_server.mac, to);
  for (const exchange::Router& router : exchange.routers) {
    if (router.present) rows.add_refusals(router.port, exchange.arp_sponge);
  }
  rows.add_refusals(exchange.route_server.port, exchange.arp_sponge);
  if (!exchange.arp_sponge) return rows.take();
  for (const net::Prefix& lan : exchange.peering_lan) rows.add_sponge(lan);
  return rows.take();
}

std::vector<Row> transit_rows(const exchange::Exchange& exchange,
                              const std::vector<bool>& port_up) {
  std::vector<Row> rows;
  for (const exchange::Router& router : exchange.routers) {
    if (!router.is_reachable()) continue;
    Row row;
    row.origin = {Origin::Kind::kTransit, router.participant, 0};
    if (!port_up[router.id.index()]) {
      row.priority = kOnlyThere;
      row.match.metadata = Metadata::egress_router(router.id) | Metadata::control();
      rows.push_back(row);
    }
    if (router.standing == exchange::Standing::kQuarantined) rows.push_back(quarantined(router));
    row.priority = kTransit;
    row.match.metadata = Metadata::egress_router(router.id);
    if (const auto taken = usable(exchange, router.id, port_up)) {
      const exchange::Router& to = exchange.router(*taken);
      row.set_fields = {{Field::kDstMac, to.mac.to_u64()}};
      add_detours(exchange, router, row, port_up, rows);
      row.next = program::Output{to.port};
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace fabrix::compiler
