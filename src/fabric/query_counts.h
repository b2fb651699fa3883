// What was counted for queries: packets and octets of frames, by whose query it is.
//
// Values; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <map>

#include "net/ids.h"

namespace fabrix::fabric {

struct QueryKey {
  net::ParticipantId owner;
  std::uint64_t query = 0;  // policy::Query::id

  friend auto operator<=>(const QueryKey&, const QueryKey&) = default;
};

struct QueryCount {
  std::uint64_t packets = 0;
  std::uint64_t octets = 0;

  friend bool operator==(const QueryCount&, const QueryCount&) = default;
};

using QueryCounts = std::map<QueryKey, QueryCount>;

}  // namespace fabrix::fabric
