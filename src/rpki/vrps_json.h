// The file of VRPs and ASPAs that relying parties write and stayrtr, BGP daemons and scripts read:
//
//     {"roas": [{"prefix": "192.0.2.0/24", "maxLength": 24, "asn": "AS64500", "ta": "ripe"}],
//      "aspas": [{"customer_asid": 64500, "providers": [64510, 64511]}]}
//
// As rpki-client ("asn" a number, "customer_asid", "expires" in seconds since 1970) and Routinator
// ("asn" a string, "customer") do it. Other members are ignored, at the top ("metadata") and in an
// entry ("ta"). "maxLength" may be missing, and so may one of "roas" and "aspas". A file with one
// bad entry is refused as a whole: half a table of VRPs turns valid routes invalid. Pure; any
// thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rpki/aspa.h"
#include "rpki/vrp.h"

namespace fabrix::rpki {

struct StaticVrp {
  Vrp vrp;
  std::optional<std::chrono::sys_seconds> expires = std::nullopt;

  friend bool operator==(const StaticVrp&, const StaticVrp&) = default;
};

struct StaticAspa {
  Aspa aspa;
  std::optional<std::chrono::sys_seconds> expires = std::nullopt;

  friend bool operator==(const StaticAspa&, const StaticAspa&) = default;
};

// At most kMaxVrps and kMaxAspas entries, in the file's order.
struct StaticData {
  std::vector<StaticVrp> vrps = {};
  std::vector<StaticAspa> aspas = {};

  bool empty() const { return vrps.empty() && aspas.empty(); }
  friend bool operator==(const StaticData&, const StaticData&) = default;
};

// Errors name the entry: "roas[17]: asn: missing".
Result<StaticData> parse_vrps_json(std::string_view text);

}  // namespace fabrix::rpki
