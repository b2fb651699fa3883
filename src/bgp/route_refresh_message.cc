#include "bgp/route_refresh_message.h"

#include "base/byte_reader.h"
#include "bgp/message_header.h"

namespace fabrix::bgp {
namespace {

constexpr std::size_t kRouteRefreshSize = 4;

}  // namespace

std::optional<RouteRefreshMessage> decode_route_refresh(std::span<const std::byte> body) {
  ByteReader in(body);
  const std::uint16_t afi = in.u16();
  const std::uint8_t subtype = in.u8();
  const std::uint8_t safi = in.u8();
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return RouteRefreshMessage{.family = {.afi = afi, .safi = Safi{safi}},
                             .subtype = RouteRefreshMessage::Subtype{subtype}};
}

void encode_route_refresh(const RouteRefreshMessage& refresh, ByteWriter& out) {
  out.u16(refresh.family.afi);
  out.u8(static_cast<std::uint8_t>(refresh.subtype));
  out.u8(static_cast<std::uint8_t>(refresh.family.safi));
}

void encode_route_refresh_message(const RouteRefreshMessage& refresh, ByteWriter& out) {
  encode_header(MessageType::kRouteRefresh, kRouteRefreshSize, out);
  encode_route_refresh(refresh, out);
}

}  // namespace fabrix::bgp
