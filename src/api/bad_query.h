// `show bad`: the last malformed UPDATEs of neighbours, and how many there were.
//
// Read-only; control thread.
#pragma once

#include <optional>
#include <string_view>

#include "api/answer.h"
#include "api/queries.h"

namespace fabrix::api {

// Of the sessions that `neighbor` means (find.h), or of all that sent any. An array of
//
//   router, participant, address, asn
//   attributes_discarded, treated_as_withdraw, session_resets   since the start of the daemon
//   updates   the last ones (api/bad_updates.h says how many), newest first:
//             time, reaction, faults [{"what", "rule"}], notification, octets, hex
Answer show_bad(const Sources& sources, std::optional<std::string_view> neighbor);

}  // namespace fabrix::api
