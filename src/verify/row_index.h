// RowIndex: the rows of a Program by what most of them test exactly, so that a question looks only
// at rows that may matter: the ingress port in the admit table, the sender in the outbound table
// and the one before it, the egress participant in the inbound table and the one before it, the
// egress router in the transit table.
//
// It holds the rows themselves, and follows a Program to the next one by their difference. Pointers
// it gives are good until then. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "net/ids.h"
#include "program/delta.h"
#include "program/program.h"

namespace fabrix::verify {

using RowKey = std::uint64_t;

class RowIndex {
 public:
  using Rows = std::vector<program::Row>;  // in the Program's order

  RowIndex() = default;
  explicit RowIndex(const program::Program& program);

  void apply(const program::ProgramDelta& delta);

  // Rows of the table that may match such a packet, highest priority first.
  std::vector<const program::Row*> rows(program::TableId id, std::uint64_t metadata,
                                        std::optional<std::uint64_t> in_port) const;

  // The rows with that key, and those without one. The keys in use.
  const Rows& keyed(program::TableId id, RowKey key) const;
  const Rows& others(program::TableId id) const { return table(id).others; }
  std::vector<RowKey> keys(program::TableId id) const;
  std::size_t size() const { return size_; }
  // The meters that rows name, by id, with how many do.
  const std::map<program::Meter, std::size_t>& meters() const { return meters_; }

  // None: the row has no exact test of what its table's rows are sorted by.
  static std::optional<RowKey> key_of(program::TableId id, const program::Row& row);
  static RowKey key_of(net::PortNo port) { return port.value; }  // admit
  static RowKey sender_key(net::ParticipantId sender);           // sent, outbound
  static RowKey receiver_key(net::ParticipantId receiver);       // delivered, inbound

 private:
  struct Table {
    std::map<RowKey, Rows> keyed;
    Rows others;
  };

  const Table& table(program::TableId id) const { return tables_[static_cast<std::size_t>(id)]; }
  Rows& place_of(program::TableId id, const program::Row& row);
  void remove(program::TableId id, const program::Row& row);
  void count_meter(const program::Row& row);

  std::array<Table, program::kTableCount> tables_;
  std::size_t size_ = 0;
  std::map<program::Meter, std::size_t> meters_;
};

}  // namespace fabrix::verify
