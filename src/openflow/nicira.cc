#include "openflow/nicira.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <span>

#include "base/assert.h"
#include "openflow/wire.h"

namespace fabrix::openflow {
namespace {

constexpr std::uint16_t kExperimenter = 0xffff;
constexpr std::uint32_t kVendor = 0x00002320;
constexpr std::uint16_t kRegLoad = 7;
constexpr std::uint16_t kMultipath = 10;
constexpr std::uint16_t kResubmitTable = 14;
constexpr std::uint16_t kClone = 42;
constexpr std::uint32_t kMetadataHeader = 0x80000408;   // OXM_OF_METADATA, 8 octets
constexpr std::uint32_t kRegister0Header = 0x00010004;  // NXM_NX_REG0, 4 octets
// In the body of a copy: the bits of the metadata, their header and value; the table.
constexpr std::size_t kCopyMetadata = 22;
constexpr std::size_t kCopyTable = 48;
constexpr std::uint16_t kModulo = 0;         // NX_MP_ALG_MODULO_N
constexpr std::uint16_t kSamePort = 0xfff8;  // OFPP_IN_PORT in 16 bits

std::uint16_t bits_at(unsigned offset, unsigned bits) {
  return static_cast<std::uint16_t>(offset << 6U | (bits - 1));
}

void begin(std::uint16_t length, std::uint16_t subtype, WireWriter& out) {
  out.u16(kExperimenter);
  out.u16(length);
  out.u32(kVendor);
  out.u16(subtype);
}

void load_metadata(std::uint64_t value, std::uint64_t mask, WireWriter& out) {
  const auto offset = static_cast<unsigned>(std::countr_zero(mask));
  const auto bits = static_cast<unsigned>(std::popcount(mask));
  FABRIX_ASSERT(mask != 0 && ((mask >> offset) & ((mask >> offset) + 1)) == 0);
  begin(24, kRegLoad, out);
  out.u16(bits_at(offset, bits));
  out.u32(kMetadataHeader);
  out.u64((value & mask) >> offset);
}

void resubmit(std::uint8_t table, WireWriter& out) {
  begin(16, kResubmitTable, out);
  out.u16(kSamePort);
  out.u8(table);
  out.zeros(3);
}

}  // namespace

OpaqueAction copy_to_table(std::uint64_t value, std::uint64_t mask, std::uint8_t table) {
  WireWriter out;  // what follows type and length
  out.u32(kVendor);
  out.u16(kClone);
  out.zeros(6);
  load_metadata(value, mask, out);
  resubmit(table, out);
  return {.type = kExperimenter, .body = out.take()};
}

// A copy's octets are the same but for those of the metadata and the table.
std::optional<std::uint8_t> table_of_copy(const OpaqueAction& action) {
  const OpaqueAction any = copy_to_table(0, 1, 0);
  if (action.type != any.type || action.body.size() != any.body.size()) return std::nullopt;
  const auto same = [&action, &any](std::size_t from, std::size_t to) {
    const std::span<const std::byte> octets(action.body);
    return std::ranges::equal(octets.subspan(from, to - from),
                              std::span<const std::byte>(any.body).subspan(from, to - from));
  };
  const bool is_copy = same(0, kCopyMetadata) && same(kCopyMetadata + 2, kCopyMetadata + 6) &&
                       same(kCopyMetadata + 14, kCopyTable) &&
                       same(kCopyTable + 1, any.body.size());
  if (!is_copy) return std::nullopt;
  return std::to_integer<std::uint8_t>(action.body[kCopyTable]);
}

void redirect_copy(OpaqueAction& copy, std::uint8_t table) {
  FABRIX_ASSERT(table_of_copy(copy).has_value());
  copy.body[kCopyTable] = std::byte{table};
}

OpaqueAction hash_to_register(HashFields fields, unsigned offset, unsigned bits) {
  FABRIX_ASSERT(bits >= 1 && bits <= 16 && offset + bits <= 32);
  WireWriter out;  // what follows type and length
  out.u32(kVendor);
  out.u16(kMultipath);
  out.u16(static_cast<std::uint16_t>(fields));
  out.zeros(4);  // basis
  out.u16(kModulo);
  out.u16(static_cast<std::uint16_t>((1U << bits) - 1));  // the last link
  out.zeros(6);                                           // argument
  out.u16(bits_at(offset, bits));
  out.u32(kRegister0Header);
  return {.type = kExperimenter, .body = out.take()};
}

}  // namespace fabrix::openflow
