#include "io/netlink_codec.h"

#include <algorithm>
#include <array>

#include <linux/netlink.h>

namespace fabrix::io {
namespace {

constexpr std::size_t kHeaderSize = sizeof(nlmsghdr);
constexpr std::size_t kAttributeHeaderSize = sizeof(nlattr);

constexpr std::size_t aligned(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

template <typename T>
T load(std::span<const std::byte> bytes) {
  T value{};
  if (bytes.size() >= sizeof(T)) std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> octets(std::span<const std::byte> value) {
  if (value.size() != N) return std::nullopt;
  return load<std::array<std::uint8_t, N>>(value);
}

// A list entry of `size` octets out of `rest`: the entry, and `rest` moved past it.
std::span<const std::byte> take(std::span<const std::byte>& rest, std::size_t size) {
  const auto entry = rest.first(size);
  rest = rest.subspan(std::min(aligned(size), rest.size()));
  return entry;
}

}  // namespace

NetlinkWriter::NetlinkWriter(std::uint16_t type, std::uint16_t flags)
    : flags_(static_cast<std::uint16_t>(flags | NLM_F_REQUEST)) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  fixed(header);
}

void NetlinkWriter::append(std::span<const std::byte> bytes) {
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  buffer_.resize(aligned(buffer_.size()));
}

void NetlinkWriter::append_header(std::uint16_t type, std::size_t value_size) {
  nlattr header{};
  header.nla_len = static_cast<std::uint16_t>(kAttributeHeaderSize + value_size);
  header.nla_type = type;
  fixed(header);
}

void NetlinkWriter::attribute(std::uint16_t type, std::span<const std::byte> value) {
  append_header(type, value.size());
  append(value);
}

void NetlinkWriter::attribute(std::uint16_t type, std::string_view text) {
  const std::string terminated(text);
  attribute(type, std::as_bytes(std::span(terminated.c_str(), terminated.size() + 1)));
}

void NetlinkWriter::attribute_u8(std::uint16_t type, std::uint8_t value) {
  attribute(type, std::as_bytes(std::span(&value, 1)));
}

void NetlinkWriter::attribute_u16(std::uint16_t type, std::uint16_t value) {
  attribute(type, std::as_bytes(std::span(&value, 1)));
}

void NetlinkWriter::attribute_u32(std::uint16_t type, std::uint32_t value) {
  attribute(type, std::as_bytes(std::span(&value, 1)));
}

void NetlinkWriter::attribute_ip(std::uint16_t type, const net::IpAddress& address) {
  attribute(type, std::as_bytes(address.octets()));
}

std::size_t NetlinkWriter::nest(std::uint16_t type) {
  const std::size_t start = buffer_.size();
  append_header(type, 0);
  return start;
}

void NetlinkWriter::end_nest(std::size_t start) {
  const auto size = static_cast<std::uint16_t>(buffer_.size() - start);
  std::memcpy(&buffer_.at(start), &size, sizeof(size));
}

std::vector<std::byte> NetlinkWriter::finish(std::uint32_t sequence, std::uint16_t flags) {
  auto header = load<nlmsghdr>(buffer_);
  header.nlmsg_len = static_cast<std::uint32_t>(buffer_.size());
  header.nlmsg_flags = static_cast<std::uint16_t>(flags_ | flags);
  header.nlmsg_seq = sequence;
  std::memcpy(buffer_.data(), &header, sizeof(header));
  return buffer_;
}

std::uint8_t NetlinkAttribute::u8() const {
  return load<std::uint8_t>(value);
}

std::uint32_t NetlinkAttribute::u32() const {
  return load<std::uint32_t>(value);
}

std::string NetlinkAttribute::text() const {
  std::string result;
  for (const std::byte byte : value) {
    if (byte == std::byte{0}) break;
    result.push_back(static_cast<char>(byte));
  }
  return result;
}

std::optional<net::IpAddress> NetlinkAttribute::ip() const {
  if (const auto v4 = octets<4>(value)) return net::IpAddress::v4(*v4);
  if (const auto v6 = octets<16>(value)) return net::IpAddress::v6(*v6);
  return std::nullopt;
}

std::optional<net::MacAddress> NetlinkAttribute::mac() const {
  if (const auto mac = octets<6>(value)) return net::MacAddress(*mac);
  return std::nullopt;
}

std::vector<NetlinkAttribute> read_attributes(std::span<const std::byte> bytes) {
  std::vector<NetlinkAttribute> attributes;
  while (bytes.size() >= kAttributeHeaderSize) {
    const auto header = load<nlattr>(bytes);
    if (header.nla_len < kAttributeHeaderSize || header.nla_len > bytes.size()) break;
    const auto type = static_cast<std::uint16_t>(header.nla_type & NLA_TYPE_MASK);
    const auto entry = take(bytes, header.nla_len);
    attributes.push_back({type, entry.subspan(kAttributeHeaderSize)});
  }
  return attributes;
}

const NetlinkAttribute* find_attribute(std::span<const NetlinkAttribute> attributes,
                                       std::uint16_t type) {
  const auto found = std::ranges::find(attributes, type, &NetlinkAttribute::type);
  return found == attributes.end() ? nullptr : &*found;
}

std::vector<NetlinkAttribute> NetlinkMessage::attributes(std::size_t size) const {
  const std::span<const std::byte> all = payload;
  return read_attributes(all.subspan(std::min(aligned(size), all.size())));
}

std::vector<NetlinkMessage> read_messages(std::span<const std::byte> datagram) {
  std::vector<NetlinkMessage> messages;
  while (datagram.size() >= kHeaderSize) {
    const auto header = load<nlmsghdr>(datagram);
    if (header.nlmsg_len < kHeaderSize || header.nlmsg_len > datagram.size()) break;
    const auto payload = take(datagram, header.nlmsg_len).subspan(kHeaderSize);
    messages.push_back({.type = header.nlmsg_type,
                        .flags = header.nlmsg_flags,
                        .sequence = header.nlmsg_seq,
                        .payload = {payload.begin(), payload.end()}});
  }
  return messages;
}

}  // namespace fabrix::io
