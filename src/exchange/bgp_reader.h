// The key `exchange.telemetry.bgp` of exchange.yaml: routers beside the exchange that tell the
// telemetry engine their tables (docs/telemetry.md). The exchange's own peers are none of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exchange/exchange.h"
#include "exchange/yaml_reader.h"
#include "net/asn.h"
#include "net/ip_address.h"

namespace fabrix::exchange {

inline constexpr std::size_t kMaxBgpNeighbors = 64;

struct BgpNeighborSite {
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  net::Asn asn;                                                         // ours
  net::IpAddress id = net::IpAddress::unspecified(net::Family::kIpv4);  // ours; IPv4, not 0.0.0.0
  std::optional<net::Asn> peer_asn = std::nullopt;                      // none: any
  bool ipv6 = false;
  bool flowspec = false;
  bool flowspec6 = false;
  std::uint32_t max_prefixes = 4'000'000;
  std::uint16_t port = 0;     // 0: it is not dialled
  std::string password = {};  // 80 octets at most; empty: none

  friend bool operator==(const BgpNeighborSite&, const BgpNeighborSite&) = default;
};

struct BgpSite {
  ServerAddress listen{};  // a port of 0: nowhere
  std::vector<BgpNeighborSite> neighbors;

  friend bool operator==(const BgpSite&, const BgpSite&) = default;
};

// `node` is the key's value.
std::optional<BgpSite> read_bgp(YamlReader& reader, const YamlNode& node);

}  // namespace fabrix::exchange
