// RowEmitter: a diagram as few first-match rows.
//
// The unit of work is emit(node, below): the rows that give `node` its meaning when a packet that
// matches none of them falls through to rows that mean `below`. They are made of the rows of its
// children, each under a test of the node's field; one child goes last and untested, and then the
// others only need rows for where they differ from it. That is decided by a plan of prefixes
// (prefix_plan.h), so nested prefixes shadow each other instead of being cut up.
//
// What rows do is itself a diagram, their *effect*: their leaf where one matches, the hole
// elsewhere. The rows are right by construction, whatever the plan: where a child is not yet what
// it should be under the rows below, rows are emitted that make it so.
//
// The plan's weights are estimates, so the rows are few but not always fewest. They depend on the
// function only, not on the history of the store. Not thread-safe. One use per root.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "diagram/diagram.h"
#include "diagram/memo.h"
#include "diagram/node_table.h"
#include "diagram/operations.h"
#include "diagram/prefix_plan.h"

namespace fabrix::diagram {

class RowEmitter {
 public:
  // Both must outlive this. Effects are added to `table`.
  RowEmitter(NodeTable& table, Operations& operations) : table_(table), operations_(operations) {}

  // As Store::rows.
  std::optional<std::vector<Row>> rows(NodeId root, std::size_t limit);
  std::optional<std::vector<Row>> rows(NodeId root, NodeId below, std::size_t limit);

 private:
  using EmissionId = std::uint32_t;

  // The rows of another emission, where (value & mask) == bits.
  struct Part {
    std::uint64_t bits = 0;
    std::uint64_t mask = 0;
    EmissionId emission = 0;
  };
  // One row without tests if there are no parts, else their rows in turn.
  struct Emission {
    FieldIndex field = kLeafField;  // that the parts test
    Leaf leaf = kNone;
    NodeId effect = kHoleNode;
    std::uint64_t count = 0;  // of rows; saturated
    std::vector<Part> parts{};
  };

  // Values for which the node has one child and what lies below has one, too.
  struct Group {
    NodeId node = 0;
    NodeId below = 0;
    std::uint64_t values = 0;  // how many, less one per interval
  };
  struct Split {
    FieldIndex field = 0;
    std::vector<Group> groups{};
    std::vector<Segment> segments{};  // labelled by index into groups
  };

  // The rows before sharing. None: too many for that to come down to the limit.
  std::optional<std::vector<Row>> all_rows(NodeId root, NodeId below, std::size_t limit);
  EmissionId emit(NodeId node, NodeId below);
  EmissionId emit_leaf(NodeId node);
  EmissionId emit_split(NodeId node, NodeId below);
  Split split_values(NodeId node, NodeId below) const;
  Label simplest(const Split& split);
  std::uint64_t rows_above(const Group& group, NodeId effect);
  std::optional<EmissionId> follow(const Split& split, const PrefixPlan& plan);
  bool is_right(const Split& split, std::span<const Edge> effects);
  EmissionId add(Emission emission);
  void expand(EmissionId id, std::vector<TernaryTest>& tests, std::vector<Row>& out) const;

  NodeTable& table_;
  Operations& operations_;
  std::vector<Emission> emissions_{Emission{}};  // the first: no rows
  Memo memo_;
  std::size_t work_ = 0;  // groups weighed
};

}  // namespace fabrix::diagram
