// RouteTarget: where active routes are installed: a table of the kernel's
// (kernel_target.h), or a router that is told them (bgp_target.h).
//
// An interface; on the loop's thread, and what it does may block for as long as a batch of changes
// takes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/ip_address.h"
#include "net/prefix.h"
#include "telemetry/active_routes.h"

namespace fabrix::analyzer {

class RouteTarget {
 public:
  // A route that is there: to a prefix by a next hop.
  using There = std::vector<std::pair<net::Prefix, net::IpAddress>>;

  struct Refused {
    net::Prefix prefix;
    std::string why;
  };

  RouteTarget() = default;
  virtual ~RouteTarget() = default;
  RouteTarget(const RouteTarget&) = delete;
  RouteTarget& operator=(const RouteTarget&) = delete;
  RouteTarget(RouteTarget&&) = delete;
  RouteTarget& operator=(RouteTarget&&) = delete;

  // In this order. What could not be added, or changed, is told and is not there any more.
  virtual std::vector<Refused> change(std::span<const telemetry::RouteChange> changes) = 0;

  // What it has of ours.
  virtual Result<There> list() = 0;
};

}  // namespace fabrix::analyzer
