// Rows of the resolve and transit tables: from an address to a router, and from a router to its
// port.
//
// Resolve: ARP and ND go to the one port that owns the address asked for (no broadcast in the
// fabric); a real MAC names its router, a tag its class's best. ARP requests for addresses that
// nobody has are for Fabrix, if it is to answer them. What is left is dropped and counted, by the
// port it came from. Transit: the router's port with the router's MAC as destination. A port that
// is down is replaced by the next of the same participant that is up, in the order of the
// configuration, around the end; but not for control traffic, which reaches the addressed router or
// nobody (SEMANTICS, step 1). A port in quarantine gets what the route server says, and nothing
// else. What an inbound policy sends through a middlebox leaves by that port, with the MAC of the
// router that gets it afterwards.
//
// Pure.
#pragma once

#include <vector>

#include "exchange/exchange.h"
#include "program/program.h"

namespace fabrix::compiler {

// `counted` by participant: what it receives is counted first.
std::vector<program::Row> resolve_rows(const exchange::Exchange& exchange,
                                       const std::vector<bool>& counted);

// The table that takes what is for the participant.
program::TableId entrance_of(net::ParticipantId participant, const std::vector<bool>& counted);

// `port_up` by router.
std::vector<program::Row> transit_rows(const exchange::Exchange& exchange,
                                       const std::vector<bool>& port_up);

}  // namespace fabrix::compiler
