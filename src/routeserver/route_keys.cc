// Route keys: what the routes of a prefix are for all clients at once (exchange::Reachability).
//
// For each accepted route a word of its router and the stamp of its export class, in order of
// preference. Where that order may change when routes are left out (decision.h), a word of ones
// begins the key, and each route has three more words: what ranks it.

#include <algorithm>

#include "exchange/route_words.h"
#include "routeserver/route_server.h"

namespace fabrix::routeserver {
namespace {

constexpr std::uint64_t kDependsOnSet = ~std::uint64_t{0};
constexpr unsigned kRouterShift = 48;
constexpr std::uint64_t kStampMask = (std::uint64_t{1} << kRouterShift) - 1;
constexpr std::size_t kWordsOfRanked = 4;

bool is_set_dependent(const exchange::RouteKey& key) {
  return !key.empty() && key.front() == kDependsOnSet;
}

net::RouterId router_of(std::uint64_t word) {
  return {static_cast<std::uint16_t>(word >> kRouterShift)};
}

// A router may announce the prefix over both its sessions; its better route counts.
void add_once(net::RouterId router, exchange::Routes& routers) {
  if (std::ranges::find(routers, router) == routers.end()) routers.push_back(router);
}

}  // namespace

void RouteServer::append_key(std::span<const RouteRef> routes, exchange::RouteKey& key) const {
  const auto accepted = Rib::accepted(routes);
  const bool dependent = accepted.size() > 1 && accepted.front().set_dependent;
  if (dependent) key.push_back(kDependsOnSet);
  for (const RouteRef& route : accepted) {
    const std::uint64_t router = peer(route.peer).router.value;
    key.push_back(router << kRouterShift | paths_.exports(route.path).stamp);
    if (!dependent) continue;
    const Preference& preference = paths_.preference(route.path);
    key.push_back(preference.before_med);
    key.push_back(std::uint64_t{preference.med} << 32U | preference.neighbor);
    key.push_back(tie(route.peer, paths_.bgp_identifier(route.path)));
  }
}

exchange::Place RouteServer::place_of(const net::Prefix& prefix) const {
  return rib_.find(prefix).value_or(exchange::kNowhere);
}

void RouteServer::route_key(const exchange::PlacedPrefix& prefix, exchange::RouteKey& key) const {
  key.clear();
  if (prefix.place != exchange::kNowhere) append_key(rib_.routes(prefix.place), key);
}

void RouteServer::expect(std::span<const exchange::PlacedPrefix> prefixes) const {
  rib_.expect(prefixes, [](const exchange::PlacedPrefix& each) { return each.place; });
}

void RouteServer::routes_of(net::ParticipantId client, const exchange::RouteKey& key,
                            exchange::Routes& routes) const {
  routes.clear();
  const PeerId voice = voice_of(client);
  const auto may_have = [this, voice](std::uint64_t word) {
    const ExportClass* exports = paths_.find_exports(word & kStampMask);
    return exports != nullptr && exports->all.contains(voice);
  };
  if (!is_set_dependent(key)) {
    for (const std::uint64_t word : key) {
      if (may_have(word)) add_once(router_of(word), routes);
    }
    return;
  }
  std::vector<Contender> contenders;
  for (std::size_t at = 1; at < key.size(); at += kWordsOfRanked) {
    if (!may_have(key[at])) continue;
    contenders.push_back({.preference = {.before_med = key[at + 1],
                                         .med = static_cast<std::uint32_t>(key[at + 2] >> 32U),
                                         .neighbor = static_cast<std::uint32_t>(key[at + 2])},
                          .tie = key[at + 3],
                          .index = static_cast<std::uint32_t>(at)});
  }
  rank(contenders);
  for (const Contender& each : contenders) add_once(router_of(key[each.index]), routes);
}

void RouteServer::routers_of(const exchange::RouteKey& key, exchange::Routes& routers) const {
  routers.clear();
  const bool dependent = is_set_dependent(key);
  for (std::size_t at = dependent ? 1 : 0; at < key.size(); at += dependent ? kWordsOfRanked : 1) {
    add_once(router_of(key[at]), routers);
  }
}

bool RouteServer::alike_but_for(const exchange::RouteKey& key,
                                std::vector<net::ParticipantId>& others) const {
  others.clear();
  if (is_set_dependent(key)) return false;
  ClientSet all = everyone_;  // who may have all routes
  for (const std::uint64_t word : key) {
    const ExportClass* exports = paths_.find_exports(word & kStampMask);
    if (exports == nullptr) return false;
    all &= exports->all;
  }
  (everyone_ - all).for_each([&](PeerId voice) {
    const bool has_session = voice.index() < peers_.size();
    others.push_back(has_session ? peer(voice).participant
                                 : net::ParticipantId{
                                       static_cast<std::uint16_t>(voice.index() - peers_.size())});
  });
  std::ranges::sort(others);
  return true;
}

bool RouteServer::differ_behind_first(const exchange::RouteKey& a, const exchange::RouteKey& b,
                                      exchange::Routes& routers) const {
  if (is_set_dependent(a) || is_set_dependent(b)) return false;
  return exchange::differ_behind_first(a, b, router_of, routers);
}

bool RouteServer::has_other_next_hop(const exchange::RouteKey& key) const {
  const bool dependent = is_set_dependent(key);
  for (std::size_t at = dependent ? 1 : 0; at < key.size(); at += dependent ? kWordsOfRanked : 1) {
    const ExportClass* exports = paths_.find_exports(key[at] & kStampMask);
    if (exports != nullptr && exports->other_next_hop) return true;
  }
  return false;
}

void RouteServer::for_each_route_key(
    const std::function<void(const exchange::PlacedPrefix&, const exchange::RouteKey&)>& visit)
    const {
  exchange::RouteKey key;
  for (std::uint32_t i = 0; i < rib_.end(); ++i) {
    const EntryId entry{i};
    if (rib_.is_free(entry)) continue;
    key.clear();
    append_key(rib_.routes(entry), key);
    if (!key.empty()) visit({rib_.prefix(entry), entry}, key);
  }
}

}  // namespace fabrix::routeserver
