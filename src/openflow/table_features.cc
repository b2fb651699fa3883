#include "openflow/table_features.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace fabrix::openflow {
namespace {

constexpr std::size_t kFixedSize = 64;
constexpr std::size_t kNameSize = 32;
constexpr std::size_t kPropertyHeader = 4;
constexpr std::uint16_t kInstructions = 0;
constexpr std::uint16_t kNextTables = 2;
constexpr std::uint16_t kMatch = 8;
constexpr std::uint16_t kApplySetField = 14;
constexpr std::uint16_t kBasicClass = 0x8000;
constexpr std::uint16_t kExperimenterClass = 0xffff;

// Instruction ids: type, length, and more of an experimenter's.
bool read_instructions(ByteReader in, TableFeatures& table) {
  if (table.instructions) return false;
  table.instructions.emplace();
  while (!in.at_end()) {
    const std::uint16_t type = in.u16();
    const std::size_t length = in.u16();
    if (!in.ok() || length < kPropertyHeader) return false;
    skip(in, length - kPropertyHeader);
    if (!in.ok()) return false;
    table.instructions->insert(type);
  }
  return true;
}

bool read_next_tables(ByteReader in, TableFeatures& table) {
  if (table.next_tables) return false;
  table.next_tables.emplace();
  while (!in.at_end()) table.next_tables->insert(in.u8());
  return in.ok();
}

// OXM ids: headers, and the experimenter of an experimenter's.
bool read_fields(ByteReader in, std::optional<std::set<OxmField>>& fields) {
  if (fields) return false;
  fields.emplace();
  while (!in.at_end()) {
    const std::uint16_t oxm_class = in.u16();
    const unsigned number = in.u8() >> 1U;
    skip(in, oxm_class == kExperimenterClass ? 5 : 1);
    if (!in.ok()) return false;
    if (oxm_class != kBasicClass) continue;
    for (const OxmField field : all_oxm_fields()) {
      if (static_cast<unsigned>(field) == number) fields->insert(field);
    }
  }
  return true;
}

bool read_property(std::uint16_t type, ByteReader in, TableFeatures& table) {
  switch (type) {
    case kInstructions:
      return read_instructions(in, table);
    case kNextTables:
      return read_next_tables(in, table);
    case kMatch:
      return read_fields(in, table.matches);
    case kApplySetField:
      return read_fields(in, table.sets);
    default:
      return true;
  }
}

template <class Write>
void write_property(std::uint16_t type, WireWriter& out, const Write& write) {
  const std::size_t start = out.size();
  out.u16(type);
  out.u16(0);
  write();
  const std::size_t length = out.size() - start;
  out.patch_u16(start + 2, length);
  out.zeros((8 - length % 8) % 8);
}

void write_instructions(const std::set<std::uint16_t>& types, WireWriter& out) {
  write_property(kInstructions, out, [&] {
    for (const std::uint16_t type : types) {
      out.u16(type);
      out.u16(kPropertyHeader);
    }
  });
}

void write_next_tables(const std::set<std::uint8_t>& tables, WireWriter& out) {
  write_property(kNextTables, out, [&] {
    for (const std::uint8_t next : tables) out.u8(next);
  });
}

void write_fields(std::uint16_t type, const std::set<OxmField>& fields, WireWriter& out) {
  write_property(type, out, [&] {
    for (const OxmField field : fields) {
      out.u16(kBasicClass);
      out.u8(static_cast<std::uint8_t>(static_cast<unsigned>(field) << 1U));
      out.u8(static_cast<std::uint8_t>((width_of(field) + 7) / 8));
    }
  });
}

}  // namespace

void encode_table_features(const TableFeatures& table, WireWriter& out) {
  const std::size_t start = out.size();
  out.u16(0);
  out.u8(table.table_id);
  out.zeros(5);
  std::string name = table.name;
  name.resize(kNameSize);
  for (const char c : name) out.u8(static_cast<std::uint8_t>(c));
  out.zeros(8 + 8 + 4);  // metadata that can be matched, written; configuration
  out.u32(table.max_entries);
  if (table.instructions) write_instructions(*table.instructions, out);
  if (table.next_tables) write_next_tables(*table.next_tables, out);
  if (table.matches) write_fields(kMatch, *table.matches, out);
  if (table.sets) write_fields(kApplySetField, *table.sets, out);
  out.patch_u16(start, out.size() - start);
}

std::optional<TableFeatures> decode_table_features(ByteReader& in) {
  const std::size_t length = in.u16();
  if (!in.ok() || length < kFixedSize) return std::nullopt;
  ByteReader entry = in.sub_reader(length - 2);
  TableFeatures table;
  table.table_id = entry.u8();
  skip(entry, 5);
  const auto name = entry.bytes(kNameSize);
  for (const std::byte octet : name.first(std::min(name.size(), kNameSize - 1))) {
    if (octet == std::byte{0}) break;
    table.name.push_back(std::to_integer<char>(octet));
  }
  skip(entry, 8 + 8 + 4);
  table.max_entries = entry.u32();
  if (!in.ok() || !entry.ok()) return std::nullopt;
  while (!entry.at_end()) {
    const std::uint16_t type = entry.u16();
    const std::size_t size = entry.u16();
    if (!entry.ok() || size < kPropertyHeader) return std::nullopt;
    const ByteReader body = entry.sub_reader(size - kPropertyHeader);
    skip(entry, (8 - size % 8) % 8);
    if (!entry.ok() || !read_property(type, body, table)) return std::nullopt;
  }
  return table;
}

}  // namespace fabrix::openflow
