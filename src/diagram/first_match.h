// FirstMatch: the diagram of a list of cases, the first of which that holds counts, from the first
// field on: for each interval of a field's values the cases that may still hold there.
//
// It makes no node that is not in the result, and so is quick where few cases are left after each
// field. Others may have more lists of cases than nodes: it gives up, and they are to be combined
// one by one (Store::first_match). Not thread-safe.
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

class FirstMatch {
 public:
  // `table` must outlive it.
  explicit FirstMatch(NodeTable& table) : table_(table) {}

  // kNone where no case holds. None: it gave up.
  std::optional<NodeId> read(std::span<const Case> cases);
  // Of the last read(), bounded by the cases: cases that were put into lists, and cuts.
  std::size_t work() const { return work_; }

 private:
  // A case that may still hold, and what is left of its conditions.
  struct Live {
    std::uint32_t of = 0;
    NodeId when = kTrueNode;
    NodeId besides = kTrueNode;
    friend bool operator==(const Live&, const Live&) = default;
  };
  using List = std::vector<Live>;  // ends with the first case that holds for certain
  struct Hash {
    std::size_t operator()(const List& list) const noexcept;
  };
  // What one field is split by: each recursion goes to a later field.
  struct Split {
    std::vector<std::uint64_t> cuts;
    std::vector<List> pieces;  // at least one for each interval between cuts
    std::vector<Edge> edges;
  };

  static bool is_certain(const Live& live) {
    return live.when == kTrueNode && live.besides == kTrueNode;
  }
  std::optional<NodeId> node_of(const List& list);
  std::optional<NodeId> split(const List& list);
  FieldIndex first_field(const List& list) const;
  void find_cuts(const List& list, FieldIndex field);
  void deal(const Live& live, FieldIndex field);
  void add(List& list, const Live& live);

  NodeTable& table_;
  std::span<const Case> cases_;
  boost::unordered_flat_map<List, NodeId, Hash> known_;
  std::array<Split, kMaxFields> splits_;
  std::size_t work_ = 0;
};

}  // namespace fabrix::diagram
