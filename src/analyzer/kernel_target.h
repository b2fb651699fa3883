// KernelTarget: active routes in a routing table of the kernel's, of this machine or of one of its
// network namespaces. Loop's thread only.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "analyzer/route_target.h"
#include "base/result.h"
#include "exchange/active_route_reader.h"
#include "io/netlink_socket.h"
#include "io/owned_routes.h"

namespace fabrix::analyzer {

class KernelTarget final : public RouteTarget {
 public:
  // Fails if there is no such namespace.
  static Result<std::unique_ptr<KernelTarget>> open(const exchange::KernelTable& kernel);

  std::vector<Refused> change(std::span<const telemetry::RouteChange> changes) override;
  Result<There> list() override;

 private:
  KernelTarget(io::NetlinkSocket netlink, const io::RouteOwner& owner)
      : netlink_(std::move(netlink)), owner_(owner) {}

  io::NetlinkSocket netlink_;
  io::RouteOwner owner_;
};

}  // namespace fabrix::analyzer
