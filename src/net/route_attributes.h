// RouteAttributes: what a policy may ask about a route, as its member announced it: before the
// exchange has its say about what clients are told.
//
//   RFC 4271 §5   origin, AS path, MED     RFC 6811 §2   origin validation state
//   RFC 1997, 4360, 8092   communities, extended communities, large communities
//
// It is down here because routes and policies are strangers and both know it. RouteAttributes is a
// view: good until the routes change. The rest are regular values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "net/as_path.h"
#include "net/asn.h"
#include "net/ids.h"
#include "net/prefix.h"

namespace fabrix::net {

// As on the wire (RFC 4271 §4.3).
enum class RouteOrigin : std::uint8_t { kIgp = 0, kEgp = 1, kIncomplete = 2 };

// RFC 1997: by convention an AS number in the high half, a meaning of its own in the low half.
struct Community {
  std::uint32_t value = 0;

  friend auto operator<=>(const Community&, const Community&) = default;
};

// RFC 4360: type, subtype and value, uninterpreted.
struct ExtendedCommunity {
  std::uint64_t value = 0;

  friend auto operator<=>(const ExtendedCommunity&, const ExtendedCommunity&) = default;
};

// RFC 8092.
struct LargeCommunity {
  std::uint32_t global = 0;
  std::uint32_t local_1 = 0;
  std::uint32_t local_2 = 0;

  friend auto operator<=>(const LargeCommunity&, const LargeCommunity&) = default;
};

// "64500:1"; "64500:1:2".
std::string to_string(Community community);
std::string to_string(const LargeCommunity& community);
// "rt:64500:1" and "ro:64500:1" for route targets and origins of an AS (RFC 4360 §4, §5; RFC 5668);
// else the number, "0x" and 16 digits.
std::string to_string(ExtendedCommunity community);

// Whether its origin AS may announce it: valid, invalid, or not covered by what is known.
enum class RpkiState : std::uint8_t { kValid, kInvalid, kUnknown };

struct RouteAttributes {
  Prefix prefix = Prefix::all(Family::kIpv4);
  ParticipantId announcer;
  Asn neighbor;                     // the announcing member's
  const AsPath* as_path = nullptr;  // never null in use
  RouteOrigin origin = RouteOrigin::kIgp;
  std::optional<std::uint32_t> med;
  std::span<const Community> communities;
  std::span<const ExtendedCommunity> extended_communities;
  std::span<const LargeCommunity> large_communities;
  RpkiState rpki = RpkiState::kUnknown;
};

}  // namespace fabrix::net
