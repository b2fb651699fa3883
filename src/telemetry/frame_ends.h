// FrameEnds: which members a sampled frame is between. Its MAC addresses say so; where they are not
// known, and the sampler is the exchange's own, the ports do: frames that a policy steers go to
// addresses that are nobody's. Pure.
#pragma once

#include <optional>

#include "net/mac_address.h"
#include "telemetry/members.h"
#include "telemetry/sample.h"

namespace fabrix::telemetry {

struct FrameEnds {
  std::optional<net::MacAddress> source;  // none: it is not sampled with its Ethernet header
  std::optional<net::MacAddress> destination;
  std::optional<MemberId> sender;
  std::optional<MemberId> receiver;
};

FrameEnds ends_of(const Members& members, const Sample& sample);

}  // namespace fabrix::telemetry
