// Match: what a flow entry requires of a packet, as OpenFlow eXtensible Match fields, and its
// translation from and to octets.
//
//   OpenFlow 1.3.5 §7.2.2, OpenFlow 1.4.1 §7.2.3   OXM, class 0x8000 (OpenFlow basic)
//   ONF EXT-109                                    TCP flags as an experimenter OXM
//   Open vSwitch, ovs-fields(7), class 0x0001      its first register, which actions can write
//
// Canonical: fields are sorted by OXM number and occur once, values have no bit outside their mask,
// masks have no bit outside the field, a field with an empty mask is absent. Hence two matches that
// mean the same compare equal, however they were written; in particular what was sent equals what
// the switch reports. The order also puts every field after its prerequisites, as §7.2.3.8 demands.
//
// Fields that this module does not know are carried along unread, so that a foreign flow entry can
// be deleted as exactly as it was reported.
//
// VLAN: kVlanVid is 13 bits, of which kVlanPresent says that there is a tag; value 0 is untagged.
//
// Values; any thread. decode_match() accepts arbitrary octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "openflow/wire.h"

namespace fabrix::openflow {

// Numbered as on the wire, but for the register.
enum class OxmField : std::uint8_t {
  kInPort = 0,
  kMetadata = 2,
  kEthDst = 3,
  kEthSrc = 4,
  kEthType = 5,
  kVlanVid = 6,
  kVlanPcp = 7,
  kIpDscp = 8,
  kIpProto = 10,
  kIpv4Src = 11,
  kIpv4Dst = 12,
  kTcpSrc = 13,
  kTcpDst = 14,
  kUdpSrc = 15,
  kUdpDst = 16,
  kSctpSrc = 17,
  kSctpDst = 18,
  kIcmpv4Type = 19,
  kIcmpv4Code = 20,
  kArpOp = 21,
  kArpSpa = 22,
  kArpTpa = 23,
  kArpSha = 24,
  kIpv6Src = 26,
  kIpv6Dst = 27,
  kIcmpv6Type = 29,
  kIcmpv6Code = 30,
  kIpv6NdTarget = 31,
  kTcpFlags = 42,
  kRegister0 = 64,  // Open vSwitch only; 0 until an action writes it
};

inline constexpr std::uint16_t kVlanPresent = 0x1000;

// All of them, in order.
std::span<const OxmField> all_oxm_fields();

// Bits that mean something: 13 for kVlanVid, 12 for kTcpFlags. Rounded up to octets on the wire.
unsigned width_of(OxmField field);

// As ovs-ofctl names it in OpenFlow 1.4: "eth_dst".
std::string_view name_of(OxmField field);

struct MatchField {
  OxmField field = OxmField::kInPort;
  U128 value;
  U128 mask;

  bool is_exact() const { return mask == U128::ones(width_of(field)); }

  friend bool operator==(const MatchField&, const MatchField&) = default;
};

// A field that this module does not know: its header without the length octet, and what follows.
struct OpaqueOxm {
  std::uint32_t header = 0;  // class (16), field (7), has-mask (1)
  std::vector<std::byte> body{};

  friend auto operator<=>(const OpaqueOxm&, const OpaqueOxm&) = default;
};

class Match {
 public:
  // Requires the field to be `value`. Replaces what was required of it before. Bits of `value` that
  // the field does not have are ignored.
  Match& set(OxmField field, U128 value);
  // Requires the bits of `mask` only. An empty mask requires nothing.
  Match& set(OxmField field, U128 value, U128 mask);
  // The body must fit the OXM length octet.
  Match& add_opaque(OpaqueOxm oxm);

  // Null if the match does not look at the field. Good until the match changes.
  const MatchField* find(OxmField field) const;
  std::span<const MatchField> fields() const { return fields_; }
  std::span<const OpaqueOxm> opaque() const { return opaque_; }
  bool empty() const { return fields_.empty() && opaque_.empty(); }

  friend bool operator==(const Match&, const Match&) = default;

 private:
  std::vector<MatchField> fields_;
  std::vector<OpaqueOxm> opaque_;
};

// One OXM: header, value and, unless all ones, mask. Also the operand of a set-field action.
void encode_oxm(const MatchField& field, WireWriter& out);
std::size_t encoded_size(const MatchField& field);
// struct ofp_match: header, fields, padding.
void encode_match(const Match& match, WireWriter& out);
std::size_t encoded_size(const Match& match);

// Reads struct ofp_match with its padding. None if malformed, or a field occurs twice.
// The reader has failed or stands after the padding.
std::optional<Match> decode_match(ByteReader& in);

// Reads one OXM; none if malformed. Exactly one of the two members is meant.
struct DecodedOxm {
  std::optional<MatchField> known{};  // as on the wire: mask may be empty
  OpaqueOxm opaque;
};
std::optional<DecodedOxm> decode_oxm(ByteReader& in);

}  // namespace fabrix::openflow
