// import_isdx(): a participant's policies as iSDX has them, to a .policy text.
//
//     {"outbound": [{"cookie": 1, "match": {"tcp_dst": 80}, "action": {"fwd": 2}}],
//      "inbound":  [{"cookie": 1, "match": {"tcp_dst": 4321}, "action": {"fwd": 0}}]}
//
// Outbound, `fwd` is a participant's number: 1 is the first of the exchange. Inbound it is a port
// of one's own, from 0. `drop` discards. Match fields are OpenFlow's: tcp_dst says tcp besides the
// port. The rules of one direction are ranked by their order (#pragma overlap = first); cookies,
// which name rules for their removal, become comments. What has no counterpart is an error, since a
// rule without one of its tests is another rule. Pure; fuzzed in fuzz/interchange/isdx_fuzz.cc.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "exchange/exchange.h"
#include "interchange/remark.h"
#include "net/ids.h"

namespace fabrix::interchange {

inline constexpr std::size_t kMaxIsdxRules = 4000;

// The policy of `owner`, a participant of `exchange`; or everything that is wrong.
Result<std::string, Remarks> import_isdx(std::string_view text, std::string_view file,
                                         const exchange::Exchange& exchange,
                                         net::ParticipantId owner);

}  // namespace fabrix::interchange
