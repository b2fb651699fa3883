#include "openflow/match.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace fabrix::openflow {
namespace {

constexpr std::uint16_t kMatchTypeOxm = 1;
constexpr std::uint16_t kClassNicira1 = 0x0001;
constexpr std::uint16_t kClassBasic = 0x8000;
constexpr std::uint16_t kClassExperimenter = 0xffff;
constexpr std::uint32_t kOnfExperimenter = 0x4f4e4600;
constexpr std::uint8_t kRegister0Number = 0;  // NXM_NX_REG0
constexpr std::size_t kMatchHeaderSize = 4;
constexpr std::size_t kOxmHeaderSize = 4;

struct FieldInfo {
  OxmField field;
  std::uint8_t bits;
  std::string_view name;
};

constexpr std::array kFields{
    FieldInfo{OxmField::kInPort, 32, "in_port"},
    FieldInfo{OxmField::kMetadata, 64, "metadata"},
    FieldInfo{OxmField::kEthDst, 48, "eth_dst"},
    FieldInfo{OxmField::kEthSrc, 48, "eth_src"},
    FieldInfo{OxmField::kEthType, 16, "eth_type"},
    FieldInfo{OxmField::kVlanVid, 13, "vlan_vid"},
    FieldInfo{OxmField::kVlanPcp, 3, "vlan_pcp"},
    FieldInfo{OxmField::kIpDscp, 6, "ip_dscp"},
    FieldInfo{OxmField::kIpProto, 8, "ip_proto"},
    FieldInfo{OxmField::kIpv4Src, 32, "ipv4_src"},
    FieldInfo{OxmField::kIpv4Dst, 32, "ipv4_dst"},
    FieldInfo{OxmField::kTcpSrc, 16, "tcp_src"},
    FieldInfo{OxmField::kTcpDst, 16, "tcp_dst"},
    FieldInfo{OxmField::kUdpSrc, 16, "udp_src"},
    FieldInfo{OxmField::kUdpDst, 16, "udp_dst"},
    FieldInfo{OxmField::kSctpSrc, 16, "sctp_src"},
    FieldInfo{OxmField::kSctpDst, 16, "sctp_dst"},
    FieldInfo{OxmField::kIcmpv4Type, 8, "icmpv4_type"},
    FieldInfo{OxmField::kIcmpv4Code, 8, "icmpv4_code"},
    FieldInfo{OxmField::kArpOp, 16, "arp_op"},
    FieldInfo{OxmField::kArpSpa, 32, "arp_spa"},
    FieldInfo{OxmField::kArpTpa, 32, "arp_tpa"},
    FieldInfo{OxmField::kArpSha, 48, "arp_sha"},
    FieldInfo{OxmField::kIpv6Src, 128, "ipv6_src"},
    FieldInfo{OxmField::kIpv6Dst, 128, "ipv6_dst"},
    FieldInfo{OxmField::kIcmpv6Type, 8, "icmpv6_type"},
    FieldInfo{OxmField::kIcmpv6Code, 8, "icmpv6_code"},
    FieldInfo{OxmField::kIpv6NdTarget, 128, "ipv6_nd_target"},
    FieldInfo{OxmField::kTcpFlags, 12, "tcp_flags"},
    FieldInfo{OxmField::kRegister0, 32, "reg0"},
};

constexpr std::size_t kMaxField = 64;
constexpr std::uint8_t kUnknown = 0xff;

// Field number -> index into kFields, or kUnknown.
constexpr auto kIndexOf = [] {
  std::array<std::uint8_t, kMaxField + 1> index{};
  for (auto& entry : index) entry = kUnknown;
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    index[static_cast<std::size_t>(kFields[i].field)] = static_cast<std::uint8_t>(i);
  }
  return index;
}();

const FieldInfo* info_of(std::size_t number) {
  if (number > kMaxField || kIndexOf[number] == kUnknown) return nullptr;
  return &kFields[kIndexOf[number]];
}

const FieldInfo& info_of(OxmField field) {
  const FieldInfo* info = info_of(static_cast<std::size_t>(field));
  FABRIX_ASSERT(info != nullptr);
  return *info;
}

std::size_t octets_of(OxmField field) {
  return (info_of(field).bits + std::size_t{7}) / 8;
}

// The field that class, number and experimenter name, if we know it.
const FieldInfo* known_field(std::uint16_t oxm_class, std::uint8_t number, ByteReader body) {
  const bool is_tcp_flags = number == static_cast<std::uint8_t>(OxmField::kTcpFlags);
  // The basic TCP flags field is of OpenFlow 1.5; 1.3 and 1.4 have it from the ONF (EXT-109).
  if (oxm_class == kClassNicira1) {
    return number == kRegister0Number ? &info_of(OxmField::kRegister0) : nullptr;
  }
  const bool is_basic = !is_tcp_flags && number != static_cast<std::uint8_t>(OxmField::kRegister0);
  if (oxm_class == kClassBasic) return is_basic ? info_of(std::size_t{number}) : nullptr;
  const bool onf = oxm_class == kClassExperimenter && body.u32() == kOnfExperimenter;
  return onf && is_tcp_flags ? info_of(std::size_t{number}) : nullptr;
}

struct OxmHeader {
  std::uint16_t oxm_class = kClassBasic;
  unsigned number = 0;
};

OxmHeader header_of(OxmField field) {
  if (field == OxmField::kRegister0) return {kClassNicira1, kRegister0Number};
  const auto oxm_class = field == OxmField::kTcpFlags ? kClassExperimenter : kClassBasic;
  return {oxm_class, static_cast<unsigned>(field)};
}

std::size_t padding_after(std::size_t size) {
  return (8 - size % 8) % 8;
}

}  // namespace

std::span<const OxmField> all_oxm_fields() {
  static constexpr auto kAll = [] {
    std::array<OxmField, kFields.size()> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = kFields[i].field;
    return all;
  }();
  return kAll;
}

unsigned width_of(OxmField field) {
  return info_of(field).bits;
}

std::string_view name_of(OxmField field) {
  return info_of(field).name;
}

std::size_t encoded_size(const MatchField& field) {
  const std::size_t experimenter = field.field == OxmField::kTcpFlags ? 4 : 0;
  return kOxmHeaderSize + experimenter + octets_of(field.field) * (field.is_exact() ? 1 : 2);
}

Match& Match::set(OxmField field, U128 value) {
  return set(field, value, U128::ones(width_of(field)));
}

Match& Match::set(OxmField field, U128 value, U128 mask) {
  const U128 bits = mask & U128::ones(width_of(field));
  constexpr std::size_t kUsual = 6;  // fields of a flow entry
  if (fields_.capacity() == 0) fields_.reserve(kUsual);
  const auto at = std::ranges::lower_bound(fields_, field, {}, &MatchField::field);
  const bool present = at != fields_.end() && at->field == field;
  if (bits == U128{}) {
    if (present) fields_.erase(at);
    return *this;
  }
  const MatchField wanted{.field = field, .value = value & bits, .mask = bits};
  if (present) {
    *at = wanted;
  } else {
    fields_.insert(at, wanted);
  }
  return *this;
}

Match& Match::add_opaque(OpaqueOxm oxm) {
  FABRIX_ASSERT(oxm.body.size() <= 0xff);
  opaque_.insert(std::ranges::upper_bound(opaque_, oxm), std::move(oxm));
  return *this;
}

const MatchField* Match::find(OxmField field) const {
  const auto at = std::ranges::lower_bound(fields_, field, {}, &MatchField::field);
  return at != fields_.end() && at->field == field ? &*at : nullptr;
}

void encode_oxm(const MatchField& field, WireWriter& out) {
  const bool experimenter = field.field == OxmField::kTcpFlags;
  const std::size_t octets = octets_of(field.field);
  const unsigned has_mask = field.is_exact() ? 0 : 1;
  const auto [oxm_class, number] = header_of(field.field);
  out.u16(oxm_class);
  out.u8(static_cast<std::uint8_t>(number << 1U | has_mask));
  out.u8(static_cast<std::uint8_t>(encoded_size(field) - kOxmHeaderSize));
  if (experimenter) out.u32(kOnfExperimenter);
  out.number(field.value, octets);
  if (has_mask != 0) out.number(field.mask, octets);
}

void encode_match(const Match& match, WireWriter& out) {
  const std::size_t start = out.size();
  out.u16(kMatchTypeOxm);
  out.u16(0);
  for (const MatchField& field : match.fields()) encode_oxm(field, out);
  for (const OpaqueOxm& oxm : match.opaque()) {
    out.u16(static_cast<std::uint16_t>(oxm.header >> 8U));
    out.u8(static_cast<std::uint8_t>(oxm.header));
    out.u8(static_cast<std::uint8_t>(oxm.body.size()));
    out.bytes(oxm.body);
  }
  out.patch_u16(start + 2, out.size() - start);  // The length excludes the padding.
  out.pad_from(start);
}

std::size_t encoded_size(const Match& match) {
  std::size_t size = kMatchHeaderSize;
  for (const MatchField& field : match.fields()) size += encoded_size(field);
  for (const OpaqueOxm& oxm : match.opaque()) size += kOxmHeaderSize + oxm.body.size();
  return size + padding_after(size);
}

std::optional<DecodedOxm> decode_oxm(ByteReader& in) {
  const std::uint16_t oxm_class = in.u16();
  const std::uint8_t number_and_mask = in.u8();
  const std::size_t length = in.u8();
  ByteReader body = in.sub_reader(length);
  if (!in.ok()) return std::nullopt;

  const bool has_mask = (number_and_mask & 1U) != 0;
  const auto number = static_cast<std::uint8_t>(number_and_mask >> 1U);
  DecodedOxm decoded;
  const FieldInfo* info = known_field(oxm_class, number, body);
  if (info == nullptr) {
    decoded.opaque = {.header = std::uint32_t{oxm_class} << 8U | number_and_mask,
                      .body = read_rest(body)};
    return decoded;
  }
  if (oxm_class == kClassExperimenter) skip(body, 4);
  const U128 all = U128::ones(info->bits);
  const std::size_t octets = octets_of(info->field);
  const U128 value = read_number(body, octets);
  // Switches may write bits that the field does not have; they mean nothing.
  const U128 mask = has_mask ? read_number(body, octets) & all : all;
  if (!body.ok() || !body.at_end()) return std::nullopt;
  decoded.known = MatchField{.field = info->field, .value = value & mask, .mask = mask};
  return decoded;
}

std::optional<Match> decode_match(ByteReader& in) {
  const std::uint16_t type = in.u16();
  const std::size_t length = in.u16();
  if (!in.ok() || type != kMatchTypeOxm || length < kMatchHeaderSize) return std::nullopt;
  ByteReader fields = in.sub_reader(length - kMatchHeaderSize);
  skip(in, padding_after(length));
  if (!in.ok()) return std::nullopt;

  Match match;
  while (!fields.at_end()) {
    auto oxm = decode_oxm(fields);
    if (!oxm) return std::nullopt;
    if (!oxm->known) {
      match.add_opaque(std::move(oxm->opaque));
      continue;
    }
    if (match.find(oxm->known->field) != nullptr) return std::nullopt;
    match.set(oxm->known->field, oxm->known->value, oxm->known->mask);
  }
  return match;
}

}  // namespace fabrix::openflow
