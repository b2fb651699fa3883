#include "compiler/clause_lists.h"

#include "compiler/balanced.h"
#include "compiler/box.h"

namespace fabrix::compiler {

using diagram::Diagram;
using program::MacPattern;

ClauseLeaves::ClauseLeaves(const std::vector<ClauseRows>& clauses) : clauses_(clauses) {
  intern({});  // diagram::kNone: no clause
}

diagram::Leaf ClauseLeaves::intern(std::vector<std::size_t> list) {
  const auto [known, is_new] =
      by_list_.emplace(std::move(list), static_cast<diagram::Leaf>(lists_.size()));
  if (is_new) lists_.push_back(known->first);
  return known->second;
}

bool ClauseLeaves::decided(diagram::Leaf leaf) const {
  return !lists_[leaf].empty() && clauses_[lists_[leaf].back()].decisive;
}

diagram::Leaf ClauseLeaves::join(diagram::Leaf first, diagram::Leaf then) {
  if (decided(first)) return first;
  std::vector<std::size_t> both = lists_[first];
  both.insert(both.end(), lists_[then].begin(), lists_[then].end());
  return intern(std::move(both));
}

Diagram lists_of(const std::vector<ClauseRows>& clauses, const DiagramOf& diagram_of,
                 diagram::Store& store, ClauseLeaves& leaves) {
  std::vector<Diagram> parts;
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    const Diagram when = diagram_of(i);
    parts.push_back(store.restrict(when, store.leaf(leaves.intern({i}))));
  }
  return balanced(store, std::move(parts), [&](diagram::Leaf a, diagram::Leaf b) {
    const bool good = store.spend(leaves.list(a).size() + leaves.list(b).size());
    return good ? leaves.join(a, b) : diagram::kNone;
  });
}

void RowWriter::write(const ClauseRows& clause, std::span<const diagram::TernaryTest> tests) {
  for (const Option& option : clause.options) {
    const MacPattern tag = option.tag.mask != 0 ? option.tag : scope_.tag;
    const program::Origin origin{scope_.kind, scope_.participant, clause.clause};
    write(tests, tag, option.action, origin);
  }
}

void RowWriter::write_fall_through(std::span<const diagram::TernaryTest> tests) {
  const program::Origin origin{program::Origin::Kind::kDefault, scope_.participant, 0};
  write(tests, scope_.tag, scope_.fall_through, origin);
}

void RowWriter::write(std::span<const diagram::TernaryTest> tests, MacPattern tag,
                      const Action& action, const program::Origin& origin) {
  program::Row row;
  row.priority = priority_;
  row.match.metadata = scope_.metadata;
  row.match.fields.reserve(tests.size() + 1);
  for (const diagram::TernaryTest& test : tests) {
    if (test.mask == 0) continue;
    if (test.field == kSenderField) {
      row.match.metadata = row.match.metadata | program::Metadata{test.bits, test.mask};
    } else if (test.field == index_of(net::Field::kDstMac)) {
      if (((test.bits ^ tag.bits) & test.mask & tag.mask) != 0) return;
      tag = {test.bits | tag.bits, test.mask | tag.mask};
    } else {
      const auto field = static_cast<net::Field>(test.field);
      row.match.fields.push_back({.field = field, .bits = test.bits, .mask = test.mask});
    }
  }
  if (tag.mask != 0) row.match.ternary(net::Field::kDstMac, tag.bits, tag.mask);
  row.set_fields = action.set_fields;
  row.write_metadata = action.write_metadata;
  row.next = action.next;
  row.origin = origin;
  if (action.counter != 0) row.queries = {action.counter};
  row.meter = action.meter;
  row.copies = action.copies;
  rows_.push_back(std::move(row));
}

bool write_lists(const std::vector<diagram::Row>& rows, const std::vector<ClauseRows>& clauses,
                 const ClauseLeaves& leaves, RowWriter& writer) {
  for (const diagram::Row& row : rows) {
    const std::size_t priorities = leaves.list(row.leaf).size() + 1;
    if (priorities >= writer.priority() || writer.size() > kMaxPolicyRows) return false;
    for (const std::size_t clause : leaves.list(row.leaf)) {
      writer.write(clauses[clause], row.tests);
      writer.descend();
    }
    // No row below may act on these packets.
    if (!leaves.decided(row.leaf)) writer.write_fall_through(row.tests);
    writer.descend();
  }
  return true;
}

}  // namespace fabrix::compiler
