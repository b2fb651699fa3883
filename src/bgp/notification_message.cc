#include "bgp/notification_message.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "bgp/capability.h"
#include "bgp/message_header.h"

namespace fabrix::bgp {
namespace {

constexpr std::uint8_t kCeaseCode = 6;
constexpr std::size_t kMaxTextSize = 255;
constexpr std::size_t kMaxDataSize = kMaxMessageSize - kHeaderSize - 2;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct CodeName {
  NotificationCode code;
  std::string_view name;
};

// IANA "BGP Error Codes" and subcodes; {x, 0} names the code itself.
constexpr std::array kCodeNames{
    CodeName{{1, 0}, "message header error"},
    CodeName{{1, 1}, "connection not synchronized"},
    CodeName{{1, 2}, "bad message length"},
    CodeName{{1, 3}, "bad message type"},
    CodeName{{2, 0}, "OPEN message error"},
    CodeName{{2, 1}, "unsupported version number"},
    CodeName{{2, 2}, "bad peer AS"},
    CodeName{{2, 3}, "bad BGP identifier"},
    CodeName{{2, 4}, "unsupported optional parameter"},
    CodeName{{2, 6}, "unacceptable hold time"},
    CodeName{{2, 7}, "unsupported capability"},
    CodeName{{2, 11}, "role mismatch"},
    CodeName{{3, 0}, "UPDATE message error"},
    CodeName{{3, 1}, "malformed attribute list"},
    CodeName{{3, 2}, "unrecognized well-known attribute"},
    CodeName{{3, 3}, "missing well-known attribute"},
    CodeName{{3, 4}, "attribute flags error"},
    CodeName{{3, 5}, "attribute length error"},
    CodeName{{3, 6}, "invalid ORIGIN"},
    CodeName{{3, 8}, "invalid NEXT_HOP"},
    CodeName{{3, 9}, "optional attribute error"},
    CodeName{{3, 10}, "invalid network field"},
    CodeName{{3, 11}, "malformed AS_PATH"},
    CodeName{{4, 0}, "hold timer expired"},
    CodeName{{5, 0}, "finite state machine error"},
    CodeName{{5, 1}, "unexpected message in open sent"},
    CodeName{{5, 2}, "unexpected message in open confirm"},
    CodeName{{5, 3}, "unexpected message in established"},
    CodeName{{6, 0}, "cease"},
    CodeName{{6, 1}, "maximum number of prefixes reached"},
    CodeName{{6, 2}, "administrative shutdown"},
    CodeName{{6, 3}, "peer de-configured"},
    CodeName{{6, 4}, "administrative reset"},
    CodeName{{6, 5}, "connection rejected"},
    CodeName{{6, 6}, "other configuration change"},
    CodeName{{6, 7}, "connection collision resolution"},
    CodeName{{6, 8}, "out of resources"},
    CodeName{{6, 9}, "hard reset"},
    CodeName{{6, 10}, "BFD down"},
    CodeName{{7, 0}, "ROUTE-REFRESH message error"},
    CodeName{{7, 1}, "invalid ROUTE-REFRESH length"},
    CodeName{{8, 0}, "send hold timer expired"},
};

bool carries_text(NotificationCode code) {
  const bool shutdown = code.subcode == static_cast<std::uint8_t>(Cease::kAdministrativeShutdown);
  const bool reset = code.subcode == static_cast<std::uint8_t>(Cease::kAdministrativeReset);
  return code.code == kCeaseCode && (shutdown || reset);
}

// What the first octet of a UTF-8 sequence promises (RFC 3629 §3, §4): its size, and the range of
// its second octet, which excludes overlong forms, surrogates and what is beyond U+10FFFF.
struct Utf8Lead {
  std::size_t size = 0;  // 0: no first octet
  unsigned low = 0x80;
  unsigned high = 0xbf;
};

Utf8Lead utf8_lead(unsigned octet) {
  if (octet < 0x80) return {.size = 1};
  if (octet < 0xc2 || octet > 0xf4) return {.size = 0};
  if (octet < 0xe0) return {.size = 2};
  if (octet < 0xf0) {
    return {.size = 3, .low = octet == 0xe0 ? 0xa0U : 0x80U, .high = octet == 0xed ? 0x9fU : 0xbfU};
  }
  return {.size = 4, .low = octet == 0xf0 ? 0x90U : 0x80U, .high = octet == 0xf4 ? 0x8fU : 0xbfU};
}

unsigned octet_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// The size of the valid character that `text`, not empty, begins with; 0 if it begins with none.
std::size_t utf8_size(std::string_view text) {
  const Utf8Lead lead = utf8_lead(octet_at(text, 0));
  if (lead.size < 2) return lead.size;
  if (text.size() < lead.size) return 0;
  if (octet_at(text, 1) < lead.low || octet_at(text, 1) > lead.high) return 0;
  for (std::size_t at = 2; at < lead.size; ++at) {
    if ((octet_at(text, at) & 0xc0U) != 0x80) return 0;
  }
  return lead.size;
}

// C0, DEL and (as U+0080..U+009F) C1: they move cursors and colour terminals.
bool is_control(std::string_view character) {
  const unsigned first = octet_at(character, 0);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && octet_at(character, 1) < 0xa0;
}

// `text` is clean UTF-8, so that a character starts at most 3 octets before any place.
std::string_view cut_at_character(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while ((octet_at(text, limit) & 0xc0U) == 0x80) --limit;
  return text.substr(0, limit);
}

}  // namespace

NotificationMessage cease(Cease subcode, std::string_view text) {
  NotificationMessage notification{.code = {kCeaseCode, static_cast<std::uint8_t>(subcode)},
                                   .data = {}};
  if (text.empty() || !carries_text(notification.code)) return notification;
  const std::string clean = clean_utf8(text);
  const std::string_view sent = cut_at_character(clean, kMaxTextSize);
  ByteWriter data;
  data.u8(static_cast<std::uint8_t>(sent.size()));
  data.bytes(std::as_bytes(std::span(sent)));
  notification.data = data.take();
  return notification;
}

NotificationMessage maximum_prefixes_cease(net::Family family, std::uint32_t limit) {
  ByteWriter data;
  data.u16(static_cast<std::uint16_t>(family));
  data.u8(static_cast<std::uint8_t>(Safi::kUnicast));
  data.u32(limit);
  NotificationMessage notification = cease(Cease::kMaximumPrefixes);
  notification.data = data.take();
  return notification;
}

NotificationMessage hard_reset(const NotificationMessage& reason) {
  ByteWriter data;
  data.u8(reason.code.code);
  data.u8(reason.code.subcode);
  const std::span<const std::byte> inner(reason.data);
  data.bytes(inner.first(std::min(inner.size(), kMaxDataSize - 2)));
  return {.code = kHardResetCode, .data = data.take()};
}

std::optional<NotificationMessage> hard_reset_reason(const NotificationMessage& notification) {
  if (notification.code != kHardResetCode) return std::nullopt;
  return decode_notification(notification.data);
}

bool calls_for_hard_reset(NotificationCode code) {
  if (code.code != kCeaseCode) return false;
  switch (Cease{code.subcode}) {
    case Cease::kMaximumPrefixes:
    case Cease::kAdministrativeShutdown:
    case Cease::kPeerDeconfigured:
    case Cease::kBfdDown:
      return true;
    default:
      return false;
  }
}

std::optional<std::string> shutdown_text(const NotificationMessage& notification) {
  // One level of encapsulation is all that means anything.
  const NotificationMessage inner = hard_reset_reason(notification).value_or(notification);
  if (!carries_text(inner.code)) return std::nullopt;
  ByteReader in(inner.data);
  const auto text = in.bytes(in.u8());
  if (!in.ok() || text.empty()) return std::nullopt;
  std::string raw;
  for (const std::byte octet : text) raw.push_back(std::to_integer<char>(octet));
  return clean_utf8(raw);
}

std::string clean_utf8(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    const bool printable = size != 0 && !is_control(character);
    clean += printable ? character : kReplacement;
    text.remove_prefix(character.size());
  }
  return clean;
}

std::string describe(NotificationCode code) {
  const std::string numbers = fmt::format("{}/{}", code.code, code.subcode);
  const auto* found = std::ranges::find(kCodeNames, code, &CodeName::code);
  if (found == kCodeNames.end()) {
    found = std::ranges::find(kCodeNames, NotificationCode{code.code, 0}, &CodeName::code);
  }
  return found == kCodeNames.end() ? numbers : fmt::format("{} {}", numbers, found->name);
}

std::string describe(const NotificationMessage& notification) {
  std::string text = describe(notification.code);
  if (const auto inner = hard_reset_reason(notification)) {
    text += fmt::format(": {}", describe(inner->code));
  }
  if (const auto said = shutdown_text(notification)) text += fmt::format(": {}", *said);
  return text;
}

std::optional<NotificationMessage> decode_notification(std::span<const std::byte> body) {
  ByteReader in(body);
  const std::uint8_t code = in.u8();
  const std::uint8_t subcode = in.u8();
  if (!in.ok()) return std::nullopt;
  const auto data = in.bytes(in.remaining());
  return NotificationMessage{.code = {code, subcode}, .data = {data.begin(), data.end()}};
}

void encode_notification(const NotificationMessage& notification, ByteWriter& out) {
  out.u8(notification.code.code);
  out.u8(notification.code.subcode);
  const std::span<const std::byte> data(notification.data);
  out.bytes(data.first(std::min(data.size(), kMaxDataSize)));
}

}  // namespace fabrix::bgp
