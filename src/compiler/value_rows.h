// Rows by value, of a list of clauses that treats the values of one field, or the hosts of each
// family, in few ways (compiler/value_classes.h): rows that mean what the clauses mean for most
// values, and above them for each of the other values rows that say what is different.
//
// Values of one class have the same rows but for the value. Rows of different values are disjoint
// (those of hosts test the family too) and share priorities, so that a value which comes, goes or
// is of another class changes its own rows and no others. Linear in the values.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "compiler/clause_rows.h"
#include "compiler/route_sense.h"
#include "diagram/diagram.h"
#include "program/program.h"

namespace fabrix::compiler {

struct RowsByValue {
  std::vector<program::Row> rows;    // in the order of a table
  std::vector<program::Row> sample;  // the same for one value of each class
  std::size_t values = 0;            // blocks of them of one class, at most
};

// None: there are no such classes; or the rows would be more than kMaxPolicyRows, or more than
// those of a diagram of all, which shares rows between values; or the store's budget is spent. Uses
// `store` as scratch.
std::optional<RowsByValue> emit_by_value(const std::vector<ClauseRows>& clauses, const Scope& scope,
                                         diagram::Store& store, const RouteSense& sense);

}  // namespace fabrix::compiler
