// Octets and VRPs for tests, written the short way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <span>
#include <string_view>
#include <vector>

#include "net/prefix.h"
#include "rpki/rtr_message.h"
#include "rpki/vrp.h"
#include "tests/base/octets.h"

namespace fabrix::rpki {

// A number below `limit`.
inline std::uint32_t draw(std::mt19937& random, std::uint32_t limit) {
  return static_cast<std::uint32_t>(random() % limit);
}

inline net::Prefix prefix(std::string_view text) {
  return net::Prefix::parse(text).value();
}

// Without a maximum length: that of the prefix.
inline Vrp vrp(std::string_view text, std::uint32_t asn, unsigned max_length = 0) {
  const net::Prefix block = prefix(text);
  const unsigned longest = max_length == 0 ? block.length() : max_length;
  return {block, static_cast<std::uint8_t>(longest), net::Asn{asn}};
}

inline VrpChange announce(const Vrp& vrp) {
  return {.kind = ChangeKind::kAnnounce, .vrp = vrp};
}
inline VrpChange withdraw(const Vrp& vrp) {
  return {.kind = ChangeKind::kWithdraw, .vrp = vrp};
}

inline Bytes encode(const RtrMessage& message, RtrVersion version = kNewestVersion) {
  ByteWriter out;
  encode_pdu({.version = version, .message = message}, out);
  return out.take();
}

inline Aspa aspa(std::uint32_t customer, std::initializer_list<std::uint32_t> providers) {
  Aspa result{.customer = net::Asn{customer}, .providers = {}};
  for (const std::uint32_t provider : providers) result.providers.push_back(net::Asn{provider});
  return result;
}

inline AspaChange announce(const Aspa& aspa) {
  return {.kind = ChangeKind::kAnnounce, .aspa = aspa};
}
inline AspaChange withdraw_aspa(std::uint32_t customer) {
  return {.kind = ChangeKind::kWithdraw, .aspa = aspa(customer, {})};
}

// All PDUs of a stream; each must decode.
inline std::vector<RtrPdu> decode_all(std::span<const std::byte> stream) {
  std::vector<RtrPdu> result;
  while (stream.size() >= kPduHeaderSize) {
    const auto size = read_header(stream.first<kPduHeaderSize>()).length;
    result.push_back(decode_pdu(stream.first(size)).value());
    stream = stream.subspan(size);
  }
  return result;
}

}  // namespace fabrix::rpki
