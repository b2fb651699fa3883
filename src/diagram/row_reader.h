// RowReader: the diagram of a first-match row list, from the first field on: for each interval of
// a field's values the rows that may still match there.
//
// Quick for rows as fabrics have them, where few are left after each test. Others may have more
// lists of rows than nodes: it gives up, and they are to be combined one by one (ternary.h). One
// use. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "diagram/diagram.h"
#include "diagram/node_table.h"

namespace fabrix::diagram {

class RowReader {
 public:
  // Both must outlive it. The tests of each row are sorted by field, and expressible (ternary.h).
  RowReader(NodeTable& table, std::span<const Row> rows) : table_(table), rows_(rows) {}

  // kNone where no row matches. None: it gave up.
  std::optional<NodeId> read();

 private:
  // A row that may still match, and the first of its tests that is still to be made.
  struct Live {
    std::uint32_t row = 0;
    std::uint32_t next = 0;
    friend bool operator==(const Live&, const Live&) = default;
  };
  using List = std::vector<Live>;  // ends with the first row that matches for certain
  struct Hash {
    std::size_t operator()(const List& list) const noexcept;
  };

  bool is_certain(const Live& live) const { return live.next == rows_[live.row].tests.size(); }
  const TernaryTest* test_of(const Live& live, FieldIndex field) const;
  std::optional<NodeId> node_of(List list);
  std::optional<NodeId> split(const List& list);
  FieldIndex first_field(const List& list) const;
  std::vector<std::uint64_t> cuts(const List& list, FieldIndex field) const;
  std::vector<List> deal(const List& list, FieldIndex field, std::span<const std::uint64_t> cuts);
  void add(List& list, const Live& live);

  NodeTable& table_;
  std::span<const Row> rows_;
  std::unordered_map<List, NodeId, Hash> known_;
  std::size_t work_ = 0;  // rows that were put into lists
};

}  // namespace fabrix::diagram
