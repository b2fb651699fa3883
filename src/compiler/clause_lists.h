// Lists of clauses to try, one after the other up to the first decisive one: as leaves of a
// diagram, which says for each packet what its list is; and as rows.
//
// A ClauseLeaves numbers lists; leaf diagram::kNone is the empty one. A RowWriter writes rows of
// one scope, each list's above what comes later. Not thread-safe. The clauses must outlive both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "compiler/clause_rows.h"
#include "diagram/diagram.h"
#include "program/program.h"

namespace fabrix::compiler {

class ClauseLeaves {
 public:
  explicit ClauseLeaves(const std::vector<ClauseRows>& clauses);

  diagram::Leaf intern(std::vector<std::size_t> list);
  const std::vector<std::size_t>& list(diagram::Leaf leaf) const { return lists_[leaf]; }
  // Whether no clause is tried after it.
  bool decided(diagram::Leaf leaf) const;
  diagram::Leaf join(diagram::Leaf first, diagram::Leaf then);

 private:
  const std::vector<ClauseRows>& clauses_;
  std::vector<std::vector<std::size_t>> lists_;
  std::map<std::vector<std::size_t>, diagram::Leaf> by_list_;
};

// As diagram_of(): what the condition of a clause comes to, by its place.
using DiagramOf = std::function<diagram::Diagram(std::size_t clause)>;

// The function from packets to lists of clauses.
diagram::Diagram lists_of(const std::vector<ClauseRows>& clauses, const DiagramOf& diagram_of,
                          diagram::Store& store, ClauseLeaves& leaves);

// Turns field tests into rows of one scope.
class RowWriter {
 public:
  // The scope must outlive it.
  RowWriter(const Scope& scope, std::uint16_t top) : scope_(scope), priority_(top) {}

  // So many are written, or fewer.
  void expect(std::size_t rows) { rows_.reserve(rows); }

  // One row for each option; none for an option whose tag contradicts the tests.
  void write(const ClauseRows& clause, std::span<const diagram::TernaryTest> tests);
  void write_fall_through(std::span<const diagram::TernaryTest> tests);

  // The rows written since then have lower priority than those before.
  void descend() { --priority_; }
  // Of the next rows.
  std::uint16_t priority() const { return priority_; }
  std::size_t size() const { return rows_.size(); }
  std::vector<program::Row> take() { return std::move(rows_); }

 private:
  void write(std::span<const diagram::TernaryTest> tests, program::MacPattern tag,
             const Action& action, const program::Origin& origin);

  const Scope& scope_;
  std::uint16_t priority_;
  std::vector<program::Row> rows_;
};

// Rows of a diagram as rows of the lists that its leaves stand for. False: too many.
bool write_lists(const std::vector<diagram::Row>& rows, const std::vector<ClauseRows>& clauses,
                 const ClauseLeaves& leaves, RowWriter& writer);

}  // namespace fabrix::compiler
