// Predicates as diagrams over the policy fields (compiler/box.h): exact for every predicate.
//
// Not thread-safe: as the Store.
#pragma once

#include <functional>
#include <optional>

#include "compiler/route_sense.h"
#include "diagram/diagram.h"
#include "policy/predicate.h"

namespace fabrix::compiler {

// `store` has the widths of policy_field_widths(). Leaves kTrue and kNone. Recursion: at most
// policy::kMaxDepth.
diagram::Diagram diagram_of(diagram::Store& store, const policy::Predicate& predicate,
                            const RouteSense& sense);

// Whether the field of the test has a value that passes it, if that is known.
using KnownField = std::function<std::optional<bool>(const policy::FieldTest& test)>;

// The same for packets of which that is known: such a field is not tested.
diagram::Diagram diagram_of(diagram::Store& store, const policy::Predicate& predicate,
                            const RouteSense& sense, const KnownField& known);

}  // namespace fabrix::compiler
