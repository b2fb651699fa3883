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

using Number = std::optional<std::uint32_t>;

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

// What is looked up: in the sample's memo, or here.
template <Side Where>
class Found {
 public:
  explicit Found(const Sample& sample) {
    if (sample.routes == nullptr) return;
    entry_ = sample.memo == nullptr ? &unshared_
             : kFrom                ? &sample.memo->to_source
                                    : &sample.memo->to_destination;
    entry_->is_asked_for = true;
    if (!entry_->is_known) look_up(sample);
  }

  explicit operator bool() const { return entry_ != nullptr && entry_->match; }
  const RouteMatch* operator->() const { return &*entry_->match; }

 private:
  static constexpr bool kFrom = Where == Side::kSource;

  void look_up(const Sample& sample) {
    entry_->is_known = true;
    const auto address = address_of(sample, Where);
    if (!address) return;
    entry_->match = kFrom ? sample.routes->to_source(sample, *address)
                          : sample.routes->to_destination(sample, *address);
  }

  RouteMemo::Entry unshared_;
  RouteMemo::Entry* entry_ = nullptr;
};

std::optional<sflow::ExtendedRouter> router(const Sample& sample) {
  const auto body = sample.packet->record(sflow::kExtendedRouter);
  return body ? sflow::read_extended_router(*body) : std::nullopt;
}

std::optional<sflow::ExtendedGateway> gateway(const Sample& sample) {
  const auto body = sample.packet->record(sflow::kExtendedGateway);
  return body ? sflow::read_extended_gateway(*body) : std::nullopt;
}

// No AS has the number 0.
Number as_number(std::uint32_t as) {
  return as != 0 ? Number(as) : std::nullopt;
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
Number bits(const Sample& sample) {
  if (const auto told = router(sample)) {
    return Where == Side::kSource ? told->source_mask_length : told->destination_mask_length;
  }
  const Found<Where> match(sample);
  return match ? Number(match->length) : std::nullopt;
}

// --- next hops

bool router_next_hop(const Sample& sample, std::string& out) {
  if (const auto told = router(sample)) return append_address(told->next_hop, out);
  const Found<Side::kDestination> match(sample);
  return match && append_address(match->next_hop(), out);
}

template <net::Family Family>
bool bgp_next_hop(const Sample& sample, std::string& out) {
  std::optional<net::IpAddress> next_hop;
  if (const auto told = gateway(sample)) {
    next_hop = told->next_hop;
  } else if (const Found<Side::kDestination> match(sample); match) {
    next_hop = match->next_hop();
  }
  return next_hop && next_hop->family() == Family && append_address(next_hop, out);
}

// --- autonomous systems

Number own_as(const Sample& sample) {
  if (const auto told = gateway(sample)) return told->as;
  return sample.routes != nullptr ? as_number(sample.routes->own_as(sample)) : std::nullopt;
}

Number source_as(const Sample& sample) {
  if (const auto told = gateway(sample)) return told->source_as;
  const Found<Side::kSource> match(sample);
  return match ? as_number(match->origin_as()) : std::nullopt;
}

Number source_peer_as(const Sample& sample) {
  if (const auto told = gateway(sample)) return told->source_peer_as;
  const Found<Side::kSource> match(sample);
  return match ? as_number(match->neighbor_as()) : std::nullopt;
}

Number destination_as(const Sample& sample) {
  if (const auto told = gateway(sample)) return as_number(sflow::as_path_ends(told->as_path).as);
  const Found<Side::kDestination> match(sample);
  return match ? as_number(match->origin_as()) : std::nullopt;
}

Number destination_peer_as(const Sample& sample) {
  if (const auto told = gateway(sample)) {
    return as_number(sflow::as_path_ends(told->as_path).peer_as);
  }
  const Found<Side::kDestination> match(sample);
  return match ? as_number(match->neighbor_as()) : std::nullopt;
}

bool as_path(const Sample& sample, std::string& out) {
  if (const auto told = gateway(sample)) {
    return append_text(sflow::as_path_text(told->as_path), out);
  }
  const Found<Side::kDestination> match(sample);
  return match && append_text(match->as_path(), out);
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
  const Found<Side::kDestination> match(sample);
  return match && append_text(match->communities(), out);
}

Number local_pref(const Sample& sample) {
  if (const auto told = gateway(sample)) return told->local_preference;
  const Found<Side::kDestination> match(sample);
  return match ? match->local_pref() : std::nullopt;
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
