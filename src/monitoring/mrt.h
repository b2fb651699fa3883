// MRT records (RFC 6396): their values and their encoding. mrt_reader.h decodes them.
//
//   RFC 6396 §4.3   TABLE_DUMP_V2: PEER_INDEX_TABLE, RIB_IPV4_UNICAST, RIB_IPV6_UNICAST
//   RFC 6396 §4.4   BGP4MP: STATE_CHANGE_AS4, MESSAGE_AS4, and MESSAGE for two-octet sessions
//   RFC 6396 §3     BGP4MP_ET: the same with microseconds
//
// Regular values. The encoders append one record each, and nothing if they fail. Pure functions.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/byte_writer.h"
#include "base/result.h"
#include "bgp/path_attributes.h"
#include "bgp/update_message.h"
#include "monitoring/table.h"
#include "net/asn.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::monitoring {

inline constexpr std::size_t kMrtHeaderSize = 12;

// RFC 6396 §4, as on the wire.
enum class MrtType : std::uint16_t { kTableDumpV2 = 13, kBgp4mp = 16, kBgp4mpEt = 17 };

// RFC 6396 §4.3.
enum class TableDumpSubtype : std::uint16_t {
  kPeerIndexTable = 1,
  kRibIpv4Unicast = 2,
  kRibIpv6Unicast = 4,
};

// RFC 6396 §4.4.
enum class Bgp4mpSubtype : std::uint16_t {
  kMessage = 1,
  kMessageAs4 = 4,
  kStateChangeAs4 = 5,
};

enum class MrtError : std::uint8_t {
  kTruncated,      // the octets end within a record
  kTooLarge,       // more than kMaxMrtRecordSize, or a count or length that its field cannot say
  kMalformed,      // a record that is not what its type says
  kBadAttributes,  // of a RIB entry
};

std::string_view describe(MrtError error);

// Of the part that follows the header, for the reader and for RIB records written. RFC 6396 sets no
// bound; a table dump's largest record holds one prefix of all peers.
inline constexpr std::size_t kMaxMrtRecordSize = std::size_t{16} << 20U;

struct PeerIndexTable {
  struct Peer {
    std::uint32_t bgp_identifier = 0;
    net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
    net::Asn asn;

    friend bool operator==(const Peer&, const Peer&) = default;
  };
  std::uint32_t collector_id = 0;
  std::string view_name;
  std::vector<Peer> peers;  // at most 65,535

  friend bool operator==(const PeerIndexTable&, const PeerIndexTable&) = default;
};

struct RibEntry {
  std::uint16_t peer_index = 0;
  std::chrono::sys_seconds originated;
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
  bgp::AttributesPtr attributes;  // not null

  // Compares the attributes, not where they are.
  friend bool operator==(const RibEntry& a, const RibEntry& b);
};

struct RibRecord {
  std::uint32_t sequence = 0;
  net::Prefix prefix = net::Prefix::all(net::Family::kIpv4);
  std::vector<RibEntry> entries;  // at most 65,535

  friend bool operator==(const RibRecord&, const RibRecord&) = default;
};

// The two ends of a session; their addresses are of one family.
struct SessionEnds {
  net::Asn peer_as;
  net::Asn local_as;
  std::uint16_t interface_index = 0;
  net::IpAddress peer = net::IpAddress::unspecified(net::Family::kIpv4);
  net::IpAddress local = net::IpAddress::unspecified(net::Family::kIpv4);

  friend bool operator==(const SessionEnds&, const SessionEnds&) = default;
};

SessionEnds session_ends(const PeerSession& session);

// One BGP message with its header. `width` is that of the session on which it came: of AS_PATH in
// the message, and of the record's own AS numbers, where one that does not fit becomes AS_TRANS.
struct MessageRecord {
  SessionEnds ends;
  bgp::AsnWidth width = bgp::AsnWidth::kFourOctets;
  std::vector<std::byte> message;

  friend bool operator==(const MessageRecord&, const MessageRecord&) = default;
};

// RFC 6396 §4.4.1, as on the wire.
enum class PeerState : std::uint16_t {
  kIdle = 1,
  kConnect = 2,
  kActive = 3,
  kOpenSent = 4,
  kOpenConfirm = 5,
  kEstablished = 6,
};

struct StateChangeRecord {
  SessionEnds ends;
  PeerState before = PeerState::kIdle;
  PeerState after = PeerState::kIdle;

  friend bool operator==(const StateChangeRecord&, const StateChangeRecord&) = default;
};

// A record that is none of these.
struct UnknownRecord {
  std::uint16_t type = 0;
  std::uint16_t subtype = 0;
  std::vector<std::byte> body;

  friend bool operator==(const UnknownRecord&, const UnknownRecord&) = default;
};

// Whether a BGP4MP record's time has microseconds. The other types have none.
enum class MrtTime : std::uint8_t { kSeconds, kMicroseconds };

struct MrtRecord {
  Timestamp time;
  MrtTime precision = MrtTime::kSeconds;
  std::variant<PeerIndexTable, RibRecord, MessageRecord, StateChangeRecord, UnknownRecord> body;

  friend bool operator==(const MrtRecord&, const MrtRecord&) = default;
};

Result<void, MrtError> encode_mrt(const MrtRecord& record, ByteWriter& out);

// The same without a copy of the message. `time` has microseconds.
Result<void, MrtError> encode_mrt_message(Timestamp time, const SessionEnds& ends,
                                          std::span<const std::byte> message, ByteWriter& out);

// Appends the header of a record of `size` octets.
void encode_mrt_header(Timestamp time, MrtType type, std::uint16_t subtype, std::size_t size,
                       ByteWriter& out);

}  // namespace fabrix::monitoring
