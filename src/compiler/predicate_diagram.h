// Predicates as diagrams over the policy fields (compiler/box.h): exact for every predicate.
//
// Not thread-safe: as the Store.
#pragma once

#include <functional>

#include "compiler/route_sense.h"
#include "diagram/diagram.h"
#include "net/field.h"
#include "policy/predicate.h"

namespace fabrix::compiler {

// `store` has the widths of policy_field_widths(). Leaves kTrue and kNone. Recursion: at most
// policy::kMaxDepth.
diagram::Diagram diagram_of(diagram::Store& store, const policy::Predicate& predicate,
                            const RouteSense& sense);

// A field whose value is one of some that pass the same tests.
struct KnownField {
  net::Field field = net::Field::kInPort;
  std::function<bool(const policy::FieldTest& test)> passes;
};

// The same for packets with such a value: that field is not tested.
diagram::Diagram diagram_of(diagram::Store& store, const policy::Predicate& predicate,
                            const RouteSense& sense, const KnownField& known);

}  // namespace fabrix::compiler
