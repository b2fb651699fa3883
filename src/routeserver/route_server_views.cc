// What the route server knows, for the compiler and for people.

#include <algorithm>

#include "routeserver/route_server.h"

namespace fabrix::routeserver {
namespace {

net::RpkiState to_rpki_state(rpki::OriginState state) {
  if (state == rpki::OriginState::kValid) return net::RpkiState::kValid;
  if (state == rpki::OriginState::kInvalid) return net::RpkiState::kInvalid;
  return net::RpkiState::kUnknown;
}

}  // namespace

std::string_view describe(Exclusion exclusion) {
  switch (exclusion) {
    case Exclusion::kRejected:
      return "rejected by the import filter";
    case Exclusion::kOwnRoute:
      return "its own route";
    case Exclusion::kNoPeering:
      return "the two have no peering";
    case Exclusion::kNoPolicy:
      return "the exchange has chosen no policy for it";
    case Exclusion::kUnusable:
      return "no port of the announcing participant is up";
    case Exclusion::kClientInPath:
      return "the path contains the client's AS";
    case Exclusion::kCommunity:
      return "kept from it by a community";
    case Exclusion::kStale:
      return "stale, and the client does not know long-lived stale routes";
    case Exclusion::kUnsayable:
      return "too large for its session, or its session lacks RFC 8950 for the next hop";
  }
  return "unknown reason";
}

std::vector<RouteRef> RouteServer::candidate_refs(net::ParticipantId client,
                                                  const net::Prefix& prefix) const {
  const auto entry = rib_.find(prefix);
  if (!entry) return {};
  return selection_.candidates(rib_.routes(*entry), voice_of(client));
}

Route RouteServer::view(const RouteRef& route) const {
  const Peer& from = peer(route.peer);
  const Path& path = paths_[route.path];
  return {.peer = route.peer,
          .router = from.router,
          .participant = from.participant,
          .next_hop = path.next_hop,
          .path = &path,
          .rejected = route.rejected(),
          .stale = route.stale};
}

std::vector<Route> RouteServer::all_routes(const net::Prefix& prefix) const {
  std::vector<Route> routes;
  const auto entry = rib_.find(prefix);
  if (!entry) return routes;
  for (const RouteRef& route : rib_.routes(*entry)) routes.push_back(view(route));
  return routes;
}

std::optional<Route> RouteServer::route_of(PeerId peer, const net::Prefix& prefix) const {
  const auto entry = rib_.find(prefix);
  if (!entry) return std::nullopt;
  const auto routes = rib_.routes(*entry);
  const auto found = std::ranges::find(routes, peer, &RouteRef::peer);
  if (found == routes.end()) return std::nullopt;
  return view(*found);
}

std::vector<Route> RouteServer::candidates(net::ParticipantId client,
                                           const net::Prefix& prefix) const {
  std::vector<Route> routes;
  for (const RouteRef& route : candidate_refs(client, prefix)) routes.push_back(view(route));
  return routes;
}

exchange::Routes RouteServer::routes(net::ParticipantId client, const net::Prefix& prefix) const {
  exchange::Routes routers;
  for (const RouteRef& route : candidate_refs(client, prefix)) {
    // A router may announce the prefix over both its sessions; its better route counts.
    const net::RouterId router = peer(route.peer).router;
    if (std::ranges::find(routers, router) == routers.end()) routers.push_back(router);
  }
  return routers;
}

std::optional<net::Prefix> RouteServer::resolve(net::ParticipantId client,
                                                const net::IpAddress& address) const {
  const auto width = static_cast<int>(net::width_of(address.family()));
  for (int length = width; length >= 0; --length) {
    const auto prefix = net::Prefix::containing(address, static_cast<unsigned>(length)).value();
    if (!candidate_refs(client, prefix).empty()) return prefix;
  }
  return std::nullopt;
}

net::RouteAttributes RouteServer::attributes_of(const net::Prefix& prefix,
                                                const RouteRef& route) const {
  const Peer& from = peer(route.peer);
  const Path& path = paths_[route.path];
  const bgp::PathAttributes& announced = *path.attributes;
  return {.prefix = prefix,
          .announcer = from.participant,
          .neighbor = from.asn,
          .as_path = &announced.as_path,
          .origin = announced.origin,
          .med = announced.med,
          .communities = announced.communities,
          .extended_communities = announced.extended_communities,
          .large_communities = announced.large_communities,
          .rpki = to_rpki_state(filter_->origin_state(prefix, path.verdict))};
}

std::optional<net::RouteAttributes> RouteServer::best_route(net::ParticipantId client,
                                                            const net::Prefix& prefix) const {
  const auto candidates = candidate_refs(client, prefix);
  if (candidates.empty()) return std::nullopt;
  return attributes_of(prefix, candidates.front());
}

std::optional<net::RouteAttributes> RouteServer::own_route(net::ParticipantId announcer,
                                                           const net::Prefix& prefix) const {
  const auto entry = rib_.find(prefix);
  if (!entry) return std::nullopt;
  for (const RouteRef& route : Rib::accepted(rib_.routes(*entry))) {
    if (peer(route.peer).participant == announcer) return attributes_of(prefix, route);
  }
  return std::nullopt;
}

std::vector<net::Prefix> RouteServer::prefixes() const {
  std::vector<net::Prefix> all;
  std::uint32_t cursor = 0;
  do {
    const auto some = prefixes_from(cursor, rib_.end());
    all.insert(all.end(), some.begin(), some.end());
  } while (cursor != 0);
  std::ranges::sort(all);
  return all;
}

std::vector<net::Prefix> RouteServer::prefixes_from(std::uint32_t& cursor,
                                                    std::uint32_t places) const {
  std::vector<net::Prefix> some;
  cursor = std::min(cursor, rib_.end());
  const std::uint32_t stop = places < rib_.end() - cursor ? cursor + places : rib_.end();
  for (; cursor < stop; ++cursor) {
    const EntryId entry{cursor};
    if (!rib_.is_free(entry) && !rib_.routes(entry).empty()) some.push_back(rib_.prefix(entry));
  }
  if (cursor == rib_.end()) cursor = 0;
  return some;
}

std::optional<PublishedRoutes> RouteServer::published_at(exchange::Place place) const {
  if (place.value >= rib_.end() || rib_.is_free(place)) return std::nullopt;
  const auto routes = rib_.published(place);
  const auto accepted = Rib::accepted(routes);
  if (accepted.empty()) return std::nullopt;
  PublishedRoutes all{
      .prefix = rib_.prefix(place), .best = &paths_[accepted.front().path], .offers = {}};
  ChoiceGroups groups;
  selection_.best(routes, everyone_, groups);
  for (const ChoiceGroups::Group& group : groups.view()) {
    const Path* const path = &paths_[group.choice.path];
    const Treatment& treatment = group.choice.treatment;
    // Where each client was asked for, many have the same.
    const auto same = std::ranges::find_if(all.offers, [&](const PublishedRoutes::Offer& offer) {
      return offer.path == path && offer.treatment == treatment;
    });
    if (same != all.offers.end()) {
      same->clients |= group.clients;
    } else {
      all.offers.push_back({.path = path, .treatment = treatment, .clients = group.clients});
    }
  }
  for (const RouteRef& route : accepted) {
    const net::ParticipantId from = peer(route.peer).participant;
    if (std::ranges::find(all.announcers, from) == all.announcers.end()) {
      all.announcers.push_back(from);
    }
  }
  return all;
}

void RouteServer::for_each_prefix(
    net::ParticipantId client,
    const std::function<void(const net::Prefix&, const exchange::Routes&)>& visit) const {
  for (const net::Prefix& prefix : prefixes()) {
    const auto usable = routes(client, prefix);
    if (!usable.empty()) visit(prefix, usable);
  }
}

std::vector<net::Prefix> RouteServer::announced_by(net::ParticipantId announcer) const {
  std::vector<net::Prefix> announced;
  for (std::uint32_t i = 0; i < rib_.end(); ++i) {
    const EntryId entry{i};
    const bool accepted = std::ranges::any_of(
        Rib::accepted(rib_.routes(entry)),
        [&](const auto& route) { return peer(route.peer).participant == announcer; });
    if (accepted) announced.push_back(rib_.prefix(entry));
  }
  std::ranges::sort(announced);
  return announced;
}

std::optional<Exclusion> RouteServer::why_not(net::ParticipantId client, const Route& route) const {
  if (route.rejected) return Exclusion::kRejected;
  if (route.path->exports->all.contains(voice_of(client))) return std::nullopt;
  if (route.participant == client) return Exclusion::kOwnRoute;
  if (!exchange_->may_peer(route.participant, client)) return Exclusion::kNoPeering;
  if (!exchange_->may_hear(route.participant, client)) return Exclusion::kNoPolicy;
  if (usability_[route.participant.index()] == Usability::kUnusable) return Exclusion::kUnusable;
  const net::Asn asn = exchange_->participant(client).asn;
  if (route.attributes().as_path.contains(asn)) return Exclusion::kClientInPath;
  const PeerId voice = voice_of(client);
  ClientSet alone;
  alone.insert(voice);
  if (control_->rules(route.attributes(), alone).empty()) return Exclusion::kCommunity;
  const bool knows_stale = is_up(voice) && publisher_.session(voice).long_lived;
  const bool too_stale = route.path->liveness == Liveness::kLongLivedStale && !knows_stale;
  return too_stale ? Exclusion::kStale : Exclusion::kUnsayable;
}

std::optional<ExportControl::AnyCommunity> RouteServer::keeping(net::ParticipantId client,
                                                                const Route& route) const {
  return control_->keeping(route.attributes(), exchange_->participant(client).asn);
}

std::optional<Treatment> RouteServer::treatment(net::ParticipantId client,
                                                const Route& route) const {
  for (const ExportRule& rule : route.path->exports->rules) {
    if (rule.clients.contains(voice_of(client))) return rule.treatment;
  }
  return std::nullopt;
}

Advantage RouteServer::advantage(const Route& better, const Route& next) const {
  if (next.rejected && !better.rejected) {
    return {.step = DecisionStep::kAccepted, .text = "the next is rejected"};
  }
  const auto rival = [this](const Route& route) {
    return Rival{.preference = route.path->preference,
                 .bgp_identifier = route.path->bgp_identifier,
                 .address = peer(route.peer).address};
  };
  return explain(rival(better), rival(next));
}

std::optional<Advertisement> RouteServer::told(PeerId peer_id, const net::Prefix& prefix) const {
  const auto entry = rib_.find(prefix);
  if (!entry || !is_up(peer_id)) return std::nullopt;
  if (!publisher_.session(peer_id).families.contains(prefix.family())) return std::nullopt;
  const auto choice = selection_.best(rib_.published(*entry), peer_id);
  if (!choice) return std::nullopt;
  const Path& path = paths_[choice->path];
  return Advertisement{
      .attributes = control_->exported(*path.told, choice->treatment),
      .next_hop = publisher_.told_next_hop(peer_id, *entry).value_or(path.told_next_hop)};
}

}  // namespace fabrix::routeserver
