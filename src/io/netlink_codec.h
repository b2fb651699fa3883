// The octets of netlink messages (RFC 3549; Linux linux/netlink.h): headers, attributes, nesting.
//
// Host byte order and 4-octet alignment, as the kernel has them. Reading never leaves the buffer: a
// malformed length ends the list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "net/ip_address.h"
#include "net/mac_address.h"

namespace fabrix::io {

// Builds one request: header, fixed part, attributes.
class NetlinkWriter {
 public:
  // `flags` in addition to NLM_F_REQUEST, such as NLM_F_CREATE.
  explicit NetlinkWriter(std::uint16_t type, std::uint16_t flags = 0);

  // Appends a fixed structure of the kernel's, such as ifinfomsg.
  template <typename T>
  void fixed(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    append(std::as_bytes(std::span<const T, 1>(&value, 1)));
  }

  void attribute(std::uint16_t type, std::span<const std::byte> value);
  void attribute(std::uint16_t type, std::string_view text);  // with a terminating zero
  void attribute_u8(std::uint16_t type, std::uint8_t value);
  void attribute_u16(std::uint16_t type, std::uint16_t value);
  void attribute_u32(std::uint16_t type, std::uint32_t value);
  void attribute_ip(std::uint16_t type, const net::IpAddress& address);

  // Attributes between nest() and end_nest(its result) are inside one of `type`.
  std::size_t nest(std::uint16_t type);
  void end_nest(std::size_t start);

  // The message, with its length filled in, numbered `sequence`, with `flags` added.
  std::vector<std::byte> finish(std::uint32_t sequence, std::uint16_t flags);

 private:
  void append(std::span<const std::byte> bytes);
  void append_header(std::uint16_t type, std::size_t value_size);

  std::uint16_t flags_;
  std::vector<std::byte> buffer_;
};

struct NetlinkAttribute {
  std::uint16_t type = 0;  // without the nested and byte-order flags
  std::span<const std::byte> value;

  // Zero if the value is too short.
  std::uint8_t u8() const;
  std::uint32_t u32() const;
  std::string text() const;  // up to the first zero
  std::optional<net::IpAddress> ip() const;
  std::optional<net::MacAddress> mac() const;
};

// The attributes of a message's tail or of a nested attribute.
std::vector<NetlinkAttribute> read_attributes(std::span<const std::byte> bytes);

const NetlinkAttribute* find_attribute(std::span<const NetlinkAttribute> attributes,
                                       std::uint16_t type);

struct NetlinkMessage {
  std::uint16_t type = 0;
  std::uint16_t flags = 0;
  std::uint32_t sequence = 0;
  std::vector<std::byte> payload;

  // The fixed part at the beginning of the payload, if it is all there.
  template <typename T>
  std::optional<T> fixed() const {
    if (payload.size() < sizeof(T)) return std::nullopt;
    T value{};
    std::memcpy(&value, payload.data(), sizeof(T));
    return value;
  }

  // The attributes behind a fixed part of `size` octets.
  std::vector<NetlinkAttribute> attributes(std::size_t size) const;
};

// The messages of one datagram.
std::vector<NetlinkMessage> read_messages(std::span<const std::byte> datagram);

}  // namespace fabrix::io
