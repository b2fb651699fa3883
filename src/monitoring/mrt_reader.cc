#include "monitoring/mrt_reader.h"

#include <array>
#include <utility>

#include "base/byte_reader.h"
#include "bgp/message_header.h"
#include "monitoring/rib_attributes.h"

namespace fabrix::monitoring {
namespace {

template <typename T>
using Decoded = Result<T, MrtError>;

using Body = decltype(MrtRecord::body);

// Peer Type (RFC 6396 §4.3.1).
constexpr unsigned kPeerIsIpv6 = 0x01;
constexpr unsigned kPeerAsIsFourOctets = 0x02;

template <std::size_t Size>
std::array<std::uint8_t, Size> octets(ByteReader& in) {
  std::array<std::uint8_t, Size> result{};
  for (std::uint8_t& octet : result) octet = in.u8();
  return result;
}

net::IpAddress read_address(net::Family family, ByteReader& in) {
  if (family == net::Family::kIpv4) return net::IpAddress::v4(octets<4>(in));
  return net::IpAddress::v6(octets<16>(in));
}

std::chrono::sys_seconds read_seconds(ByteReader& in) {
  return std::chrono::sys_seconds(std::chrono::seconds(in.u32()));
}

PeerIndexTable::Peer read_peer(ByteReader& in) {
  const unsigned type = in.u8();
  PeerIndexTable::Peer peer;
  peer.bgp_identifier = in.u32();
  peer.address =
      read_address((type & kPeerIsIpv6) != 0 ? net::Family::kIpv6 : net::Family::kIpv4, in);
  peer.asn.value = (type & kPeerAsIsFourOctets) != 0 ? in.u32() : in.u16();
  return peer;
}

Decoded<Body> read_peer_index_table(ByteReader& in) {
  PeerIndexTable table;
  table.collector_id = in.u32();
  const std::size_t name_size = in.u16();
  for (const std::byte octet : in.bytes(name_size)) {
    table.view_name.push_back(static_cast<char>(octet));
  }
  const std::size_t count = in.u16();
  for (std::size_t i = 0; i < count && in.ok(); ++i) table.peers.push_back(read_peer(in));
  if (!in.ok()) return fail(MrtError::kMalformed);
  return table;
}

std::optional<net::Prefix> read_prefix(net::Family family, ByteReader& in) {
  const std::size_t length = in.u8();
  if (length > width_of(family)) return std::nullopt;
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < (length + 7) / 8; ++i) octets.at(i) = in.u8();
  const auto address = family == net::Family::kIpv4
                           ? net::IpAddress::v4({octets[0], octets[1], octets[2], octets[3]})
                           : net::IpAddress::v6(octets);
  const auto prefix = net::Prefix::containing(address, static_cast<unsigned>(length));
  if (!prefix || !in.ok()) return std::nullopt;
  return *prefix;
}

Decoded<RibEntry> read_entry(ByteReader& in) {
  RibEntry entry;
  entry.peer_index = in.u16();
  entry.originated = read_seconds(in);
  const std::size_t size = in.u16();
  const auto block = in.bytes(size);
  if (!in.ok()) return fail(MrtError::kMalformed);
  auto attributes = decode_rib_attributes(block);
  if (!attributes) return fail(MrtError::kBadAttributes);
  entry.attributes = std::move(attributes->attributes);
  entry.next_hop = attributes->next_hop;
  return entry;
}

Decoded<Body> read_rib(net::Family family, ByteReader& in) {
  RibRecord record;
  record.sequence = in.u32();
  const auto prefix = read_prefix(family, in);
  if (!prefix) return fail(MrtError::kMalformed);
  record.prefix = *prefix;
  const std::size_t count = in.u16();
  for (std::size_t i = 0; i < count; ++i) {
    FABRIX_TRY(RibEntry entry, read_entry(in));
    record.entries.push_back(std::move(entry));
  }
  return record;
}

std::optional<SessionEnds> read_ends(bgp::AsnWidth width, ByteReader& in) {
  const bool wide = width == bgp::AsnWidth::kFourOctets;
  SessionEnds ends;
  ends.peer_as.value = wide ? in.u32() : in.u16();
  ends.local_as.value = wide ? in.u32() : in.u16();
  ends.interface_index = in.u16();
  const std::uint16_t afi = in.u16();
  if (afi != 1 && afi != 2) return std::nullopt;
  const auto family = static_cast<net::Family>(afi);
  ends.peer = read_address(family, in);
  ends.local = read_address(family, in);
  if (!in.ok()) return std::nullopt;
  return ends;
}

// The rest of the record is one BGP message, whose header says as much.
Decoded<Body> read_message(bgp::AsnWidth width, ByteReader& in) {
  const auto ends = read_ends(width, in);
  if (!ends || in.remaining() < bgp::kHeaderSize) return fail(MrtError::kMalformed);
  const auto message = in.bytes(in.remaining());
  const auto header =
      bgp::decode_header(message.first<bgp::kHeaderSize>(), bgp::kMaxExtendedMessageSize);
  if (!header || bgp::kHeaderSize + header->body_size != message.size()) {
    return fail(MrtError::kMalformed);
  }
  return MessageRecord{.ends = *ends, .width = width, .message = {message.begin(), message.end()}};
}

std::optional<PeerState> read_state(ByteReader& in) {
  const std::uint16_t value = in.u16();
  if (value < 1 || value > 6) return std::nullopt;
  return static_cast<PeerState>(value);
}

Decoded<Body> read_state_change(ByteReader& in) {
  const auto ends = read_ends(bgp::AsnWidth::kFourOctets, in);
  if (!ends) return fail(MrtError::kMalformed);
  const auto before = read_state(in);
  const auto after = read_state(in);
  if (!before || !after) return fail(MrtError::kMalformed);
  return StateChangeRecord{.ends = *ends, .before = *before, .after = *after};
}

struct Header {
  Timestamp time;
  std::uint16_t type = 0;
  std::uint16_t subtype = 0;

  bool is(MrtType other) const { return type == static_cast<std::uint16_t>(other); }
};

Body unknown(const Header& header, std::span<const std::byte> octets) {
  return UnknownRecord{
      .type = header.type, .subtype = header.subtype, .body = {octets.begin(), octets.end()}};
}

Decoded<Body> read_table_dump(const Header& header, std::span<const std::byte> octets,
                              ByteReader& in) {
  switch (static_cast<TableDumpSubtype>(header.subtype)) {
    case TableDumpSubtype::kPeerIndexTable:
      return read_peer_index_table(in);
    case TableDumpSubtype::kRibIpv4Unicast:
      return read_rib(net::Family::kIpv4, in);
    case TableDumpSubtype::kRibIpv6Unicast:
      return read_rib(net::Family::kIpv6, in);
  }
  in.bytes(in.remaining());
  return unknown(header, octets);
}

Decoded<Body> read_bgp4mp(const Header& header, std::span<const std::byte> octets, ByteReader& in) {
  switch (static_cast<Bgp4mpSubtype>(header.subtype)) {
    case Bgp4mpSubtype::kMessage:
      return read_message(bgp::AsnWidth::kTwoOctets, in);
    case Bgp4mpSubtype::kMessageAs4:
      return read_message(bgp::AsnWidth::kFourOctets, in);
    case Bgp4mpSubtype::kStateChangeAs4:
      return read_state_change(in);
  }
  in.bytes(in.remaining());
  return unknown(header, octets);
}

bool is_known(const Header& header) {
  switch (static_cast<Bgp4mpSubtype>(header.subtype)) {
    case Bgp4mpSubtype::kMessage:
    case Bgp4mpSubtype::kMessageAs4:
    case Bgp4mpSubtype::kStateChangeAs4:
      return true;
  }
  return false;
}

Decoded<MrtRecord> read_record(const Header& header, std::span<const std::byte> octets) {
  MrtRecord record{.time = header.time, .body = unknown(header, octets)};
  const bool extended = header.is(MrtType::kBgp4mpEt) && is_known(header);
  ByteReader in(octets);
  if (extended) {
    const std::uint32_t microseconds = in.u32();
    if (!in.ok() || microseconds >= 1'000'000) return fail(MrtError::kMalformed);
    record.time += std::chrono::microseconds(microseconds);
    record.precision = MrtTime::kMicroseconds;
  }
  if (header.is(MrtType::kTableDumpV2)) {
    FABRIX_TRY(record.body, read_table_dump(header, octets, in));
  } else if (header.is(MrtType::kBgp4mp) || extended) {
    FABRIX_TRY(record.body, read_bgp4mp(header, octets, in));
  } else {
    return record;
  }
  if (!in.at_end()) return fail(MrtError::kMalformed);
  return record;
}

}  // namespace

Result<std::optional<MrtRecord>, MrtError> MrtReader::next() {
  if (rest_.empty()) return std::nullopt;
  ByteReader in(rest_);
  Header header;
  header.time = read_seconds(in);
  header.type = in.u16();
  header.subtype = in.u16();
  const std::size_t size = in.u32();
  if (in.ok() && size > kMaxMrtRecordSize) return fail(MrtError::kTooLarge);
  const auto octets = in.bytes(size);
  if (!in.ok()) return fail(MrtError::kTruncated);
  rest_ = rest_.subspan(kMrtHeaderSize + size);
  FABRIX_TRY(MrtRecord record, read_record(header, octets));
  return record;
}

}  // namespace fabrix::monitoring
