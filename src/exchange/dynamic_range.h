// DynamicRange: from where sessions are accepted without a neighbour being listed. Values.
#pragma once

#include <cstdint>
#include <vector>

#include "exchange/session_policy.h"
#include "net/asn.h"
#include "net/prefix.h"

namespace fabrix::exchange {

// Both inclusive.
struct AsnRange {
  net::Asn first;
  net::Asn last;

  friend bool operator==(const AsnRange&, const AsnRange&) = default;
};

struct DynamicRange {
  net::Prefix prefix;
  std::vector<AsnRange> asns;  // empty: any
  std::uint16_t limit = 0;     // neighbours at a time
  SessionPolicy session;       // never dials; resolved, as a participant's
  ImportPolicy import;

  friend bool operator==(const DynamicRange&, const DynamicRange&) = default;
};

}  // namespace fabrix::exchange
