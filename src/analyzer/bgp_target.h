// BgpTarget: active routes that a router is told by BGP, which installs them itself (BIRD, FRR): it
// needs a session (docs/telemetry.md). With the community NO_ADVERTISE (RFC 1997): they are for
// itself. Loop's thread only.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "analyzer/route_target.h"
#include "base/result.h"
#include "bgp/path_attributes.h"
#include "net/ip_address.h"
#include "net/prefix.h"
#include "speaker/speaker.h"

namespace fabrix::analyzer {

class BgpTarget final : public RouteTarget {
 public:
  // The speaker outlives it. The router may become one of its neighbours later.
  BgpTarget(speaker::Speaker& speaker, const net::IpAddress& router);

  std::vector<Refused> change(std::span<const telemetry::RouteChange> changes) override;
  // What it is told: the speaker repeats it with each session.
  Result<There> list() override;

 private:
  speaker::Speaker& speaker_;
  net::IpAddress router_;
  bgp::AttributesPtr attributes_;
  std::map<net::Prefix, net::IpAddress> told_;
};

}  // namespace fabrix::analyzer
