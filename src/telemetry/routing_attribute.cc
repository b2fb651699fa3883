#include "telemetry/routing_attribute.h"

#include <array>
#include <cstring>
#include <optional>

#include "sflow/flow_records.h"
#include "telemetry/route_view.h"
#include "telemetry/text.h"

namespace fabrix::telemetry {
namespace {

using sflow::LayerKind;

template <std::size_t Size>
std::array<std::uint8_t, Size> take(sflow::Bytes octets, std::size_t at) {
  std::array<std::uint8_t, Size> taken{};
  std::memcpy(taken.data(), octets.data() + at, Size);
  return taken;
}

}  // namespace

std::optional<net::IpAddress> address_of(const Sample& sample, Side side) {
  const sflow::HeaderLayers& layers = sample.packet->layers();
  const sflow::Layer* const ip = layers.first_ip();
  if (ip == nullptr) return std::nullopt;
  const sflow::Bytes header = layers.octets(*ip);
  if (ip->kind == LayerKind::kIpv4) {
    return net::IpAddress::v4(take<4>(header, side == Side::kSource ? 12 : 16));
  }
  return net::IpAddress::v6(take<16>(header, side == Side::kSource ? 8 : 24));
}

namespace {

template <Side Where>
std::optional<RouteMatch> look_up(const Sample& sample) {
  if (sample.routes == nullptr) return std::nullopt;
  constexpr bool kFrom = Where == Side::kSource;
  RouteMemo::Entry unshared;
  RouteMemo::Entry& entry = sample.memo == nullptr ? unshared
                            : kFrom                ? sample.memo->to_source
                                                   : sample.memo->to_destination;
  if (entry.is_known) return entry.match;
  entry.is_known = true;
  if (const auto address = address_of(sample, Where)) {
    entry.match = kFrom ? sample.routes->to_source(sample, *address)
                        : sample.routes->to_destination(sample, *address);
  }
  return entry.match;
}

std::optional<sflow::ExtendedRouter> router(const Sample& sample) {
  const auto body = sample.packet->record(sflow::kExtendedRouter);
  return body ? sflow::read_extended_router(*body) : std::nullopt;
}

std::optional<sflow::ExtendedGateway> gateway(const Sample& sample) {
  const auto body = sample.packet->record(sflow::kExtendedGateway);
  return body ? sflow::read_extended_gateway(*body) : std::nullopt;
}

bool append_as(std::uint32_t as, std::string& out) {
  if (as != 0) append_number(as, out);
  return as != 0;
}

bool append_text(std::string_view text, std::string& out) {
  out += text;
  return !text.empty();
}

bool append_address(const std::optional<net::IpAddress>& address, std::string& out) {
  if (address) out += address->to_string();
  return address.has_value();
}

// --- lengths of prefixes

template <Side Where>
bool bits(const Sample& sample, std::string& out) {
  if (const auto told = router(sample)) {
    append_number(Where == Side::kSource ? told->source_mask_length : told->destination_mask_length,
                  out);
    return true;
  }
  const auto match = look_up<Where>(sample);
  if (match) append_number(match->length, out);
  return match.has_value();
}

// --- next hops

bool router_next_hop(const Sample& sample, std::string& out) {
  if (const auto told = router(sample)) return append_address(told->next_hop, out);
  const auto match = look_up<Side::kDestination>(sample);
  return match && append_address(match->route->next_hop, out);
}

template <net::Family Family>
bool bgp_next_hop(const Sample& sample, std::string& out) {
  std::optional<net::IpAddress> next_hop;
  if (const auto told = gateway(sample)) {
    next_hop = told->next_hop;
  } else if (const auto match = look_up<Side::kDestination>(sample)) {
    next_hop = match->route->next_hop;
  }
  return next_hop && next_hop->family() == Family && append_address(next_hop, out);
}

// --- autonomous systems

bool own_as(const Sample& sample, std::string& out) {
  if (const auto told = gateway(sample)) {
    append_number(told->as, out);
    return true;
  }
  return sample.routes != nullptr && append_as(sample.routes->own_as(sample), out);
}

bool source_as(const Sample& sample, std::string& out) {
  if (const auto told = gateway(sample)) {
    append_number(told->source_as, out);
    return true;
  }
  const auto match = look_up<Side::kSource>(sample);
  return match && append_as(match->route->origin_as, out);
}

bool source_peer_as(const Sample& sample, std::string& out) {
  if (const auto told = gateway(sample)) {
    append_number(told->source_peer_as, out);
    return true;
  }
  const auto match = look_up<Side::kSource>(sample);
  return match && append_as(match->route->neighbor_as, out);
}

bool destination_as(const Sample& sample, std::string& out) {
  if (const auto told = gateway(sample)) {
    return append_as(sflow::as_path_ends(told->as_path).as, out);
  }
  const auto match = look_up<Side::kDestination>(sample);
  return match && append_as(match->route->origin_as, out);
}

bool destination_peer_as(const Sample& sample, std::string& out) {
  if (const auto told = gateway(sample)) {
    return append_as(sflow::as_path_ends(told->as_path).peer_as, out);
  }
  const auto match = look_up<Side::kDestination>(sample);
  return match && append_as(match->route->neighbor_as, out);
}

bool as_path(const Sample& sample, std::string& out) {
  if (const auto told = gateway(sample)) {
    return append_text(sflow::as_path_text(told->as_path), out);
  }
  const auto match = look_up<Side::kDestination>(sample);
  return match && append_text(match->route->as_path, out);
}

// --- the rest

bool append_communities(sflow::Bytes words, std::string& out) {
  for (std::size_t at = 0; at + 4 <= words.size(); at += 4) {
    const std::uint32_t community = sflow::load_u32(words.data() + at);
    if (at != 0) out += '-';
    append_number(community >> 16U, out);
    out += ':';
    append_number(community & 0xffffU, out);
  }
  return !words.empty();
}

bool communities(const Sample& sample, std::string& out) {
  if (const auto told = gateway(sample)) return append_communities(told->communities, out);
  const auto match = look_up<Side::kDestination>(sample);
  return match && append_text(match->route->communities, out);
}

bool local_pref(const Sample& sample, std::string& out) {
  std::optional<std::uint32_t> preference;
  if (const auto told = gateway(sample)) {
    preference = told->local_preference;
  } else if (const auto match = look_up<Side::kDestination>(sample)) {
    preference = match->route->local_pref;
  }
  if (preference) append_number(*preference, out);
  return preference.has_value();
}

}  // namespace

std::span<const RoutingAttribute> routing_attributes() {
  static constexpr std::array kAttributes{
      RoutingAttribute{"ipnexthoprouter", router_next_hop},
      RoutingAttribute{"ipsourcemaskbits", bits<Side::kSource>},
      RoutingAttribute{"ipdestinationmaskbits", bits<Side::kDestination>},
      RoutingAttribute{"bgpnexthop", bgp_next_hop<net::Family::kIpv4>},
      RoutingAttribute{"bgpnexthop6", bgp_next_hop<net::Family::kIpv6>},
      RoutingAttribute{"bgpas", own_as},
      RoutingAttribute{"bgpsourceas", source_as},
      RoutingAttribute{"bgpsourcepeeras", source_peer_as},
      RoutingAttribute{"bgpdestinationas", destination_as},
      RoutingAttribute{"bgpdestinationpeeras", destination_peer_as},
      RoutingAttribute{"bgpdestinationaspath", as_path},
      RoutingAttribute{"bgpcommunities", communities},
      RoutingAttribute{"bgplocalpref", local_pref},
  };
  return kAttributes;
}

}  // namespace fabrix::telemetry
