#include "bgp/session_negotiation.h"

#include <algorithm>
#include <optional>

#include "base/byte_writer.h"

namespace fabrix::bgp {
namespace {

constexpr NotificationCode kBadPeerAs{2, 2};
constexpr NotificationCode kUnsupportedCapability{2, 7};
constexpr NotificationCode kRoleMismatch{2, 11};

Multiprotocol unicast(net::Family family) {
  return {.afi = static_cast<std::uint16_t>(family), .safi = Safi::kUnicast};
}

bool offers(const OpenMessage& open, const Capability& capability) {
  return std::ranges::find(open.capabilities, capability) != open.capabilities.end();
}

FamilySet families_of(const OpenMessage& open) {
  const bool any = std::ranges::any_of(open.capabilities, [](const Capability& capability) {
    return std::holds_alternative<Multiprotocol>(capability);
  });
  return {.ipv4 = !any || offers(open, unicast(net::Family::kIpv4)),
          .ipv6 = offers(open, unicast(net::Family::kIpv6))};
}

// The role that a peer of `role` must have (RFC 9234 §4.2).
std::optional<Role> counterpart(Role role) {
  switch (role) {
    case Role::kProvider:
      return Role::kCustomer;
    case Role::kCustomer:
      return Role::kProvider;
    case Role::kRouteServer:
      return Role::kRouteServerClient;
    case Role::kRouteServerClient:
      return Role::kRouteServer;
    case Role::kPeer:
      return Role::kPeer;
  }
  return std::nullopt;
}

// A peer that names no role fits; one that names several must name the same one each time.
bool roles_fit(const SessionConfig& local, const OpenMessage& peer) {
  if (!local.role) return true;
  return std::ranges::all_of(peer.capabilities, [&local](const Capability& capability) {
    const auto* const named = std::get_if<BgpRole>(&capability);
    return named == nullptr || counterpart(*local.role) == named->role;
  });
}

// RFC 5492 §3: the data are capabilities as in an OPEN.
NotificationMessage no_common_family(FamilySet wanted) {
  ByteWriter data;
  for (const net::Family family : {net::Family::kIpv4, net::Family::kIpv6}) {
    if (!wanted.contains(family)) continue;
    data.u8(1);
    data.u8(4);
    data.u16(static_cast<std::uint16_t>(family));
    data.u8(0);
    data.u8(static_cast<std::uint8_t>(Safi::kUnicast));
  }
  return {.code = kUnsupportedCapability, .data = data.take()};
}

}  // namespace

OpenMessage open_for(const SessionConfig& config) {
  OpenMessage open{.my_as = config.local_as,
                   .four_octet_as = true,
                   .hold_time = config.hold_time,
                   .bgp_identifier = config.bgp_identifier,
                   .capabilities = {}};
  for (const net::Family family : {net::Family::kIpv4, net::Family::kIpv6}) {
    if (config.families.contains(family)) open.capabilities.emplace_back(unicast(family));
  }
  open.capabilities.emplace_back(RouteRefresh{});
  if (config.role) open.capabilities.emplace_back(BgpRole{*config.role});
  return open;
}

Result<Negotiated, NotificationMessage> negotiate(const SessionConfig& local,
                                                  const OpenMessage& peer) {
  if (local.peer_as && peer.my_as != *local.peer_as) {
    return fail(NotificationMessage{.code = kBadPeerAs, .data = {}});
  }
  if (!roles_fit(local, peer)) {
    return fail(NotificationMessage{.code = kRoleMismatch, .data = {}});
  }
  const FamilySet common = intersection(local.families, families_of(peer));
  if (common.empty()) return fail(no_common_family(local.families));
  return Negotiated{.families = common,
                    .asn_width = peer.four_octet_as ? AsnWidth::kFourOctets : AsnWidth::kTwoOctets,
                    .route_refresh = offers(peer, RouteRefresh{}),
                    .hold_time = std::min(local.hold_time, peer.hold_time)};
}

}  // namespace fabrix::bgp
