// What `fabrix show ports` and `fabrix show drops` say: what ports may be used for, and what they
// have not let in (program/drop.h).
//
//   ports   router, participant, port, up, standing: open, quarantine or shutdown, since and reason
//           of one that is not open, dropped (frames), drops_per_second;
//           of a fabric in this machine's kernel: attach (tc or xdp), and attach_refused, why it is
//           not xdp if it was told to be;
//           where the fabric counts: in_packets, in_octets, out_packets, out_octets, discarded
//   drops   router, participant, port, reason, text, packets, octets, packets_per_second, changed
//
// Of the route server's port the router is "route server", and there is no participant. Read-only;
// control thread.
#pragma once

#include <optional>
#include <string_view>

#include <boost/json/value.hpp>

#include "api/answer.h"
#include "api/queries.h"

namespace fabrix::api {

std::string_view name_of(exchange::Standing standing);

boost::json::value show_ports(const Sources& sources);
// Of the router or participant of that name, or of all.
Answer show_drops(const Sources& sources, const std::optional<std::string_view>& name);

}  // namespace fabrix::api
