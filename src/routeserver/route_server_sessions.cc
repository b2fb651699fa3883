// What a session that comes up changes of routes that are there already.

#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include "routeserver/route_server.h"

namespace fabrix::routeserver {

// The router has another identifier than when it announced the routes that were kept for it. They
// become routes of other paths: those of before say how things were when clients heard of them.
void RouteServer::identify_routes(PeerId peer) {
  std::vector<std::pair<EntryId, RouteRef>> kept;
  rib_.for_each_of(peer,
                   [&](EntryId entry, const RouteRef& route) { kept.emplace_back(entry, route); });
  for (auto& [entry, route] : kept) {
    const Path& path = paths_[route.path];
    const PathId now = paths_.intern({.peer = peer,
                                      .liveness = path.liveness,
                                      .family = path.family,
                                      .bgp_identifier = identifiers_[peer.index()],
                                      .next_hop = path.next_hop,
                                      .attributes = path.attributes},
                                     [this](const PathKey& key) { return judge(key); });
    route.path = now;
    rib_.announce(entry, route);
    paths_.release(now);
  }
}

// Some session can be told more than before, or less.
void RouteServer::judge_demanding() {
  boost::unordered_flat_map<std::uint32_t, PathId> now;
  for (const PathId path : paths_.all()) {
    if (!paths_[path].demanding) continue;
    const PathId judged =
        paths_.judge_again(path, [this](const PathKey& key) { return judge(key); });
    if (judged == path) {
      paths_.release(judged);
    } else {
      now.emplace(path.value, judged);
    }
  }
  std::vector<std::pair<EntryId, RouteRef>> routes;
  for (std::uint32_t i = 0; !now.empty() && i < rib_.end(); ++i) {
    for (const RouteRef& route : rib_.routes(EntryId{i})) {
      if (now.contains(route.path.value)) routes.emplace_back(EntryId{i}, route);
    }
  }
  for (auto& [entry, route] : routes) {
    route.path = now.at(route.path.value);
    rib_.announce(entry, route);
  }
  for (const auto& [before, path] : now) paths_.release(path);
}

}  // namespace fabrix::routeserver
