// RowReader: the diagram of a first-match row list, from the first field on: for each interval of
// a field's values the rows that may still match there.
//
// Quick for rows as fabrics have them, where few are left after each test. Others may have more
// lists of rows than nodes: it gives up, and they are to be combined one by one (ternary.h). What
// it has taken of memory it keeps for the next list. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "diagram/diagram.h"
#include "diagram/node_table.h"

namespace fabrix::diagram {

class RowReader {
 public:
  // `table` must outlive it.
  explicit RowReader(NodeTable& table) : table_(table) {}

  // kNone where no row matches. None: it gave up, after about so much work as `most`, or as is good
  // for so many rows. The tests of each row are sorted by field, and expressible (ternary.h).
  std::optional<NodeId> read(std::span<const Row> rows, std::uint64_t most = ~std::uint64_t{0});
  // Of the last reading: rows that were put into lists.
  std::size_t work() const { return work_; }

 private:
  // What is left of a row when its first tests have been passed: rows that are left with the same
  // are the same.
  using RestId = std::uint32_t;
  struct Rest {
    TernaryTest test{.field = kLeafField};  // the leaf's field: none is left, it matches
    std::uint32_t then = 0;                 // the rest after the test; without one, the leaf
    friend bool operator==(const Rest&, const Rest&) = default;
  };
  using List = std::vector<RestId>;  // ends with the first that matches for certain
  struct Hash {
    std::size_t operator()(const Rest& rest) const noexcept;
    std::size_t operator()(const List& list) const noexcept;
  };

  // What one field is split by: each recursion goes to a later field.
  struct Split {
    std::vector<std::uint64_t> cuts;
    std::vector<List> pieces;  // at least one for each interval between cuts
    std::vector<Edge> edges;
  };

  RestId rest_of(const Row& row);
  RestId intern(const Rest& rest);
  bool is_certain(RestId id) const { return rests_[id].test.field == kLeafField; }
  std::optional<NodeId> node_of(const List& list);
  std::optional<NodeId> split(const List& list);
  FieldIndex first_field(const List& list) const;
  void find_cuts(const List& list, FieldIndex field);
  bool deal(const List& list, FieldIndex field);
  void deal_where_it_holds(const Rest& rest, Split& split);
  void add(List& list, RestId id);

  NodeTable& table_;
  std::vector<Rest> rests_;
  boost::unordered_flat_map<Rest, RestId, Hash> rest_ids_;
  boost::unordered_flat_map<List, NodeId, Hash> known_;
  std::array<Split, kMaxFields> splits_;
  std::size_t work_ = 0;
  std::uint64_t most_ = 0;
};

}  // namespace fabrix::diagram
