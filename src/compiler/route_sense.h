// RouteSense: what conditions on routes mean while a list of clauses becomes boxes, diagrams and
// rows.
//
// A question (policy::OnRoute) stands for the addresses whose routes answer it with yes; or, where
// policies are judged whatever the routes are, it is a field of its own, of one bit.
//
// Nothing is owned. Values; any thread.
#pragma once

#include <cstddef>
#include <span>

#include "exchange/reachability.h"
#include "policy/address_set.h"
#include "policy/predicate.h"
#include "policy/route_test.h"

namespace fabrix::compiler {

struct RouteSense {
  const exchange::Reachability& reachability;  // what InPrefixesOf means
  // Each OnRoute of the conditions, at most policy::kMaxRouteTests.
  std::span<const policy::OnRoute> questions = {};
  std::span<const policy::AddressSet> regions = {};  // by question; empty: questions are fields

  std::size_t number_of(const policy::OnRoute& question) const;
  bool has_fields() const { return regions.empty(); }
};

}  // namespace fabrix::compiler
