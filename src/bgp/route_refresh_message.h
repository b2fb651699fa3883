// The ROUTE-REFRESH message: "send me your routes of this family again" (RFC 2918).
//
// RFC 7313 gave its reserved octet a meaning: 0 is the request; 1 and 2 bracket the answer. Fabrix
// does not offer that capability and ignores what is not a request, as it does RFC 5291 filters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/byte_writer.h"
#include "bgp/capability.h"

namespace fabrix::bgp {

struct RouteRefreshMessage {
  enum class Subtype : std::uint8_t { kRequest = 0, kBegin = 1, kEnd = 2 };  // others are kept

  Multiprotocol family;
  Subtype subtype = Subtype::kRequest;

  friend bool operator==(const RouteRefreshMessage&, const RouteRefreshMessage&) = default;
};

// Decodes the body; none if it is shorter than 4 octets. What follows (RFC 5291) is ignored.
std::optional<RouteRefreshMessage> decode_route_refresh(std::span<const std::byte> body);

void encode_route_refresh(const RouteRefreshMessage& refresh, ByteWriter& out);

}  // namespace fabrix::bgp
