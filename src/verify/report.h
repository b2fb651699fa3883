// Violations for people: what is wrong, where the clause stands, a packet that shows it, the rows.
//
//     error[I4]: what A sends to 140.0.0.0/24 ... is dropped, and should be sent to B (b1)
//       --> A.policy:4:14, clause 1 of A's outbound policy
//       witness: tcp 100.0.0.1:1024 -> 140.0.0.1:80, from a1 at port 1 to 02:00:00:00:10:02
//       row: outbound 1002 sender=A dstport=80 ...
//       help: I4 no blackhole: what BGP would deliver is delivered, unless a policy drops it
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "exchange/exchange.h"
#include "verify/validate.h"

namespace fabrix::verify {

// "no blackhole", and what it asks for. Of what is no invariant: empty.
std::string_view name_of_invariant(std::string_view invariant);
std::string_view meaning_of_invariant(std::string_view invariant);

// The file that a participant's policy is from; empty: unknown.
using FileOf = std::function<std::string(net::ParticipantId owner)>;

// "A.policy:4:14, clause 1 of A's outbound policy"; clauses count from 1.
std::string where_is(const ClauseRef& clause, const exchange::Exchange& exchange,
                     const FileOf& file_of);
// Of a violation that has a witness: "tcp 100.0.0.1:1024 -> 140.0.0.1:80, from a1 at port 1 to
// 02:00:00:00:10:02", with the buckets that its rows test.
std::string describe_witness(const Violation& violation, const exchange::Exchange& exchange);

// On one line, for the log.
std::string summary(const Violation& violation, const exchange::Exchange& exchange,
                    const FileOf& file_of);
std::string render(const Violation& violation, const exchange::Exchange& exchange,
                   const FileOf& file_of);

}  // namespace fabrix::verify
