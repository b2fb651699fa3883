// What bgpq4 writes with -j: the prefixes of AS-SETs, or with -jt their AS numbers.
//
//     {"NAME": [{"prefix": "192.0.2.0/24", "exact": true},
//               {"prefix": "198.51.100.0/22", "exact": false, "less-equal": 24},
//               {"prefix": "2001:db8::/32", "exact": false, "greater-equal": 40, "less-equal":
//               48}]}
//     {"NAME": [64500, 64501]}
//
// A text may hold several such objects one after the other, and an object several lists: what they
// say is put together (`bgpq4 -4j ...; bgpq4 -6j ...`). Members of other names are ignored. A text
// with one mistake is refused as a whole, and so is an empty one: a bgpq4 that failed writes that.
//
// Errors are Diagnostics at the place of the mistake, with the code C0201. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "net/asn.h"
#include "routeserver/prefix_ranges.h"

namespace fabrix::routeserver {

// More of them are refused. The largest AS-SETs have some 600,000 prefixes (2026).
inline constexpr std::size_t kMaxIrrItems = 2'000'000;

// Longer texts are refused.
inline constexpr std::size_t kMaxIrrText = std::size_t{256} << 20U;

// In the text's order. `file` is the name used in diagnostics.
Result<std::vector<PrefixRange>, Diagnostic> parse_irr_prefixes(std::string_view text,
                                                                std::string_view file);
Result<std::vector<net::Asn>, Diagnostic> parse_irr_origins(std::string_view text,
                                                            std::string_view file);

}  // namespace fabrix::routeserver
