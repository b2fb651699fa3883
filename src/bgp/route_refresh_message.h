// The ROUTE-REFRESH message: "send me your routes of this family again" (RFC 2918).
//
// RFC 7313 gave its reserved octet a meaning: 0 is the request; 1 (BoRR) and 2 (EoRR) bracket the
// answer. Fabrix does not offer RFC 5291 filters, so a message has exactly 4 octets.
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

// Decodes the body; none unless it has 4 octets. Session answers that with 7/1 (RFC 7313 §5).
std::optional<RouteRefreshMessage> decode_route_refresh(std::span<const std::byte> body);

// Appends the body.
void encode_route_refresh(const RouteRefreshMessage& refresh, ByteWriter& out);

// Appends a whole message: for the demarcations, which stand between UPDATEs.
void encode_route_refresh_message(const RouteRefreshMessage& refresh, ByteWriter& out);

}  // namespace fabrix::bgp
