// Routing attributes: which way a packet goes, and where it comes from: prefix lengths, next hops,
// AS paths, communities.
//
// Told by the agent with the sample (extended router and gateway records, sFlow version 5 §5.4), or
// else looked up in the sample's routes (route_view.h), if it has any: by the addresses of its
// first IP header. An AS path is "65254-65002-64700", a set in parentheses; communities are
// "65002:7-65002:8" (RFC 1997).
//
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/address_bits.h"
#include "net/ip_address.h"
#include "telemetry/sample.h"

namespace fabrix::telemetry {

struct RoutingAttribute {
  // Appends the value; false, and nothing, if there is none.
  using Append = bool (*)(const Sample& sample, std::string& out);
  using Number = std::optional<std::uint32_t> (*)(const Sample& sample);

  std::string_view name;
  Append append = nullptr;
  Number number = nullptr;  // in place of it

  constexpr RoutingAttribute(std::string_view called, Append appends)
      : name(called), append(appends) {}
  constexpr RoutingAttribute(std::string_view called, Number tells) : name(called), number(tells) {}
};

std::span<const RoutingAttribute> routing_attributes();

// The address at one end of a packet, of its first IP header.
enum class Side : std::uint8_t { kSource, kDestination };
std::optional<net::IpAddress> address_of(const Sample& sample, Side side);

// Both at once.
struct IpEnds {
  net::Family family = net::Family::kIpv4;
  net::AddressBits source;
  net::AddressBits destination;
};

// Inline: what is made elsewhere and copied is waited for.
inline std::optional<IpEnds> ip_ends_of(const Sample& sample) {
  const sflow::HeaderLayers& layers = sample.packet->layers();
  const sflow::Layer* const ip = layers.first_ip();
  if (ip == nullptr) return std::nullopt;
  const std::byte* const header = layers.octets(*ip).data();
  if (ip->kind == sflow::LayerKind::kIpv4) {
    return IpEnds{.family = net::Family::kIpv4,
                  .source = {.high = std::uint64_t{sflow::load_u32(header + 12)} << 32U},
                  .destination = {.high = std::uint64_t{sflow::load_u32(header + 16)} << 32U}};
  }
  const auto bits = [&](std::size_t at) {
    return net::AddressBits{.high = sflow::load_u64(header + at),
                            .low = sflow::load_u64(header + at + 8)};
  };
  return IpEnds{.family = net::Family::kIpv6, .source = bits(8), .destination = bits(24)};
}

}  // namespace fabrix::telemetry
