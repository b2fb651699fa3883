#include "daemon/engine_glass.h"

#include <algorithm>
#include <utility>

#include "daemon/session_names.h"

namespace fabrix::daemon {
namespace {

using api::RouteSet;
using routeserver::Peer;
using routeserver::PeerId;
using routeserver::Route;

constexpr std::array kFamilies{net::Family::kIpv4, net::Family::kIpv6};

// Places that one batch looks at: some hundred microseconds.
constexpr int kPlacesAtOnce = 1000;

api::NeighborId id_of(PeerId peer) {
  return api::NeighborId{peer.value};
}

api::NeighborState state_of(bgp::SessionState state) {
  switch (state) {
    case bgp::SessionState::kEstablished:
      return api::NeighborState::kUp;
    case bgp::SessionState::kOpenSent:
    case bgp::SessionState::kOpenConfirm:
      return api::NeighborState::kStarting;
    case bgp::SessionState::kIdle:
      break;
  }
  return api::NeighborState::kDown;
}

api::RpkiState rpki_state_of(rpki::OriginState state) {
  switch (state) {
    case rpki::OriginState::kValid:
      return api::RpkiState::kValid;
    case rpki::OriginState::kNotFound:
      return api::RpkiState::kUnknown;
    case rpki::OriginState::kInvalid:
      break;
  }
  return api::RpkiState::kInvalid;
}

// RS:1103:N, a contract with looking glasses (docs/monitoring.md): numbers are added to, not
// changed.
std::uint32_t looking_glass_code(routeserver::Exclusion exclusion) {
  using routeserver::Exclusion;
  switch (exclusion) {
    case Exclusion::kRejected:
      return 0;  // RS:1101:N says why.
    case Exclusion::kOwnRoute:
      return 1;
    case Exclusion::kNoPeering:
      return 2;
    case Exclusion::kUnusable:
      return 3;
    case Exclusion::kClientInPath:
      return 4;
    case Exclusion::kCommunity:
      return 5;
    case Exclusion::kStale:
      return 6;
    case Exclusion::kNoPolicy:
      return 7;
    case Exclusion::kUnsayable:
      return 8;
  }
  return 0;
}

bool has_data(const exchange::RpkiSources& rpki) {
  return !rpki.caches.empty() || !rpki.vrps_file.empty() || !rpki.slurm_file.empty();
}

std::string description_of(const exchange::Participant& participant) {
  if (!participant.dynamic) return participant.name;
  return participant.name + ", dynamic, from " + participant.dynamic->to_string();
}

// The views of a prefix from `at` on, which goes on with them. False: there is no room for all.
bool add_after(api::RouteCursor& at, std::vector<api::RouteView> views, std::size_t limit,
               api::RouteBatch& batch) {
  for (api::RouteView& view : views) {
    if (at.after && view.from <= *at.after) continue;
    if (batch.routes.size() == limit) return false;
    at.after = view.from;
    batch.routes.push_back(std::move(view));
  }
  return true;
}

}  // namespace

EngineGlass::EngineGlass(api::Sources sources, TableCensus* census, GlassOptions options)
    : sources_(std::move(sources)),
      census_(census),
      options_(std::move(options)),
      started_(options_.now()),
      configured_(started_) {}

const routeserver::RouteServer& EngineGlass::server() const {
  return sources_.controller->route_server();
}

api::RouteServerStatus EngineGlass::status() const {
  const exchange::Exchange& exchange = sources_.controller->exchange();
  const bool suspended = sources_.controller->suspended();
  return {
      .version = options_.version,
      .router_id = exchange.router_id.to_string(),
      .asn = exchange.asn,
      .started = started_,
      .configured = configured_,
      .message = suspended ? "Fabrix is up, policies are suspended" : "Fabrix is up and running"};
}

const std::string& EngineGlass::name_of(PeerId peer) const {
  // A peer's id may have been a dynamic neighbour's that is gone.
  const auto& peers = server().peers();
  if (peer.index() >= named_.size() || named_[peer.index()] != peers[peer.index()].address) {
    name_all();
  }
  return names_[peer.index()];
}

void EngineGlass::name_all() const {
  const auto& peers = server().peers();
  names_ = session_names(sources_.controller->exchange(), peers);
  named_.clear();
  for (const Peer& each : peers) named_.push_back(each.address);
}

std::vector<api::Neighbor> EngineGlass::neighbors() const {
  name_all();
  std::vector<api::Neighbor> all;
  for (const Peer& peer : server().peers()) {
    if (peer.present) all.push_back(neighbor(peer));
  }
  return all;
}

api::Neighbor EngineGlass::neighbor(const Peer& peer) const {
  const auto now = options_.now();
  api::Neighbor neighbor{
      .id = id_of(peer.id),
      .name = name_of(peer.id),
      .address = peer.address,
      .asn = peer.asn,
      .description = description_of(sources_.controller->exchange().participant(peer.participant)),
      .state = server().is_up(peer.id) ? api::NeighborState::kUp : api::NeighborState::kDown,
      .since = started_,
      .last_error = "",
      .channels = {}};
  std::uint64_t updates = 0;
  if (sources_.bgp != nullptr) {
    const auto session = sources_.bgp->view(peer.id);
    neighbor.state = state_of(session.state);
    neighbor.last_error = session.last_error;
    updates = session.counters.updates_in;
    // A session that never was has been down since the beginning.
    const bool was = session.since != std::chrono::steady_clock::time_point();
    if (was) {
      neighbor.since = now - std::chrono::duration_cast<std::chrono::system_clock::duration>(
                                 options_.steady_now() - session.since);
    }
  }
  for (const net::Family family : kFamilies) {
    api::NeighborChannel shown = channel(peer, family);
    const bool is_used = shown.routes != api::RouteCounts{};
    if (is_used || family == peer.address.family()) neighbor.channels.push_back(shown);
  }
  // UPDATEs are counted for the session as a whole.
  neighbor.channels.front().updates_received = updates;
  return neighbor;
}

api::NeighborChannel EngineGlass::channel(const Peer& peer, net::Family family) const {
  const auto count = server().count(peer.id, family);
  const auto& limit = sources_.controller->exchange().participant(peer.participant).import.limit;
  api::NeighborChannel channel;
  channel.family = family;
  channel.routes = {
      .accepted = count.routes - count.rejected,
      .filtered = count.rejected,
      // A session that is down would be told these if it came up.
      .exported = server().is_up(peer.id) ? server().told_count(peer.id, family) : 0,
      .preferred = census_ == nullptr ? 0 : census_->counts().preferred_of(peer.id, family)};
  channel.max_prefix = family == net::Family::kIpv4 ? limit.ipv4 : limit.ipv6;
  return channel;
}

api::RouteBatch EngineGlass::routes(const api::RouteQuery& query,
                                    const std::optional<api::RouteCursor>& after,
                                    std::size_t limit) const {
  told_.clear();
  api::RouteBatch batch;
  api::RouteCursor at = after.value_or(api::RouteCursor{});
  for (int looked = 0; looked < kPlacesAtOnce; ++looked) {
    std::uint32_t next = at.place;
    const auto prefixes = server().prefixes_from(next, 1);
    auto views = prefixes.empty() ? std::vector<api::RouteView>() : views_at(query, prefixes[0]);
    if (!add_after(at, std::move(views), limit, batch)) {
      batch.next = at;
      return batch;
    }
    if (next == 0) return batch;
    at = {.place = next, .after = std::nullopt};
  }
  batch.next = at;
  return batch;
}

// What the query wants of one prefix, by neighbour.
std::vector<api::RouteView> EngineGlass::views_at(const api::RouteQuery& query,
                                                  const net::Prefix& prefix) const {
  std::vector<api::RouteView> views;
  if (query.family && *query.family != prefix.family()) return views;
  const bool of_one = query.set != RouteSet::kAccepted && query.set != RouteSet::kFiltered;
  if (of_one && query.neighbor.index() >= server().peers().size()) return views;
  if (query.set == RouteSet::kExportedTo) {
    add_exported(server().peers()[query.neighbor.index()], prefix, views);
    return views;
  }
  bool is_first = true;
  for (const Route& route : server().all_routes(prefix)) {
    auto view = shown(query, prefix, route);
    if (view) {
      view->is_primary = is_first && !route.rejected;
      views.push_back(std::move(*view));
    }
    is_first = false;
  }
  std::ranges::sort(views, {}, &api::RouteView::from);
  return views;
}

void EngineGlass::add_exported(const Peer& to, const net::Prefix& prefix,
                               std::vector<api::RouteView>& views) const {
  auto told = server().told(to.id, prefix);
  if (!told) return;
  const auto candidates = server().candidates(to.participant, prefix);
  if (candidates.empty()) return;  // It is about to be withdrawn.
  auto exported = view(prefix, candidates.front());
  told_.push_back(std::move(told->attributes));
  exported.attributes = &told_.back();
  exported.next_hop = told->next_hop;
  exported.is_primary = true;
  views.push_back(std::move(exported));
}

std::optional<api::RouteView> EngineGlass::shown(const api::RouteQuery& query,
                                                 const net::Prefix& prefix,
                                                 const Route& route) const {
  const bool wants_filtered =
      query.set == RouteSet::kFiltered || query.set == RouteSet::kFilteredFrom;
  if (wants_filtered != route.rejected.has_value()) return std::nullopt;
  const bool is_own = id_of(route.peer) == query.neighbor;
  switch (query.set) {
    case RouteSet::kAccepted:
    case RouteSet::kFiltered:
      return view(prefix, route);
    case RouteSet::kAcceptedFrom:
    case RouteSet::kFilteredFrom:
      if (!is_own) return std::nullopt;
      return view(prefix, route);
    case RouteSet::kExportedTo:
    case RouteSet::kNotExportedTo:
      break;
  }
  if (is_own) return std::nullopt;
  const auto why = server().why_not(server().peers()[query.neighbor.index()].participant, route);
  if (!why) return std::nullopt;
  auto kept = view(prefix, route);
  kept.status = api::RouteStatus::kNotExported;
  kept.reason = {.code = looking_glass_code(*why), .text = std::string(describe(*why))};
  return kept;
}

api::RouteView EngineGlass::view(const net::Prefix& prefix, const Route& route) const {
  const auto now =
      std::chrono::floor<std::chrono::seconds>(options_.steady_now().time_since_epoch());
  const auto age = now - std::chrono::seconds(route.path->since);
  api::RouteView view{.prefix = prefix,
                      .next_hop = route.next_hop,
                      .attributes = &route.attributes(),
                      .from = id_of(route.peer),
                      .from_name = name_of(route.peer),
                      .from_address = server().peer(route.peer).address,
                      .age = std::max(age, std::chrono::seconds(0)),
                      .is_primary = false,
                      .status = api::RouteStatus::kAccepted,
                      .reason = std::nullopt,
                      .rpki = rpki_state(prefix, route)};
  if (route.rejected) {
    view.status = api::RouteStatus::kFiltered;
    view.reason = {.code = looking_glass_code(*route.rejected),
                   .text = std::string(describe(*route.rejected))};
  }
  return view;
}

std::optional<api::RpkiState> EngineGlass::rpki_state(const net::Prefix& prefix,
                                                      const Route& route) const {
  if (!has_data(sources_.controller->exchange().route_server.rpki)) return std::nullopt;
  return rpki_state_of(server().import_filter().origin_state(prefix, route.path->verdict));
}

std::vector<api::RouteView> EngineGlass::lookup(const net::Prefix& block) const {
  told_.clear();
  std::vector<api::RouteView> views;
  for (unsigned length = block.length() + 1; length-- > 0 && views.empty();) {
    const auto prefix = net::Prefix::containing(block.address(), length).value();
    for (const Route& route : server().all_routes(prefix)) {
      const bool is_first = views.empty();
      views.push_back(view(prefix, route));
      views.back().is_primary = is_first && !route.rejected;
    }
  }
  return views;
}

}  // namespace fabrix::daemon
