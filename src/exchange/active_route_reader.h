// The key `exchange.telemetry.active_routes` of exchange.yaml: which switches get the routes that
// carry most traffic (docs/telemetry.md), and how.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "exchange/yaml_reader.h"
#include "net/ip_address.h"

namespace fabrix::exchange {

inline constexpr std::size_t kMaxActiveRouteSites = 16;

// Where the kernel keeps them.
struct KernelTable {
  std::uint32_t table = 254;        // main
  std::uint8_t protocol = 70;       // whose routes they are
  std::string network_namespace{};  // empty: fabrixd's

  friend bool operator==(const KernelTable&, const KernelTable&) = default;
};

struct ActiveRouteSite {
  std::string name;
  // Whose table it is, as the telemetry engine knows it.
  net::IpAddress router = net::IpAddress::unspecified(net::Family::kIpv4);
  // Whose samples are joined with it, besides those that are anyway.
  std::vector<net::IpAddress> agents{};
  std::size_t ipv4 = 0;  // at most so many
  std::size_t ipv6 = 0;
  std::uint64_t min_rate = 0;  // octets a second
  std::uint32_t changes_per_second = 500;
  std::uint32_t smoothing_seconds = 60;
  std::uint32_t hold_seconds = 10;
  std::uint32_t advantage_percent = 25;
  std::map<net::IpAddress, net::IpAddress> next_hops{};  // what they are in place of those
  KernelTable kernel{};
  std::optional<net::IpAddress> bgp{};  // in place of that: a router that is told them by BGP

  // Where they are is the same.
  bool has_place_of(const ActiveRouteSite& other) const {
    return bgp == other.bgp && (bgp || kernel == other.kernel);
  }

  friend bool operator==(const ActiveRouteSite&, const ActiveRouteSite&) = default;
};

// `node` is the key's value.
std::vector<ActiveRouteSite> read_active_routes(YamlReader& reader, const YamlNode& node);

// Of a text that is this value only; `file` is its name in diagnostics.
Result<std::vector<ActiveRouteSite>, std::vector<Diagnostic>> load_active_routes(
    std::string_view text, std::string_view file);

}  // namespace fabrix::exchange
