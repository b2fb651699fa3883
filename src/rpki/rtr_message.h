// The PDUs of the RPKI-to-Router protocol: draft-ietf-sidrops-8210bis-27 (version 2), RFC 8210
// (version 1) and RFC 6810 (version 0).
//
//     0          8          16         24        31
//     | version  | PDU type | session id / flags / error code |
//     |            length, of the whole PDU                   |
//
// Pure. Decoding accepts arbitrary bytes and fails with the error code that RFC 8210 §12
// prescribes; what it accepts, encode_pdu() writes so that it decodes to the same. Reserved fields
// are ignored. A prefix's bits after its length must be zero in version 2 (8210bis §5.9, §5.10) and
// are ignored before, as they do not change what it means.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/byte_writer.h"
#include "base/result.h"
#include "net/asn.h"
#include "rpki/aspa.h"
#include "rpki/vrp_changes.h"

namespace fabrix::rpki {

inline constexpr std::size_t kPduHeaderSize = 8;

// Ours: the protocol has no limit. The largest PDUs are Error Reports and Router Keys, but for
// those of customers with many providers.
inline constexpr std::size_t kMaxPduSize = 4096;
inline constexpr std::size_t kMaxAspaPduSize = kPduHeaderSize + 4 + 4 * kMaxProvidersOfOne;

// As on the wire.
enum class RtrVersion : std::uint8_t { kRfc6810 = 0, kRfc8210 = 1, kDraft8210bis = 2 };

inline constexpr RtrVersion kNewestVersion = RtrVersion::kDraft8210bis;

enum class PduType : std::uint8_t {
  kSerialNotify = 0,
  kSerialQuery = 1,
  kResetQuery = 2,
  kCacheResponse = 3,
  kIpv4Prefix = 4,
  kIpv6Prefix = 6,
  kEndOfData = 7,
  kCacheReset = 8,
  kRouterKey = 9,  // version 1
  kErrorReport = 10,
  kAspa = 11,  // version 2
};

// RFC 8210 §12, 8210bis §12. A peer's may be any number.
enum class RtrErrorCode : std::uint16_t {
  kCorruptData = 0,
  kInternalError = 1,
  kNoDataAvailable = 2,
  kInvalidRequest = 3,
  kUnsupportedVersion = 4,
  kUnsupportedPduType = 5,
  kUnknownWithdrawal = 6,
  kDuplicateAnnouncement = 7,
  kUnexpectedVersion = 8,  // version 1
  kAspaProviderList = 9,   // version 2, as the next
  kTransportFailed = 10,
  kOrdering = 11,
};

// "6 (withdrawal of unknown record)".
std::string describe(RtrErrorCode code);

struct SerialNotify {
  std::uint16_t session = 0;
  std::uint32_t serial = 0;

  friend bool operator==(const SerialNotify&, const SerialNotify&) = default;
};

struct SerialQuery {
  std::uint16_t session = 0;
  std::uint32_t serial = 0;

  friend bool operator==(const SerialQuery&, const SerialQuery&) = default;
};

struct ResetQuery {
  friend bool operator==(const ResetQuery&, const ResetQuery&) = default;
};

struct CacheResponse {
  std::uint16_t session = 0;

  friend bool operator==(const CacheResponse&, const CacheResponse&) = default;
};

// RFC 8210 §6, in seconds.
struct RtrIntervals {
  std::uint32_t refresh = 3600;
  std::uint32_t retry = 600;
  std::uint32_t expire = 7200;

  friend bool operator==(const RtrIntervals&, const RtrIntervals&) = default;
};

// Within the ranges of RFC 8210 §6, and polling at least twice before the data expires.
RtrIntervals clamped(const RtrIntervals& intervals);

struct EndOfData {
  std::uint16_t session = 0;
  std::uint32_t serial = 0;
  std::optional<RtrIntervals> intervals = std::nullopt;  // not in version 0

  friend bool operator==(const EndOfData&, const EndOfData&) = default;
};

struct CacheReset {
  friend bool operator==(const CacheReset&, const CacheReset&) = default;
};

// RFC 8210 §5.10, for BGPsec.
struct RouterKey {
  ChangeKind kind = ChangeKind::kAnnounce;
  std::array<std::byte, 20> subject_key_identifier{};
  net::Asn asn;
  std::vector<std::byte> subject_public_key;

  friend bool operator==(const RouterKey&, const RouterKey&) = default;
};

struct ErrorReport {
  RtrErrorCode code = RtrErrorCode::kCorruptData;
  std::vector<std::byte> pdu;  // the one complained about, perhaps truncated; may be empty
  std::string text;            // may be empty; a peer's is made printable ASCII

  friend bool operator==(const ErrorReport&, const ErrorReport&) = default;
};

// A VrpChange is an IPv4 or IPv6 Prefix PDU (§5.6, §5.7), an AspaChange an ASPA PDU (8210bis
// §5.12).
using RtrMessage = std::variant<SerialNotify, SerialQuery, ResetQuery, CacheResponse, VrpChange,
                                EndOfData, CacheReset, RouterKey, ErrorReport, AspaChange>;

struct RtrPdu {
  RtrVersion version = kNewestVersion;
  RtrMessage message;

  friend bool operator==(const RtrPdu&, const RtrPdu&) = default;
};

// The first eight octets, unjudged: version negotiation looks at PDUs that nobody could decode.
struct PduHeader {
  std::uint8_t version = 0;
  std::uint8_t type = 0;
  std::uint16_t field = 0;
  std::uint32_t length = 0;
};

PduHeader read_header(std::span<const std::byte, kPduHeaderSize> header);

// How long a PDU of this header may be at most.
std::size_t max_size(const PduHeader& header);

// What is wrong with a PDU.
struct PduFault {
  RtrErrorCode code = RtrErrorCode::kCorruptData;
  std::string_view text;  // a literal

  friend bool operator==(const PduFault&, const PduFault&) = default;
};

// Decodes one whole PDU. The version is judged first, then the type, then the length.
Result<RtrPdu, PduFault> decode_pdu(std::span<const std::byte> pdu);

// Appends a PDU. A Router Key needs version 1, an ASPA version 2; an Error Report is cut to
// kMaxPduSize.
void encode_pdu(const RtrPdu& pdu, ByteWriter& out);

}  // namespace fabrix::rpki
