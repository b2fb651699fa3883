// TableFeatures: what a table of a switch can do, as the switch says (multipart 12).
//
//   OpenFlow 1.3.5 §7.3.5.5, OpenFlow 1.4.1 §7.3.5.6; the same octets in both
//
// A property that the switch does not give is not known, and so is what this module does not know:
// it is neither sent nor kept. Properties of table misses are not read, since Fabrix has no such
// flow entries of its own kind.
//
// Values; any thread. The decoder accepts arbitrary octets.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "base/byte_reader.h"
#include "openflow/match.h"
#include "openflow/wire.h"

namespace fabrix::openflow {

// Instructions, by type (§7.2.4).
inline constexpr std::uint16_t kGotoTableInstruction = 1;
inline constexpr std::uint16_t kWriteMetadataInstruction = 2;
inline constexpr std::uint16_t kApplyActionsInstruction = 4;
inline constexpr std::uint16_t kMeterInstruction = 6;

struct TableFeatures {
  std::uint8_t table_id = 0;
  std::string name{};  // at most 31 octets, no NUL
  std::uint32_t max_entries = 0;
  std::optional<std::set<std::uint16_t>> instructions{};
  std::optional<std::set<std::uint8_t>> next_tables{};
  std::optional<std::set<OxmField>> matches{};
  std::optional<std::set<OxmField>> sets{};  // by an action that is applied at once

  friend bool operator==(const TableFeatures&, const TableFeatures&) = default;
};

void encode_table_features(const TableFeatures& table, WireWriter& out);
// Reads one table, leaving the reader after it; none if malformed, or a property comes twice.
std::optional<TableFeatures> decode_table_features(ByteReader& in);

}  // namespace fabrix::openflow
