// The VRP file that relying parties write and stayrtr, BGP daemons and scripts read:
//
//     {"roas": [{"prefix": "192.0.2.0/24", "maxLength": 24, "asn": "AS64500", "ta": "ripe"}]}
//
// As rpki-client ("asn" a number, "expires" in seconds since 1970) and Routinator ("asn" a string)
// do it. Other members are ignored, at the top ("metadata") and in an entry ("ta"). "maxLength" may
// be missing. A file with one bad entry is refused as a whole: half a table of VRPs turns valid
// routes invalid. Pure; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rpki/vrp.h"

namespace fabrix::rpki {

struct StaticVrp {
  Vrp vrp;
  std::optional<std::chrono::sys_seconds> expires = std::nullopt;

  friend bool operator==(const StaticVrp&, const StaticVrp&) = default;
};

// At most kMaxVrps entries, in the file's order. Errors name the entry: "roas[17]: asn: missing".
Result<std::vector<StaticVrp>> parse_vrps_json(std::string_view text);

}  // namespace fabrix::rpki
