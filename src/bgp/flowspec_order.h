// Which of two flow specifications a packet meets first (RFC 8955 §5.1, RFC 8956 §4).
//
// Component by component: the lower type first; a prefix inside another before it, else the lower
// address (IPv6: the lower offset before all that); other values by their octets, a longer one
// before its own beginning; a rule with more components before one that lacks them. Rules compare
// equal exactly when they are equal. IPv4 stands before IPv6, which no packet can notice. Pure.
#pragma once

#include <compare>

#include "bgp/flowspec.h"

namespace fabrix::bgp {

// less: `a` has the higher precedence.
std::strong_ordering compare_precedence(const FlowSpecRule& a, const FlowSpecRule& b);

// For sorting and for ordered containers: the first rule is the first to apply.
struct FlowSpecPrecedence {
  bool operator()(const FlowSpecRule& a, const FlowSpecRule& b) const {
    return compare_precedence(a, b) < 0;
  }
};

}  // namespace fabrix::bgp
