#include "bgp/flowspec_update.h"

#include <algorithm>
#include <iterator>

#include "base/assert.h"
#include "bgp/capability.h"
#include "bgp/flowspec_nlri.h"
#include "bgp/message_header.h"

namespace fabrix::bgp {
namespace {

using Octets = std::span<const std::byte>;
using Rules = std::span<const FlowSpecRule>;

constexpr std::uint8_t kOptionalExtended = 0x90;  // flags: optional, with a length of two octets
constexpr std::size_t kAttributeHeader = 4;
constexpr std::size_t kLengthFields = 4;  // of withdrawn routes and of attributes
constexpr std::size_t kReachFixed = 5;    // AFI, SAFI, length of the next hop, reserved
constexpr std::size_t kUnreachFixed = 3;  // AFI, SAFI
constexpr std::size_t kMessageFixed = kHeaderSize + kLengthFields + kAttributeHeader;

// A kind of message: announcements and withdrawals differ in these.
struct Form {
  AttributeType type = AttributeType::kMpReach;
  std::size_t fixed = kReachFixed;
  Octets attributes;
  Octets next_hop;
};

void append_message(const Form& form, net::Family family, Octets nlri, ByteWriter& out) {
  const std::size_t value = form.fixed + nlri.size();
  const std::size_t all = kAttributeHeader + value + form.attributes.size();
  encode_header(MessageType::kUpdate, kLengthFields + all, out);
  out.u16(0);
  out.u16(static_cast<std::uint16_t>(all));
  out.u8(kOptionalExtended);
  out.u8(static_cast<std::uint8_t>(form.type));
  out.u16(static_cast<std::uint16_t>(value));
  out.u16(static_cast<std::uint16_t>(family));
  out.u8(static_cast<std::uint8_t>(Safi::kFlowSpec));
  if (form.type == AttributeType::kMpReach) {
    out.u8(static_cast<std::uint8_t>(form.next_hop.size()));
    out.bytes(form.next_hop);
    out.u8(0);  // reserved
  }
  out.bytes(nlri);
  out.bytes(form.attributes);
}

// As many messages as the rules need. Each rule must fit in `room`.
void encode_messages(const Form& form, Rules rules, std::size_t room, ByteWriter& out) {
  ByteWriter nlri;
  for (const FlowSpecRule& rule : rules) {
    FABRIX_ASSERT(rule.family() == rules.front().family());
    if (nlri.size() + flowspec_nlri_size(rule) > room) {
      append_message(form, rule.family(), nlri.take(), out);
    }
    encode_flowspec_nlri(rule, nlri);
  }
  if (nlri.size() != 0) append_message(form, rules.front().family(), nlri.view(), out);
}

// What `max_message_size` leaves for rules.
std::size_t room_for(const Form& form, std::size_t max_message_size) {
  const std::size_t taken = kMessageFixed + form.fixed + form.attributes.size();
  return taken < max_message_size ? max_message_size - taken : 0;
}

}  // namespace

Result<void, EncodeError> encode_flowspec_announcement(net::Family family, Rules rules,
                                                       const FlowSpecPath& path,
                                                       std::size_t max_message_size,
                                                       ByteWriter& out) {
  const Octets next_hop = path.next_hop ? std::as_bytes(path.next_hop->octets()) : Octets();
  const Form form{.type = AttributeType::kMpReach,
                  .fixed = kReachFixed + next_hop.size(),
                  .attributes = path.attributes,
                  .next_hop = next_hop};
  const std::size_t room = room_for(form, max_message_size);
  for (const FlowSpecRule& rule : rules) {
    FABRIX_ASSERT(rule.family() == family);
    if (flowspec_nlri_size(rule) > room) return fail(EncodeError::kAttributesTooLarge);
  }
  encode_messages(form, rules, room, out);
  return {};
}

void encode_flowspec_withdrawal(net::Family family, Rules rules, std::size_t max_message_size,
                                ByteWriter& out) {
  const Form form{
      .type = AttributeType::kMpUnreach, .fixed = kUnreachFixed, .attributes = {}, .next_hop = {}};
  const std::size_t room = room_for(form, max_message_size);
  std::vector<FlowSpecRule> fitting;
  std::ranges::copy_if(rules, std::back_inserter(fitting), [&](const FlowSpecRule& rule) {
    FABRIX_ASSERT(rule.family() == family);
    return flowspec_nlri_size(rule) <= room;
  });
  encode_messages(form, fitting, room, out);
}

void encode_flowspec_end_of_rib(net::Family family, ByteWriter& out) {
  const Form form{
      .type = AttributeType::kMpUnreach, .fixed = kUnreachFixed, .attributes = {}, .next_hop = {}};
  append_message(form, family, {}, out);
}

}  // namespace fabrix::bgp
