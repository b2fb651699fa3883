// What `fabrix show counters` says: what the members' queries (policy/query.h) have counted.
//
//   participant, direction: outbound or inbound, query, packets, octets, interval (seconds),
//   packets_per_second and octets_per_second of the last whole interval, changed
//
// Read-only; control thread.
#pragma once

#include <optional>
#include <string_view>

#include "api/answer.h"
#include "api/queries.h"

namespace fabrix::api {

// Of that participant, or of all.
Answer show_counters(const Sources& sources, const std::optional<std::string_view>& participant);

}  // namespace fabrix::api
