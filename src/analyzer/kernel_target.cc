#include "analyzer/kernel_target.h"

#include <string>
#include <utility>

namespace fabrix::analyzer {
namespace {

using Kind = telemetry::RouteChange::Kind;
using Deed = io::RouteOrder::Deed;

Deed deed_of(Kind kind) {
  switch (kind) {
    case Kind::kRemove:
      return Deed::kRemove;
    case Kind::kReplace:
      return Deed::kReplace;
    case Kind::kAdd:
      return Deed::kAdd;
  }
  return Deed::kRemove;
}

}  // namespace

Result<std::unique_ptr<KernelTarget>> KernelTarget::open(const exchange::KernelTable& kernel) {
  FABRIX_TRY(auto netlink, io::NetlinkSocket::open(kernel.network_namespace));
  netlink.filter_dumps();
  // tidy: the constructor is private, which make_unique cannot reach
  return std::unique_ptr<KernelTarget>(new KernelTarget(
      std::move(netlink), io::RouteOwner{.table = kernel.table, .protocol = kernel.protocol}));
}

std::vector<RouteTarget::Refused> KernelTarget::change(
    std::span<const telemetry::RouteChange> changes) {
  std::vector<io::RouteOrder> orders;
  orders.reserve(changes.size());
  for (const telemetry::RouteChange& change : changes) {
    orders.push_back({.deed = deed_of(change.kind),
                      .route = {.destination = change.prefix, .gateway = change.next_hop}});
  }
  std::vector<Refused> refused;
  // The kernel keeps what it could not replace, which goes the wrong way.
  std::vector<io::RouteOrder> wrong;
  for (io::RouteFailure& failure : change_routes(netlink_, owner_, orders)) {
    const io::RouteOrder& order = orders[failure.order];
    if (order.deed == Deed::kReplace)
      wrong.push_back({.deed = Deed::kRemove, .route = order.route});
    refused.push_back({.prefix = order.route.destination, .why = std::move(failure.text)});
  }
  change_routes(netlink_, owner_, wrong);
  return refused;
}

Result<RouteTarget::There> KernelTarget::list() {
  There there;
  for (const auto family : {net::Family::kIpv4, net::Family::kIpv6}) {
    FABRIX_TRY(const auto routes, io::list_owned_routes(netlink_, owner_, family));
    for (const io::OwnedRoute& route : routes) {
      there.emplace_back(route.destination, route.gateway);
    }
  }
  return there;
}

}  // namespace fabrix::analyzer
