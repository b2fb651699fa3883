#include "daemon/table_census.h"

#include <utility>

namespace fabrix::daemon {
namespace {

constexpr std::uint32_t kPlacesAtOnce = 64;
constexpr std::chrono::milliseconds kSlice{1};

}  // namespace

std::uint64_t CensusCounts::preferred_of(routeserver::PeerId peer, net::Family family) const {
  return peer.index() < preferred.size() ? preferred[peer.index()][index_of(family)] : 0;
}

TableCensus::TableCensus(io::EventLoop& loop, const routeserver::RouteServer& server)
    : server_(server), turn_(loop, [this] { slice(); }) {}

const CensusCounts& TableCensus::counts() {
  const bool is_old = !done_ || io::EventLoop::now() - *done_ >= kRest;
  if (is_old && !turn_.is_running()) turn_.start(std::chrono::milliseconds(0));
  return counts_;
}

void TableCensus::slice() {
  const auto end = io::EventLoop::now() + kSlice;
  do {
    for (const net::Prefix& prefix : server_.prefixes_from(cursor_, kPlacesAtOnce)) count(prefix);
  } while (cursor_ != 0 && io::EventLoop::now() < end);
  if (cursor_ != 0) {
    turn_.start(std::chrono::milliseconds(0));
    return;
  }
  counts_ = std::exchange(next_, {});
  done_ = io::EventLoop::now();
}

void TableCensus::count(const net::Prefix& prefix) {
  const auto routes = server_.all_routes(prefix);
  const std::size_t family = index_of(prefix.family());
  for (const routeserver::Route& route : routes) {
    if (route.rejected) ++next_.refused[static_cast<std::size_t>(*route.rejected)];
  }
  // Accepted ones come first, the best of them at the head.
  if (routes.empty() || routes.front().rejected) return;
  ++next_.prefixes[family];
  next_.preferred.resize(server_.peers().size());
  ++next_.preferred[routes.front().peer.index()][family];
}

}  // namespace fabrix::daemon
