#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "program/evaluate.h"
#include "program/tag.h"
#include "verify/findings.h"
#include "verify/traffic.h"

namespace fabrix::verify {
namespace {

using diagram::Diagram;
using exchange::Router;
using program::Metadata;
using program::TableId;

// The route server's port, with its MAC; written if the frame may have another.
Effect to_route_server(const exchange::RouteServerSite& site) {
  return {.kind = Effect::Kind::kOutput,
          .table = TableId::kAdmit,
          .metadata = 0,
          .port = site.port,
          .writes = {}};
}

// Checks that real addresses lead to their owners, past every tag.
class ResolutionCheck {
 public:
  explicit ResolutionCheck(const Task& task)
      : task_(task),
        exchange_(*task.world.exchange),
        space_(*task.world.reachability),
        symbolic_(task.index, space_, effects_) {}

  void run();

 private:
  void check_row(const program::Row& row);
  void check_mac(net::MacAddress mac, const Effect& data, std::string_view name);
  void check_lookups();
  void check_lookup(const net::IpAddress& address, const Effect& to, const Writes& writes);
  void expect(const Metadata& metadata, const Fixed& fixed, const PredicatePtr& where,
              const Effect& effect, std::string_view name);
  static Effect towards(const Router& router, const Metadata& metadata);

  const Task& task_;
  const exchange::Exchange& exchange_;
  PacketSpace space_;
  Effects effects_;
  SymbolicProgram symbolic_;
};

Effect ResolutionCheck::towards(const Router& router, const Metadata& metadata) {
  const Metadata to = Metadata::egress(router.participant) | Metadata::egress_router(router.id);
  return {.kind = Effect::Kind::kContinue,
          .table = TableId::kInbound,
          .metadata = (to | metadata).bits,
          .port = {},
          .writes = {}};
}

// A row says by an exact MAC, by an inline tag or by an address lookup whose packets it means.
void ResolutionCheck::check_row(const program::Row& row) {
  const auto test_of = [&row](net::Field field) -> const program::FieldMatch* {
    const auto found = std::ranges::find(row.match.fields, field, &program::FieldMatch::field);
    return found == row.match.fields.end() ? nullptr : &*found;
  };
  const auto complain = [&](std::string_view invariant, std::string_view message) {
    task_.findings.add({.invariant = std::string(invariant),
                        .message = std::string(message),
                        .witness = {},
                        .rows = {row}});
  };
  const std::uint64_t sender_mask = Metadata::sender(net::ParticipantId{0}).mask;
  if ((row.match.metadata.mask & sender_mask) != 0 || test_of(net::Field::kInPort) != nullptr) {
    complain("I11", "a row that resolves addresses looks at who sends");
  }
  if (std::holds_alternative<program::Discard>(row.next)) return;
  const auto* mac = test_of(net::Field::kDstMac);
  if (mac == nullptr) {
    const bool lookup = test_of(net::Field::kEthType) != nullptr &&
                        (row.match.metadata.bits & Metadata::control().bits) != 0;
    if (!lookup) complain("I2", "a row resolves packets whatever their destination MAC");
    return;
  }
  const net::MacAddress address = net::MacAddress::from_u64(mac->bits);
  const program::MacPattern tag = program::match_kind(program::TagKind::kInline);
  const bool is_tag = (mac->mask & tag.mask) == tag.mask && (mac->bits & tag.mask) == tag.bits;
  const bool is_owned = mac->mask == net::max_value(net::Field::kDstMac) &&
                        (address == exchange_.route_server.mac ||
                         std::ranges::any_of(exchange_.routers, [address](const Router& router) {
                           return router.present && router.mac == address;
                         }));
  if (!is_tag && !is_owned) complain("I2", "a row resolves a destination MAC that nobody has");
}

void ResolutionCheck::expect(const Metadata& metadata, const Fixed& fixed,
                             const PredicatePtr& where, const Effect& effect,
                             std::string_view name) {
  if (task_.findings.full()) return;
  const auto actual =
      symbolic_.run({.table = TableId::kResolve, .metadata = metadata.bits, .known = known(fixed)},
                    TableId::kDelivered);
  const Diagram expected = space_.store().leaf(effects_.leaf_of(effect));
  std::optional<net::Packet> witness;
  if (actual) {
    const Diagram space = space_.store().conjunction(space_.well_formed(), space_.of(*where, {}));
    witness = space_.difference(*actual, expected, space, fixed);
    if (!witness) return;
  }
  const bool is_control = (metadata.bits & Metadata::control().bits) != 0;
  Violation violation{.invariant = is_control ? "I8" : "I2",
                      .message = fmt::format("what is addressed to {} is resolved wrongly", name),
                      .witness = witness,
                      .rows = {}};
  for (const auto* row : task_.index.rows(TableId::kResolve, metadata.bits, {})) {
    if (witness && program::matches(row->match, *witness, metadata.bits)) {
      violation.rows.push_back(*row);
      break;
    }
  }
  task_.findings.add(std::move(violation));
}

// Frames to a real MAC, data and control; address lookups have their own rules.
void ResolutionCheck::check_mac(net::MacAddress mac, const Effect& data, std::string_view name) {
  Effect control = data;
  if (control.kind == Effect::Kind::kContinue) control.metadata |= Metadata::control().bits;
  for (const std::uint64_t eth_type : {net::kEthTypeIpv4, net::kEthTypeIpv6}) {
    Fixed fixed{{net::Field::kDstMac, mac.to_u64()}, {net::Field::kEthType, eth_type}};
    expect({}, fixed, is_ip(), data, name);
    fixed.emplace_back(net::Field::kIcmpType, 0);
    expect(Metadata::control(), fixed, is_ip(), control, name);
  }
}

// What asks for an address, or answers its owner, goes there whatever its destination MAC.
void ResolutionCheck::check_lookup(const net::IpAddress& address, const Effect& to,
                                   const Writes& writes) {
  Effect effect = to;
  effect.writes = writes;
  Fixed fixed{{net::Field::kDstMac, net::MacAddress::broadcast().to_u64()}};
  const std::string name = address.to_string();
  if (address.family() == net::Family::kIpv4) {
    fixed.emplace_back(net::Field::kEthType, net::kEthTypeArp);
    expect(Metadata::control(), fixed,
           all_of({is_arp(), address_is(AddressField::kDestination, address)}), effect, name);
    return;
  }
  constexpr std::uint64_t kSolicitation = 135;
  constexpr std::uint64_t kAdvertisement = 136;
  fixed.emplace_back(net::Field::kEthType, net::kEthTypeIpv6);
  expect(Metadata::control(), fixed,
         all_of({is_neighbor_discovery(), equals(net::Field::kIcmpType, kSolicitation),
                 address_is(AddressField::kNdTarget, address)}),
         effect, name);
  expect(Metadata::control(), fixed,
         all_of({is_neighbor_discovery(), equals(net::Field::kIcmpType, kAdvertisement),
                 address_is(AddressField::kDestination, address)}),
         effect, name);
}

void ResolutionCheck::check_lookups() {
  for (const Router& router : exchange_.routers) {
    if (!router.present) continue;  // a dynamic neighbour has an address and no port
    for (const net::IpAddress& address : router.addresses) {
      check_lookup(address, towards(router, Metadata::control()), {});
    }
  }
  const exchange::RouteServerSite& site = exchange_.route_server;
  for (const net::IpAddress& address : site.addresses) {
    check_lookup(address, to_route_server(site),
                 {{.field = net::Field::kDstMac, .value = site.mac.to_u64()}});
  }
}

void ResolutionCheck::run() {
  for (const program::Row& row : task_.program.table(TableId::kResolve)) check_row(row);
  for (const Router& router : exchange_.routers) {
    if (router.present) check_mac(router.mac, towards(router, {}), router.name);
  }
  check_mac(exchange_.route_server.mac, to_route_server(exchange_.route_server),
            "the route server");
  check_lookups();
}

}  // namespace

void check_resolution(const Task& task) {
  ResolutionCheck(task).run();
}

}  // namespace fabrix::verify
