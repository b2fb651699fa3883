// UPDATE bodies for tests, put together field by field.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "base/byte_writer.h"
#include "bgp/update_message.h"
#include "net/ip_address.h"
#include "net/prefix.h"
#include "tests/base/octets.h"

namespace fabrix::bgp {

inline Bytes attribute(int flags, int type, const Bytes& value) {
  Bytes result = bytes({flags, type});
  if ((static_cast<unsigned>(flags) & 0x10U) != 0) {
    result.push_back(static_cast<std::byte>(value.size() >> 8U));
  }
  result.push_back(static_cast<std::byte>(value.size() & 0xffU));
  return join({result, value});
}

inline Bytes update_body(const Bytes& withdrawn, const Bytes& attributes, const Bytes& nlri) {
  ByteWriter out;
  out.u16(static_cast<std::uint16_t>(withdrawn.size()));
  out.bytes(withdrawn);
  out.u16(static_cast<std::uint16_t>(attributes.size()));
  out.bytes(attributes);
  out.bytes(nlri);
  return out.take();
}

// What every route needs: ORIGIN IGP, AS_PATH 64500 (four octets), NEXT_HOP 192.0.2.1.
inline Bytes origin() {
  return attribute(0x40, 1, bytes({0}));
}
inline Bytes as_path() {
  return attribute(0x40, 2, bytes({2, 1, 0, 0, 0xfb, 0xf4}));
}
inline Bytes next_hop() {
  return attribute(0x40, 3, bytes({192, 0, 2, 1}));
}
inline Bytes mandatory() {
  return join({origin(), as_path(), next_hop()});
}

// 198.51.100.0/24.
inline Bytes nlri() {
  return bytes({24, 198, 51, 100});
}

// MP_REACH_NLRI: 2001:db8:1::/48 with next hop 2001:db8::1.
inline Bytes mp_reach_value() {
  return bytes({0, 2, 1, 16, 0x20, 1, 0x0d, 0xb8, 0,    0, 0,    0,    0, 0,
                0, 0, 0, 0,  0,    1, 0,    48,   0x20, 1, 0x0d, 0xb8, 0, 1});
}
inline Bytes mp_reach() {
  return attribute(0x80, 14, mp_reach_value());
}

// MP_UNREACH_NLRI: 2001:db8:2::/48.
inline Bytes mp_unreach() {
  return attribute(0x80, 15, bytes({0, 2, 1, 48, 0x20, 1, 0x0d, 0xb8, 0, 2}));
}

inline net::Prefix prefix(std::string_view text) {
  return net::Prefix::parse(text).value();
}
inline net::IpAddress address(std::string_view text) {
  return net::IpAddress::parse(text).value();
}

inline constexpr UpdateOptions kBothFamilies{};
inline constexpr UpdateOptions kTwoOctetPeer{.asn_width = AsnWidth::kTwoOctets};

}  // namespace fabrix::bgp
