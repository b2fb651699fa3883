// IrrSets: what a member may announce by the Internet Routing Registry, the prefixes and origins of
// its AS-SETs expanded by bgpq4. The texts are read by irr_json.h.
//
// Immutable; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "net/asn.h"
#include "net/prefix.h"
#include "routeserver/prefix_ranges.h"

namespace fabrix::routeserver {

// More specifics of a registered prefix than the registry names.
enum class LongerPrefixes : std::uint8_t { kRefused, kAllowed };

class IrrSets {
 public:
  // Allows nothing.
  IrrSets() = default;

  // In any order; repetitions count once.
  IrrSets(std::vector<PrefixRange> prefixes, std::vector<net::Asn> origins);

  bool allows(const PrefixBits& prefix, LongerPrefixes longer) const;
  bool allows(const net::Prefix& prefix, LongerPrefixes longer) const;

  // A route without one origin AS (it ends in an AS_SET) is not allowed.
  bool allows(std::optional<net::Asn> origin) const;

  // Whether the registry names a prefix around it, whatever its length: a blackhole's.
  bool covers(const PrefixBits& prefix) const { return prefixes_.covers(prefix); }

  std::size_t prefix_count() const { return prefixes_.size(); }
  std::size_t origin_count() const { return origins_.size(); }

 private:
  PrefixRanges prefixes_;
  std::vector<net::Asn> origins_;  // sorted
};

}  // namespace fabrix::routeserver
