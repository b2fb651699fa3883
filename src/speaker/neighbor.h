// What is known of one router that may have a session: as it was added, and as it is.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bgp/family_set.h"
#include "net/asn.h"
#include "net/ip_address.h"

namespace fabrix::speaker {

inline constexpr std::uint16_t kDefaultPort = 1179;  // sFlow-RT's

struct NeighborOptions {
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  net::Asn local_as;                               // who we are to it; not 0
  std::uint32_t identifier = 0;                    // ours; not 0
  std::optional<net::Asn> peer_as = std::nullopt;  // none: any
  bgp::FamilySet families{.ipv4 = true};
  bgp::FamilySet flowspec = {};
  std::size_t most_prefixes = 4'000'000;             // of both families; of more, the session ends
  std::chrono::seconds hold_time{90};                // 0 or 3 .. 65535
  std::string password;                              // TCP MD5 (RFC 2385), 80 octets; empty: none
  std::optional<std::uint16_t> dial = std::nullopt;  // its port, if we are to connect, too

  friend bool operator==(const NeighborOptions&, const NeighborOptions&) = default;
};

enum class NeighborState : std::uint8_t { kIdle, kOpening, kEstablished };

// "idle", "opening", "established".
std::string_view to_string(NeighborState state);

struct NeighborView {
  NeighborOptions options;
  NeighborState state = NeighborState::kIdle;

  // Of the session; 0 without one.
  std::uint32_t peer_as = 0;
  std::uint32_t peer_identifier = 0;
  std::chrono::system_clock::time_point since{};  // when it began
  bgp::FamilySet families = {};
  bgp::FamilySet flowspec = {};

  std::uint64_t sessions = 0;  // that were established
  std::uint64_t updates_in = 0;
  std::size_t routes = 0;  // announced to it, or to be
  std::size_t flows = 0;
  std::uint64_t routes_added = 0;  // by announce() and withdraw()
  std::uint64_t routes_removed = 0;
  std::string trouble;  // why the last session ended; empty: none did
};

}  // namespace fabrix::speaker
