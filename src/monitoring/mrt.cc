#include "monitoring/mrt.h"

#include <limits>

#include "base/assert.h"
#include "bgp/nlri.h"
#include "monitoring/rib_attributes.h"

namespace fabrix::monitoring {
namespace {

using Encoded = Result<void, MrtError>;

constexpr std::size_t kMaxU16 = std::numeric_limits<std::uint16_t>::max();

// Peer Type (RFC 6396 §4.3.1).
constexpr std::uint8_t kPeerIsIpv6 = 0x01;
constexpr std::uint8_t kPeerAsIsFourOctets = 0x02;

void append(const net::IpAddress& address, ByteWriter& out) {
  out.bytes(std::as_bytes(address.octets()));
}

Encoded append(const PeerIndexTable& table, ByteWriter& out) {
  if (table.view_name.size() > kMaxU16 || table.peers.size() > kMaxU16) {
    return fail(MrtError::kTooLarge);
  }
  out.u32(table.collector_id);
  out.u16(static_cast<std::uint16_t>(table.view_name.size()));
  out.bytes(std::as_bytes(std::span(table.view_name)));
  out.u16(static_cast<std::uint16_t>(table.peers.size()));
  for (const PeerIndexTable::Peer& peer : table.peers) {
    const bool ipv6 = peer.address.family() == net::Family::kIpv6;
    out.u8(ipv6 ? kPeerIsIpv6 | kPeerAsIsFourOctets : kPeerAsIsFourOctets);
    out.u32(peer.bgp_identifier);
    append(peer.address, out);
    out.u32(peer.asn.value);
  }
  return {};
}

Encoded append(const RibRecord& record, ByteWriter& out) {
  if (record.entries.size() > kMaxU16) return fail(MrtError::kTooLarge);
  out.u32(record.sequence);
  bgp::encode_nlri(record.prefix, out);
  out.u16(static_cast<std::uint16_t>(record.entries.size()));
  for (const RibEntry& entry : record.entries) {
    ByteWriter attributes;
    encode_rib_attributes(*entry.attributes, entry.next_hop, attributes);
    if (attributes.size() > kMaxU16) return fail(MrtError::kTooLarge);
    out.u16(entry.peer_index);
    out.u32(seconds_of(entry.originated));
    out.u16(static_cast<std::uint16_t>(attributes.size()));
    out.bytes(attributes.view());
  }
  return {};
}

void append(net::Asn asn, bgp::AsnWidth width, ByteWriter& out) {
  if (width == bgp::AsnWidth::kFourOctets) {
    out.u32(asn.value);
  } else {
    const net::Asn said = asn <= net::kMaxTwoOctetAsn ? asn : net::kAsTrans;
    out.u16(static_cast<std::uint16_t>(said.value));
  }
}

void append(const SessionEnds& ends, bgp::AsnWidth width, ByteWriter& out) {
  FABRIX_ASSERT(ends.peer.family() == ends.local.family());
  append(ends.peer_as, width, out);
  append(ends.local_as, width, out);
  out.u16(ends.interface_index);
  out.u16(static_cast<std::uint16_t>(ends.peer.family()));
  append(ends.peer, out);
  append(ends.local, out);
}

Encoded append(const MessageRecord& record, ByteWriter& out) {
  append(record.ends, record.width, out);
  out.bytes(record.message);
  return {};
}

Encoded append(const StateChangeRecord& record, ByteWriter& out) {
  append(record.ends, bgp::AsnWidth::kFourOctets, out);
  out.u16(static_cast<std::uint16_t>(record.before));
  out.u16(static_cast<std::uint16_t>(record.after));
  return {};
}

Encoded append(const UnknownRecord& record, ByteWriter& out) {
  out.bytes(record.body);
  return {};
}

struct Kind {
  MrtType type = MrtType::kTableDumpV2;
  std::uint16_t subtype = 0;
};

Kind table_dump(TableDumpSubtype subtype) {
  return {MrtType::kTableDumpV2, static_cast<std::uint16_t>(subtype)};
}

Kind bgp4mp(MrtTime precision, Bgp4mpSubtype subtype) {
  const bool extended = precision == MrtTime::kMicroseconds;
  return {extended ? MrtType::kBgp4mpEt : MrtType::kBgp4mp, static_cast<std::uint16_t>(subtype)};
}

Kind kind_of(const PeerIndexTable& /*table*/, MrtTime /*precision*/) {
  return table_dump(TableDumpSubtype::kPeerIndexTable);
}

Kind kind_of(const RibRecord& record, MrtTime /*precision*/) {
  const bool ipv4 = record.prefix.family() == net::Family::kIpv4;
  return table_dump(ipv4 ? TableDumpSubtype::kRibIpv4Unicast : TableDumpSubtype::kRibIpv6Unicast);
}

Kind kind_of(const MessageRecord& record, MrtTime precision) {
  const bool wide = record.width == bgp::AsnWidth::kFourOctets;
  return bgp4mp(precision, wide ? Bgp4mpSubtype::kMessageAs4 : Bgp4mpSubtype::kMessage);
}

Kind kind_of(const StateChangeRecord& /*record*/, MrtTime precision) {
  return bgp4mp(precision, Bgp4mpSubtype::kStateChangeAs4);
}

Kind kind_of(const UnknownRecord& record, MrtTime /*precision*/) {
  return {static_cast<MrtType>(record.type), record.subtype};
}

}  // namespace

bool operator==(const RibEntry& a, const RibEntry& b) {
  return a.peer_index == b.peer_index && a.originated == b.originated && a.next_hop == b.next_hop &&
         *a.attributes == *b.attributes;
}

std::string_view describe(MrtError error) {
  switch (error) {
    case MrtError::kTruncated:
      return "the file ends within a record";
    case MrtError::kTooLarge:
      return "a record is larger than it may be";
    case MrtError::kMalformed:
      return "a record is not what its type says";
    case MrtError::kBadAttributes:
      return "the attributes of a route are malformed";
  }
  return "unknown error";
}

SessionEnds session_ends(const PeerSession& session) {
  return {.peer_as = session.received_open.my_as,
          .local_as = session.sent_open.my_as,
          .peer = session.address,
          .local = session.local_address};
}

Result<void, MrtError> encode_mrt(const MrtRecord& record, ByteWriter& out) {
  ByteWriter body;
  const Encoded encoded =
      std::visit([&body](const auto& value) { return append(value, body); }, record.body);
  if (!encoded) return encoded;
  const Kind kind = std::visit(
      [&record](const auto& value) { return kind_of(value, record.precision); }, record.body);
  // RFC 6396 §3: the microseconds count as part of the message.
  const bool extended =
      kind.type == MrtType::kBgp4mpEt && !std::holds_alternative<UnknownRecord>(record.body);
  const std::size_t size = body.size() + (extended ? 4 : 0);
  if (size > kMaxMrtRecordSize) return fail(MrtError::kTooLarge);
  encode_mrt_header(record.time, kind.type, kind.subtype, size, out);
  if (extended) out.u32(microseconds_of(record.time));
  out.bytes(body.view());
  return {};
}

Result<void, MrtError> encode_mrt_message(Timestamp time, const SessionEnds& ends,
                                          std::span<const std::byte> message, ByteWriter& out) {
  constexpr std::size_t kFixed = 4 + 4 + 4 + 2 + 2;  // microseconds, AS numbers, interface, AFI
  const std::size_t size = kFixed + 2 * ends.peer.octets().size() + message.size();
  if (size > kMaxMrtRecordSize) return fail(MrtError::kTooLarge);
  encode_mrt_header(time, MrtType::kBgp4mpEt,
                    static_cast<std::uint16_t>(Bgp4mpSubtype::kMessageAs4), size, out);
  out.u32(microseconds_of(time));
  append(ends, bgp::AsnWidth::kFourOctets, out);
  out.bytes(message);
  return {};
}

void encode_mrt_header(Timestamp time, MrtType type, std::uint16_t subtype, std::size_t size,
                       ByteWriter& out) {
  out.u32(seconds_of(time));
  out.u16(static_cast<std::uint16_t>(type));
  out.u16(subtype);
  out.u32(static_cast<std::uint32_t>(size));
}

}  // namespace fabrix::monitoring
