#include "bgp/session_negotiation.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/byte_writer.h"
#include "bgp/capability_codec.h"

namespace fabrix::bgp {
namespace {

constexpr NotificationCode kBadPeerAs{2, 2};
constexpr NotificationCode kUnsupportedCapability{2, 7};
constexpr NotificationCode kRoleMismatch{2, 11};

constexpr std::array kFamilies{net::Family::kIpv4, net::Family::kIpv6};

Multiprotocol of_kind(net::Family family, Safi safi) {
  return {.afi = static_cast<std::uint16_t>(family), .safi = safi};
}

Multiprotocol unicast(net::Family family) {
  return of_kind(family, Safi::kUnicast);
}

bool offers(const OpenMessage& open, const Capability& capability) {
  return std::ranges::find(open.capabilities, capability) != open.capabilities.end();
}

std::optional<net::Family> unicast_family_of(Multiprotocol family) {
  for (const net::Family known : kFamilies) {
    if (family == unicast(known)) return known;
  }
  return std::nullopt;
}

// The last capability of a kind: of several that may not repeat, it counts (RFC 4724 §3).
template <typename Kind>
const Kind* last_of(const OpenMessage& open) {
  const Kind* last = nullptr;
  for (const Capability& capability : open.capabilities) {
    if (const auto* const found = std::get_if<Kind>(&capability)) last = found;
  }
  return last;
}

FamilySet unicast_families_of(const OpenMessage& open) {
  const bool any = last_of<Multiprotocol>(open) != nullptr;
  return {.ipv4 = !any || offers(open, unicast(net::Family::kIpv4)),
          .ipv6 = offers(open, unicast(net::Family::kIpv6))};
}

FamilySet flowspec_families_of(const OpenMessage& open) {
  return {.ipv4 = offers(open, of_kind(net::Family::kIpv4, Safi::kFlowSpec)),
          .ipv6 = offers(open, of_kind(net::Family::kIpv6, Safi::kFlowSpec))};
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

// A peer that names no role fits unless we are strict; one that names several must name the same
// one each time.
bool roles_fit(const SessionConfig& local, const OpenMessage& peer) {
  if (!local.role) return true;
  if (last_of<BgpRole>(peer) == nullptr) return local.role_mode == RoleMode::kLenient;
  return std::ranges::all_of(peer.capabilities, [&local](const Capability& capability) {
    const auto* const named = std::get_if<BgpRole>(&capability);
    return named == nullptr || counterpart(*local.role) == named->role;
  });
}

// Everything we could exchange.
std::vector<Multiprotocol> all_families(const SessionConfig& config) {
  std::vector<Multiprotocol> all;
  for (const net::Family family : kFamilies) {
    if (config.families.contains(family)) all.push_back(unicast(family));
  }
  for (const net::Family family : kFamilies) {
    if (config.flowspec.contains(family)) all.push_back(of_kind(family, Safi::kFlowSpec));
  }
  return all;
}

// RFC 5492 §3: the data are capabilities as in an OPEN.
NotificationMessage no_common_family(const SessionConfig& config) {
  ByteWriter data;
  for (const Multiprotocol family : all_families(config)) encode_capability(family, data);
  return {.code = kUnsupportedCapability, .data = data.take()};
}

constexpr ExtendedNextHop::Encoding kIpv4OverIpv6{
    .afi = static_cast<std::uint16_t>(net::Family::kIpv4),
    .safi = static_cast<std::uint16_t>(Safi::kUnicast),
    .next_hop_afi = static_cast<std::uint16_t>(net::Family::kIpv6)};

bool offers_extended_next_hop(const OpenMessage& open) {
  return std::ranges::any_of(open.capabilities, [](const Capability& capability) {
    const auto* const offered = std::get_if<ExtendedNextHop>(&capability);
    return offered != nullptr &&
           std::ranges::find(offered->encodings, kIpv4OverIpv6) != offered->encodings.end();
  });
}

bool is_valid(AddPath::Mode mode) {
  return mode >= AddPath::Mode::kReceive && mode <= AddPath::Mode::kBoth;
}

// The families of which the peer takes several paths (RFC 7911 §4).
FamilySet add_path_receivers(const OpenMessage& open) {
  FamilySet result;
  const auto* const offered = last_of<AddPath>(open);
  const bool understood =
      offered != nullptr && std::ranges::all_of(offered->families, is_valid, &AddPath::Entry::mode);
  if (!understood) return result;
  for (const auto& [family, mode] : offered->families) {
    const auto unicast_family = unicast_family_of(family);
    if (unicast_family && mode != AddPath::Mode::kSend) result.insert(*unicast_family);
  }
  return result;
}

std::optional<PeerRestart> peer_restart(const SessionConfig& local, const OpenMessage& peer,
                                        FamilySet common) {
  const auto* const said = last_of<GracefulRestart>(peer);
  if (!local.graceful_restart || said == nullptr) return std::nullopt;
  PeerRestart result{.restart_time = said->restart_time,
                     .restarted = said->restarted,
                     .notification = said->notification && local.graceful_restart->notification,
                     .families = {},
                     .forwarding_kept = {}};
  for (const auto& [family, forwarding_kept] : said->families) {
    const auto known = unicast_family_of(family);
    if (!known || !common.contains(*known)) continue;
    result.families.insert(*known);
    if (forwarding_kept) result.forwarding_kept.insert(*known);
  }
  return result;
}

// Only beside graceful restart (RFC 9494 §4.5).
std::vector<LongLivedFamily> peer_long_lived(const SessionConfig& local, const OpenMessage& peer,
                                             FamilySet common) {
  const auto* const said = last_of<LongLivedGracefulRestart>(peer);
  const bool both = local.graceful_restart && last_of<GracefulRestart>(peer) != nullptr;
  if (!both || !local.long_lived || said == nullptr) return {};
  const FamilySet wanted = intersection(local.long_lived->families, common);
  std::vector<LongLivedFamily> result;
  for (const auto& [family, forwarding_kept, stale_time] : said->families) {
    const auto known = unicast_family_of(family);
    if (!known || !wanted.contains(*known)) continue;
    std::erase_if(result, [known](const LongLivedFamily& entry) { return entry.family == *known; });
    result.push_back(
        {.family = *known, .stale_time = stale_time, .forwarding_kept = forwarding_kept});
  }
  return result;
}

void offer_restart(const SessionConfig& config, std::vector<Capability>& capabilities) {
  if (!config.graceful_restart) return;
  GracefulRestart restart{.restarted = config.graceful_restart->restarted,
                          .notification = config.graceful_restart->notification,
                          .restart_time = config.graceful_restart->restart_time,
                          .families = {}};
  LongLivedGracefulRestart long_lived;
  for (const net::Family family : kFamilies) {
    if (!config.families.contains(family)) continue;
    restart.families.push_back({.family = unicast(family), .forwarding_kept = true});
    if (!config.long_lived || !config.long_lived->families.contains(family)) continue;
    long_lived.families.push_back({.family = unicast(family),
                                   .forwarding_kept = true,
                                   .stale_time = config.long_lived->stale_time});
  }
  capabilities.emplace_back(std::move(restart));
  if (!long_lived.families.empty()) capabilities.emplace_back(std::move(long_lived));
}

void offer_add_path(const SessionConfig& config, std::vector<Capability>& capabilities) {
  AddPath add_path;
  for (const net::Family family : kFamilies) {
    const bool offered = config.families.contains(family) && config.add_path.contains(family);
    if (!offered) continue;
    add_path.families.push_back({.family = unicast(family), .mode = AddPath::Mode::kSend});
  }
  if (!add_path.families.empty()) capabilities.emplace_back(std::move(add_path));
}

}  // namespace

OpenMessage open_for(const SessionConfig& config) {
  OpenMessage open{.my_as = config.local_as,
                   .four_octet_as = true,
                   .hold_time = config.hold_time,
                   .bgp_identifier = config.bgp_identifier,
                   .capabilities = {}};
  std::vector<Capability>& capabilities = open.capabilities;
  for (const Multiprotocol family : all_families(config)) capabilities.emplace_back(family);
  capabilities.emplace_back(RouteRefresh{});
  if (config.extended_next_hop && config.families.ipv4) {
    capabilities.emplace_back(ExtendedNextHop{{kIpv4OverIpv6}});
  }
  if (config.extended_messages) capabilities.emplace_back(ExtendedMessage{});
  if (config.role) capabilities.emplace_back(BgpRole{*config.role});
  offer_restart(config, capabilities);
  offer_add_path(config, capabilities);
  if (config.enhanced_refresh) capabilities.emplace_back(EnhancedRouteRefresh{});
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
  const FamilySet common = intersection(local.families, unicast_families_of(peer));
  const FamilySet flowspec = intersection(local.flowspec, flowspec_families_of(peer));
  if (common.empty() && flowspec.empty()) return fail(no_common_family(local));
  const FamilySet add_path = intersection(local.add_path, add_path_receivers(peer));
  const auto* const role = last_of<BgpRole>(peer);
  return Negotiated{
      .families = common,
      .asn_width = peer.four_octet_as ? AsnWidth::kFourOctets : AsnWidth::kTwoOctets,
      .route_refresh = offers(peer, RouteRefresh{}),
      .hold_time = std::min(local.hold_time, peer.hold_time),
      .flowspec = flowspec,
      .add_path = intersection(add_path, common),
      .enhanced_refresh = local.enhanced_refresh && offers(peer, EnhancedRouteRefresh{}),
      .extended_messages = local.extended_messages && offers(peer, ExtendedMessage{}),
      .extended_next_hop = local.extended_next_hop && common.ipv4 && offers_extended_next_hop(peer),
      .internal = local.internal_peers && peer.my_as == local.local_as,
      .graceful_restart = peer_restart(local, peer, common),
      .long_lived = peer_long_lived(local, peer, common),
      .peer_role = role != nullptr ? std::optional(role->role) : std::nullopt};
}

UpdateOptions update_options(const Negotiated& negotiated) {
  return {.asn_width = negotiated.asn_width,
          .families = negotiated.families,
          .flowspec = negotiated.flowspec,
          .ipv4_over_ipv6_next_hop = negotiated.extended_next_hop,
          .internal = negotiated.internal};
}

EncodeOptions encode_options(const Negotiated& negotiated, net::Family family) {
  return {.asn_width = negotiated.asn_width,
          .max_message = max_message_size(negotiated),
          .add_path = negotiated.add_path.contains(family),
          .ipv4_over_ipv6_next_hop = negotiated.extended_next_hop};
}

std::size_t max_message_size(const Negotiated& negotiated) {
  return negotiated.extended_messages ? kMaxExtendedMessageSize : kMaxMessageSize;
}

}  // namespace fabrix::bgp
