// The NOTIFICATION message: why a session ends (RFC 4271 §4.5, §6).
//
//   RFC 4486, 8538, 9384   Cease subcodes
//   RFC 9003               a text for the operator in an administrative shutdown or reset
//
// Pure. decode_notification() accepts arbitrary bytes; text from a peer is cleaned to printable
// UTF-8 before anybody sees it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_writer.h"
#include "base/result.h"
#include "net/ip_address.h"

namespace fabrix::bgp {

// IANA "BGP Error Codes" and subcodes.
struct NotificationCode {
  std::uint8_t code = 0;
  std::uint8_t subcode = 0;

  friend bool operator==(const NotificationCode&, const NotificationCode&) = default;
};

inline constexpr NotificationCode kHoldTimerExpired{4, 0};
inline constexpr NotificationCode kSendHoldTimerExpired{8, 0};  // RFC 9687
inline constexpr NotificationCode kHardResetCode{6, 9};         // RFC 8538

// Subcodes of code 6.
enum class Cease : std::uint8_t {
  kMaximumPrefixes = 1,
  kAdministrativeShutdown = 2,
  kPeerDeconfigured = 3,
  kAdministrativeReset = 4,
  kConnectionRejected = 5,
  kOtherConfigurationChange = 6,
  kCollisionResolution = 7,
  kOutOfResources = 8,
  kHardReset = 9,
  kBfdDown = 10,
};

struct NotificationMessage {
  NotificationCode code;
  std::vector<std::byte> data = {};  // at most 4075 octets

  friend bool operator==(const NotificationMessage&, const NotificationMessage&) = default;
};

// A Cease. `text` (RFC 9003) is cleaned, cut to 255 octets at a character boundary, and sent only
// with the subcodes that carry one: administrative shutdown and reset.
NotificationMessage cease(Cease subcode, std::string_view text = {});

// RFC 4486 §4: the limit that was passed, and for which unicast family.
NotificationMessage maximum_prefixes_cease(net::Family family, std::uint32_t limit);

// RFC 8538 §3: `reason`, but as a Cease that ends the session for good where the peer would keep
// our routes. Its data are cut where they do not fit.
NotificationMessage hard_reset(const NotificationMessage& reason);

// What a hard reset encapsulates; none if `notification` is none or holds nothing.
std::optional<NotificationMessage> hard_reset_reason(const NotificationMessage& notification);

// Whether a peer that understands hard resets should be told of it by one, because nobody wants the
// routes to stay (RFC 8538 §5.1): the session ends by decision or because the peer is unreachable.
bool calls_for_hard_reset(NotificationCode code);

// The operator's text in a received administrative shutdown or reset, cleaned; none if there is
// none or its length does not fit (RFC 9003 §2). It may be within a hard reset.
std::optional<std::string> shutdown_text(const NotificationMessage& notification);

// `text` as valid UTF-8 without control characters: what is not becomes U+FFFD.
std::string clean_utf8(std::string_view text);

// For people: "6/2 administrative shutdown". Unknown codes appear as numbers.
std::string describe(NotificationCode code);

// With what it encapsulates and the operator's text: "6/9 hard reset: 6/2 administrative shutdown:
// see you".
std::string describe(const NotificationMessage& notification);

// Decodes the body; fails only if code and subcode are not there.
std::optional<NotificationMessage> decode_notification(std::span<const std::byte> body);

// Appends the body; data beyond what a message can hold is cut off.
void encode_notification(const NotificationMessage& notification, ByteWriter& out);

}  // namespace fabrix::bgp
