// import_neighbors(): the plain list of neighbors that route server benchmarks and test beds use,
// as an exchange.yaml:
//
//     {"listen": "192.0.2.1", "port": 179, "rs_as": 65000, "router_id": "192.0.2.1",
//      "neighbors": [{"address": "192.0.2.11", "asn": 65001, "name": "a", "passive": true}]}
//
// `listen` may be a list, 0.0.0.0 or left out; `router_id`, `port`, `name`, `passive` may be left
// out, and "af" may be there. Neighbors may share AS numbers and names; each is a participant of
// its own. `passive` is about us: false means that we dial. Pure.
#pragma once

#include <string_view>

#include "base/result.h"
#include "exchange/session_policy.h"
#include "interchange/draft.h"
#include "interchange/remark.h"

namespace fabrix::interchange {

Result<Imported, Remarks> import_neighbors(std::string_view text, std::string_view file,
                                           exchange::PolicyPreset preset);

}  // namespace fabrix::interchange
