// SLURM: a network's own exceptions to the RPKI (RFC 8416).
//
// Filters remove VRPs; assertions add some, which no filter removes (§3.3, §3.4). Only what
// concerns prefix origins is used; BGPsec members are checked for their form at the top level and
// left alone. Strict, as §3.2 demands: what is not in the RFC is an error. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/asn.h"
#include "net/prefix.h"
#include "rpki/vrp.h"

namespace fabrix::rpki {

// §3.3.1: matches a VRP whose prefix is inside `prefix` and whose AS is `asn`, as far as given; at
// least one is.
struct PrefixFilter {
  std::optional<net::Prefix> prefix = std::nullopt;
  std::optional<net::Asn> asn = std::nullopt;

  friend bool operator==(const PrefixFilter&, const PrefixFilter&) = default;
};

struct Slurm {
  std::vector<PrefixFilter> filters = {};
  std::vector<Vrp> assertions = {};

  bool empty() const { return filters.empty() && assertions.empty(); }
  friend bool operator==(const Slurm&, const Slurm&) = default;
};

inline constexpr std::size_t kMaxSlurmFilters = 100'000;

Result<Slurm> parse_slurm(std::string_view text);

// Takes out what a filter matches, then adds the assertions.
void apply_slurm(const Slurm& slurm, std::vector<Vrp>& vrps);

}  // namespace fabrix::rpki
