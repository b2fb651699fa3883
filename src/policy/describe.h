// describe(): clauses, conditions and targets in words, for traces and messages.
//
//     dstport=80 -> B      srcip=10.0.0.0/8, dscp=46 -> drop      any -> dscp:=10, default
//
// What a test needs anyway (dstport: an IP packet of a protocol with ports) is not repeated. Pure.
#pragma once

#include <string>
#include <vector>

#include "policy/parse.h"
#include "policy/policy.h"
#include "policy/predicate.h"

namespace fabrix::policy {

std::string describe(const Clause& clause, const SymbolTable& symbols);
std::string describe(const Predicate& predicate, const SymbolTable& symbols);

// "B", or "c1" for a router of C.
std::string name_of(const Target& target, const SymbolTable& symbols);
std::string name_of(net::RouterId router, const SymbolTable& symbols);
// "e2, e3"
std::string names_of(const std::vector<net::RouterId>& routers, const SymbolTable& symbols);
// "B, C"
std::string name_of(const Multicast& multicast, const SymbolTable& symbols);

// " police(5mbps) mirror(c2)"; empty: none.
std::string describe(const Extras& extras, const SymbolTable& symbols);

}  // namespace fabrix::policy
