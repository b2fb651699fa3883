// RowIndex: the rows of a Program by what most of them test exactly, so that a question looks only
// at rows that may matter: the ingress port in the admit and resolve tables, the sender in the
// outbound table and the one before it, the egress participant in the inbound table and the one
// before it, the egress router in the transit table.
//
// It points to the rows of a Program, which must outlive its use, and follows it to the next one
// block by block. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "net/ids.h"
#include "program/program.h"

namespace fabrix::verify {

using RowKey = std::uint64_t;

class RowIndex {
 public:
  using Rows = std::vector<const program::Row*>;  // in the Program's order

  RowIndex() = default;
  explicit RowIndex(const program::Program& program);

  // From `before`, whose rows it has, to `now`.
  void follow(const program::Program& before, const program::Program& now);

  // Rows of the table that may match such a packet, highest priority first. In the resolve table
  // those with a port only drop what others do not match (check_resolution() sees to that): without
  // `in_port` they are left out.
  Rows rows(program::TableId id, std::uint64_t metadata,
            std::optional<std::uint64_t> in_port) const;

  // The rows with that key, and those without one. The keys in use, ascending.
  const Rows& keyed(program::TableId id, RowKey key) const;
  const Rows& others(program::TableId id) const { return table(id).others; }
  std::vector<RowKey> keys(program::TableId id) const;
  std::size_t size() const { return size_; }
  // The meters that rows name, by id, with how many do.
  using MeterCounts = std::map<program::Meter, std::size_t>;
  const MeterCounts& meters() const { return meters_; }
  // Whether two of them have one id.
  bool has_disputed_meters() const { return disputed_meters_ != 0; }

  // None: the row has no exact test of what its table's rows are sorted by.
  static std::optional<RowKey> key_of(program::TableId id, const program::Row& row);
  static RowKey key_of(net::PortNo port) { return port.value; }  // admit, resolve
  static RowKey sender_key(net::ParticipantId sender);           // sent, outbound
  static RowKey receiver_key(net::ParticipantId receiver);       // delivered, inbound

 private:
  struct Table {
    boost::unordered_flat_map<RowKey, Rows> keyed;
    Rows others;
  };
  using Block = std::span<const program::Row>;

  const Table& table(program::TableId id) const { return tables_[static_cast<std::size_t>(id)]; }
  void add(program::TableId id, Block block);
  void remove(program::TableId id, Block block);
  void count_meter(const program::Row& row, MeterCounts::iterator& last);
  void uncount_meter(const program::Row& row);
  bool is_disputed(MeterCounts::const_iterator meter) const;

  std::array<Table, program::kTableCount> tables_;
  std::size_t size_ = 0;
  MeterCounts meters_;
  std::size_t disputed_meters_ = 0;  // how many less there would be with one rate an id
};

}  // namespace fabrix::verify
