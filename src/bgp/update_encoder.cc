#include "bgp/update_encoder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <vector>

#include "base/assert.h"
#include "base/byte_reader.h"
#include "bgp/message_header.h"
#include "bgp/nlri.h"

namespace fabrix::bgp {
namespace {

constexpr std::size_t kLengthFields = 4;        // of withdrawn routes and of attributes
constexpr std::size_t kMaxAttributeHeader = 4;  // with an extended length
constexpr std::size_t kMpUnreachFixed = 3;      // AFI, SAFI
constexpr std::size_t kMpReachFixed = 5;        // AFI, SAFI, length of the next hop, reserved
constexpr std::size_t kNextHopSize = 3 + 4;     // the attribute NEXT_HOP
constexpr std::size_t kPathIdSize = 4;          // RFC 7911 §3
constexpr std::size_t kMarkerSize = 16;         // before the length of a message
constexpr std::size_t kLengthOctet = 1;         // in front of a prefix

std::size_t octets_of(const net::Prefix& prefix) {
  return (prefix.length() + 7) / 8;
}

// Collects prefixes and hands them on in blocks: appending each to a ByteWriter would cost more
// than encoding it.
class NlriWriter {
 public:
  explicit NlriWriter(ByteWriter& out) : out_(out) {}

  void path_id(std::uint32_t id) {
    for (unsigned shift = 32; shift != 0; shift -= 8) {
      block_.at(used_++) = static_cast<std::byte>(id >> (shift - 8) & 0xffU);
    }
  }

  void prefix(const net::Prefix& prefix) {
    block_.at(used_) = static_cast<std::byte>(prefix.length());
    // All of the address, of which the octets that matter stay: a size that the compiler knows.
    const auto octets = prefix.address().octets();
    if (octets.size() == kIpv4Size) {
      std::memcpy(&block_.at(used_ + kLengthOctet), octets.data(), kIpv4Size);
    } else {
      std::memcpy(&block_.at(used_ + kLengthOctet), octets.data(), kIpv6Size);
    }
    used_ += kLengthOctet + octets_of(prefix);
    if (used_ + kLargest > kBlockSize) flush();
  }

  void flush() {
    out_.bytes(std::span(block_).first(used_));
    used_ = 0;
  }

 private:
  static constexpr std::size_t kIpv4Size = 4;
  static constexpr std::size_t kIpv6Size = 16;
  static constexpr std::size_t kLargest = kPathIdSize + kLengthOctet + kIpv6Size;
  static constexpr std::size_t kBlockSize = 512;

  ByteWriter& out_;
  std::size_t used_ = 0;  // at most kBlockSize - kLargest between two prefixes
  std::array<std::byte, kBlockSize> block_{};
};

// The largest that one route of `family` can be.
std::size_t max_route_size(net::Family family, const EncodeOptions& options) {
  return max_nlri_size(family) + (options.add_path ? kPathIdSize : 0);
}

// As many of the first routes as fit in `room`, and the octets they take.
struct Batch {
  NlriList routes;
  std::size_t size = 0;
};

Batch next_batch(const NlriList& routes, std::size_t room, const EncodeOptions& options) {
  const std::size_t fixed = kLengthOctet + (options.add_path ? kPathIdSize : 0);
  Batch batch;
  std::size_t count = 0;
  for (const net::Prefix& prefix : routes.prefixes) {
    const std::size_t size = fixed + octets_of(prefix);
    if (batch.size + size > room) break;
    batch.size += size;
    ++count;
  }
  FABRIX_ASSERT(count != 0);
  batch.routes.prefixes = routes.prefixes.first(count);
  batch.routes.path_ids = routes.path_ids.first(std::min(count, routes.path_ids.size()));
  return batch;
}

NlriList after(const NlriList& routes, const NlriList& done) {
  return {.prefixes = routes.prefixes.subspan(done.prefixes.size()),
          .path_ids = routes.path_ids.subspan(done.path_ids.size())};
}

void encode_batch(const Batch& batch, const EncodeOptions& options, ByteWriter& out) {
  const auto& [prefixes, path_ids] = batch.routes;
  NlriWriter writer(out);
  for (std::size_t at = 0; at < prefixes.size(); ++at) {
    FABRIX_ASSERT(prefixes[at].family() == prefixes.front().family());
    if (options.add_path) writer.path_id(path_ids.empty() ? 0 : path_ids[at]);
    writer.prefix(prefixes[at]);
  }
  writer.flush();
}

void family_fields(net::Family family, ByteWriter& out) {
  out.u16(static_cast<std::uint16_t>(family));
  out.u8(static_cast<std::uint8_t>(Safi::kUnicast));
}

// Where NEXT_HOP belongs: after ORIGIN and AS_PATH, with which every block begins.
std::size_t next_hop_position(std::span<const std::byte> block) {
  ByteReader in(block);
  for (const AttributeType type : {AttributeType::kOrigin, AttributeType::kAsPath}) {
    const bool extended = (in.u8() & kExtendedLengthFlag) != 0;
    FABRIX_ASSERT(in.u8() == static_cast<std::uint8_t>(type));
    in.bytes(extended ? in.u16() : in.u8());
  }
  FABRIX_ASSERT(in.ok());
  return block.size() - in.remaining();
}

// Of the first of some messages.
std::size_t message_size(std::span<const std::byte> messages) {
  ByteReader in(messages.subspan(kMarkerSize));
  return in.u16();
}

// What all messages of an announcement share.
struct Announcer {
  std::span<const std::byte> block;
  const net::IpAddress& next_hop;
  net::Family family;
  const EncodeOptions& options;

  bool classic() const { return next_hop.family() == net::Family::kIpv4; }

  // What a message needs beside routes.
  std::size_t overhead() const {
    const std::size_t reach = kMaxAttributeHeader + kMpReachFixed + next_hop.octets().size();
    return kHeaderSize + kLengthFields + block.size() + (classic() ? kNextHopSize : reach);
  }

  void write(const Batch& batch, ByteWriter& out) const {
    if (classic()) {
      write_classic(batch, out);
    } else {
      write_multiprotocol(batch, out);
    }
  }

  void write_classic(const Batch& batch, ByteWriter& out) const {
    const std::size_t all = block.size() + kNextHopSize;
    const std::size_t position = next_hop_position(block);
    encode_header(MessageType::kUpdate, kLengthFields + all + batch.size, out);
    out.u16(0);
    out.u16(static_cast<std::uint16_t>(all));
    out.bytes(block.first(position));
    encode_attribute_header(kTransitiveFlag, AttributeType::kNextHop, next_hop.octets().size(),
                            out);
    out.bytes(std::as_bytes(next_hop.octets()));
    out.bytes(block.subspan(position));
    encode_batch(batch, options, out);
  }

  // RFC 7606 §5.1 puts MP_REACH_NLRI in front of all other attributes.
  void write_multiprotocol(const Batch& batch, ByteWriter& out) const {
    const std::size_t value_size = kMpReachFixed + next_hop.octets().size() + batch.size;
    const std::size_t all = encoded_attribute_size(value_size) + block.size();
    encode_header(MessageType::kUpdate, kLengthFields + all, out);
    out.u16(0);
    out.u16(static_cast<std::uint16_t>(all));
    encode_attribute_header(kOptionalFlag, AttributeType::kMpReach, value_size, out);
    family_fields(family, out);
    out.u8(static_cast<std::uint8_t>(next_hop.octets().size()));
    out.bytes(std::as_bytes(next_hop.octets()));
    out.u8(0);
    encode_batch(batch, options, out);
    out.bytes(block);
  }
};

void withdraw_ipv4(const Batch& batch, const EncodeOptions& options, ByteWriter& out) {
  encode_header(MessageType::kUpdate, kLengthFields + batch.size, out);
  out.u16(static_cast<std::uint16_t>(batch.size));
  encode_batch(batch, options, out);
  out.u16(0);
}

void withdraw_ipv6(const Batch& batch, const EncodeOptions& options, ByteWriter& out) {
  const std::size_t value_size = kMpUnreachFixed + batch.size;
  const std::size_t all = encoded_attribute_size(value_size);
  encode_header(MessageType::kUpdate, kLengthFields + all, out);
  out.u16(0);
  out.u16(static_cast<std::uint16_t>(all));
  encode_attribute_header(kOptionalFlag, AttributeType::kMpUnreach, value_size, out);
  family_fields(net::Family::kIpv6, out);
  encode_batch(batch, options, out);
}

}  // namespace

Result<void, EncodeError> pack_announcement(std::span<const std::byte> attribute_block,
                                            const net::IpAddress& next_hop, const NlriList& routes,
                                            const EncodeOptions& options, ByteWriter& out) {
  if (routes.prefixes.empty()) return {};
  FABRIX_ASSERT(routes.path_ids.empty() || routes.path_ids.size() == routes.prefixes.size());
  const net::Family family = routes.prefixes.front().family();
  if (family != next_hop.family()) {
    FABRIX_ASSERT(family == net::Family::kIpv4);
    if (!options.ipv4_over_ipv6_next_hop) return fail(EncodeError::kNextHopNotSayable);
  }
  const Announcer announcer{
      .block = attribute_block, .next_hop = next_hop, .family = family, .options = options};
  const std::size_t overhead = announcer.overhead();
  if (overhead + max_route_size(family, options) > options.max_message) {
    return fail(EncodeError::kAttributesTooLarge);
  }
  for (NlriList rest = routes; !rest.prefixes.empty();) {
    const Batch batch = next_batch(rest, options.max_message - overhead, options);
    announcer.write(batch, out);
    rest = after(rest, batch.routes);
  }
  return {};
}

void copy_announcement(std::span<const std::byte> messages,
                       std::span<const std::byte> attribute_block, const net::IpAddress& next_hop,
                       ByteWriter& out) {
  const bool classic = next_hop.family() == net::Family::kIpv4;
  // NEXT_HOP, or MP_REACH_NLRI.
  const std::size_t attribute =
      kHeaderSize + kLengthFields + (classic ? next_hop_position(attribute_block) : 0);
  std::size_t begin = out.size();
  out.bytes(messages);
  while (!messages.empty()) {
    const auto message = messages.first(message_size(messages));
    const bool extended =
        (std::to_integer<unsigned>(message[attribute]) & kExtendedLengthFlag) != 0;
    const std::size_t value = attribute + kMaxAttributeHeader - (extended ? 0 : 1);
    const std::size_t at = classic ? value : value + kMpReachFixed - 1;
    out.overwrite(begin + at, std::as_bytes(next_hop.octets()));
    begin += message.size();
    messages = messages.subspan(message.size());
  }
}

Result<void, EncodeError> encode_announcement(const PathAttributes& attributes,
                                              const net::IpAddress& next_hop,
                                              const NlriList& routes, const EncodeOptions& options,
                                              ByteWriter& out) {
  ByteWriter block;
  encode_attributes(attributes, {.asn_width = options.asn_width}, block);
  return pack_announcement(block.view(), next_hop, routes, options, out);
}

Result<void, EncodeError> encode_announcement(const PathAttributes& attributes,
                                              const net::IpAddress& next_hop,
                                              std::span<const net::Prefix> prefixes,
                                              AsnWidth asn_width, ByteWriter& out) {
  return encode_announcement(attributes, next_hop, NlriList{.prefixes = prefixes},
                             EncodeOptions{.asn_width = asn_width}, out);
}

void encode_withdrawal(net::Family family, const NlriList& routes, const EncodeOptions& options,
                       ByteWriter& out) {
  FABRIX_ASSERT(routes.path_ids.empty() || routes.path_ids.size() == routes.prefixes.size());
  const bool ipv4 = family == net::Family::kIpv4;
  const std::size_t overhead =
      kHeaderSize + kLengthFields + (ipv4 ? 0 : kMaxAttributeHeader + kMpUnreachFixed);
  for (NlriList rest = routes; !rest.prefixes.empty();) {
    const Batch batch = next_batch(rest, options.max_message - overhead, options);
    FABRIX_ASSERT(batch.routes.prefixes.front().family() == family);
    if (ipv4) {
      withdraw_ipv4(batch, options, out);
    } else {
      withdraw_ipv6(batch, options, out);
    }
    rest = after(rest, batch.routes);
  }
}

void encode_withdrawal(net::Family family, std::span<const net::Prefix> prefixes, ByteWriter& out) {
  encode_withdrawal(family, NlriList{.prefixes = prefixes}, EncodeOptions{}, out);
}

Result<void, EncodeError> encode_update(const UpdateMessage& update, const EncodeOptions& options,
                                        ByteWriter& out) {
  ByteWriter messages;
  for (const net::Family family : {net::Family::kIpv4, net::Family::kIpv6}) {
    std::vector<net::Prefix> withdrawn;
    std::ranges::copy_if(update.withdrawn, std::back_inserter(withdrawn),
                         [family](const net::Prefix& prefix) { return prefix.family() == family; });
    encode_withdrawal(family, NlriList{.prefixes = withdrawn}, options, messages);
  }
  for (const Announcement& announcement : update.announced) {
    const auto encoded =
        encode_announcement(*update.attributes, announcement.next_hop,
                            NlriList{.prefixes = announcement.prefixes}, options, messages);
    if (!encoded) return fail(encoded.error());
  }
  out.bytes(messages.view());
  return {};
}

Result<void, EncodeError> encode_update(const UpdateMessage& update, AsnWidth asn_width,
                                        ByteWriter& out) {
  return encode_update(update, EncodeOptions{.asn_width = asn_width}, out);
}

void encode_end_of_rib(net::Family family, ByteWriter& out) {
  if (family == net::Family::kIpv4) {
    withdraw_ipv4({}, {}, out);
  } else {
    withdraw_ipv6({}, {}, out);
  }
}

}  // namespace fabrix::bgp
