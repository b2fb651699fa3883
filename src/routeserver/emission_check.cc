#include "routeserver/emission_check.h"

#include <algorithm>
#include <optional>

#include "base/assert.h"
#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "bgp/message_header.h"
#include "bgp/message_splitter.h"
#include "bgp/update_check.h"
#include "bgp/update_message.h"

namespace fabrix::routeserver {
namespace {

using Octets = std::span<const std::byte>;

// Appends the prefixes without their identifiers; false unless each has this one (RFC 7911 §3).
bool strip_nlri(Octets octets, std::uint32_t path_id, ByteWriter& plain) {
  ByteReader in(octets);
  while (in.ok() && !in.at_end()) {
    if (in.u32() != path_id) return false;
    const std::uint8_t length = in.u8();
    plain.u8(length);
    plain.bytes(in.bytes((length + 7U) / 8U));
  }
  return in.ok();
}

// What comes before the prefixes in MP_REACH_NLRI (RFC 4760 §3) and MP_UNREACH_NLRI (§4).
std::size_t size_before_nlri(bgp::AttributeType type, Octets value) {
  constexpr std::size_t kFamily = 3;
  if (type == bgp::AttributeType::kMpUnreach) return std::min(kFamily, value.size());
  ByteReader in(value);
  in.bytes(kFamily);
  in.bytes(in.u8());
  in.u8();
  return in.ok() ? value.size() - in.remaining() : value.size();
}

bool strip_attributes(Octets octets, std::uint32_t path_id, ByteWriter& plain) {
  ByteReader in(octets);
  while (in.ok() && !in.at_end()) {
    const std::uint8_t flags = in.u8();
    const auto type = static_cast<bgp::AttributeType>(in.u8());
    const bool extended = (flags & bgp::kExtendedLengthFlag) != 0;
    const Octets value = in.bytes(extended ? in.u16() : in.u8());
    ByteWriter stripped;
    if (type == bgp::AttributeType::kMpReach || type == bgp::AttributeType::kMpUnreach) {
      const std::size_t before = size_before_nlri(type, value);
      stripped.bytes(value.first(before));
      if (!strip_nlri(value.subspan(before), path_id, stripped)) return false;
    } else {
      stripped.bytes(value);
    }
    plain.u8(flags);
    plain.u8(static_cast<std::uint8_t>(type));
    if (extended) plain.u8(static_cast<std::uint8_t>(stripped.size() >> 8U));
    plain.u8(static_cast<std::uint8_t>(stripped.size()));
    plain.bytes(stripped.view());
  }
  return in.ok();
}

bool strip_body(Octets body, std::uint32_t path_id, ByteWriter& plain) {
  ByteReader in(body);
  ByteWriter withdrawn;
  if (!strip_nlri(in.bytes(in.u16()), path_id, withdrawn)) return false;
  ByteWriter attributes;
  if (!strip_attributes(in.bytes(in.u16()), path_id, attributes)) return false;
  ByteWriter nlri;
  if (!in.ok() || !strip_nlri(in.bytes(in.remaining()), path_id, nlri)) return false;
  plain.u16(static_cast<std::uint16_t>(withdrawn.size()));
  plain.bytes(withdrawn.view());
  plain.u16(static_cast<std::uint16_t>(attributes.size()));
  plain.bytes(attributes.view());
  plain.bytes(nlri.view());
  return true;
}

// The messages as they would be without ADD-PATH, which Fabrix does not read.
std::optional<std::vector<std::byte>> without_path_ids(Octets messages, std::uint32_t path_id,
                                                       std::size_t max_message) {
  std::vector<std::byte> all;
  bgp::MessageSplitter splitter;
  splitter.set_max_size(max_message);
  while (!messages.empty()) {
    const auto message = splitter.next(messages);
    const bool is_update = message && *message && (*message)->type == bgp::MessageType::kUpdate;
    ByteWriter body;
    if (!is_update || !strip_body((*message)->body, path_id, body)) return std::nullopt;
    const auto plain = bgp::encode_message(bgp::MessageType::kUpdate, body.view());
    all.insert(all.end(), plain.begin(), plain.end());
  }
  return all;
}

bgp::UpdateMessage as_update(const Meaning& meaning) {
  bgp::UpdateMessage update;
  std::vector prefixes(meaning.prefixes.begin(), meaning.prefixes.end());
  if (meaning.attributes == nullptr) {
    update.withdrawn = std::move(prefixes);
    return update;
  }
  const net::Family family = prefixes.front().family();
  update.announced = {
      {.family = family, .next_hop = meaning.next_hop, .prefixes = std::move(prefixes)}};
  update.attributes = meaning.attributes;
  return update;
}

}  // namespace

bool says(Octets messages, const Meaning& meaning, const bgp::EncodeOptions& options) {
  if (meaning.prefixes.empty()) return messages.empty();
  if (!options.add_path) return bgp::says_exactly(messages, as_update(meaning), options);
  const auto plain = without_path_ids(messages, meaning.path_id, options.max_message);
  bgp::EncodeOptions plain_options = options;
  plain_options.add_path = false;
  return plain && bgp::says_exactly(*plain, as_update(meaning), plain_options);
}

bool EmissionCheck::passes(Octets messages, const Meaning& meaning,
                           const bgp::EncodeOptions& options) {
  ++counts_.checked;
  const bool passed = says(messages, meaning, options);
  FABRIX_ASSERT(passed || vigilance_ == Vigilance::kSamples);
  if (passed) return true;
  ++counts_.violations;
  counts_.last = meaning.prefixes.front();
  return false;
}

}  // namespace fabrix::routeserver
