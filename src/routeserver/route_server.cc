#include "routeserver/route_server.h"

#include <algorithm>
#include <utility>

#include "routeserver/decision.h"
#include "routeserver/export_control.h"
#include "routeserver/import_filter.h"

namespace fabrix::routeserver {
namespace {

// Whether leaving routes out can change the order of the others (decision.h).
bool order_depends_on_set(const std::vector<const Route*>& routes) {
  return std::ranges::any_of(
      routes, [](const Route* route) { return route->attributes->med.value_or(0) != 0; });
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
    case Exclusion::kUnusable:
      return "no port of the announcing participant is up";
    case Exclusion::kClientInPath:
      return "the path contains the client's AS";
    case Exclusion::kCommunity:
      return "kept from it by a community";
  }
  return "unknown reason";
}

RouteServer::RouteServer(const exchange::Exchange& exchange)
    : exchange_(&exchange), usability_(exchange.participants.size(), Usability::kUsable) {
  for (const exchange::Router& router : exchange.routers) {
    for (const net::IpAddress& address : router.addresses) {
      const PeerId id{static_cast<std::uint16_t>(peers_.size())};
      peers_.push_back({.id = id,
                        .router = router.id,
                        .participant = router.participant,
                        .asn = exchange.participant(router.participant).asn,
                        .address = address});
    }
  }
  states_.resize(peers_.size());
}

std::optional<PeerId> RouteServer::find_peer(const net::IpAddress& address) const {
  const auto found = std::ranges::find(peers_, address, &Peer::address);
  if (found == peers_.end()) return std::nullopt;
  return found->id;
}

void RouteServer::session_up(PeerId peer, const SessionInfo& info) {
  if (is_up(peer)) session_down(peer);
  PeerState& fresh = state(peer) = PeerState{.session = info, .out = {}};
  fresh.out.mark(rib_.prefixes());
  fresh.out.end_with_marker();
}

void RouteServer::session_down(PeerId peer) {
  state(peer) = {};
  for (const net::Prefix& prefix : rib_.prefixes_of(peer)) withdraw(peer, prefix);
}

UpdateResult RouteServer::update(PeerId peer, const bgp::UpdateMessage& update) {
  for (const net::Prefix& prefix : update.withdrawn) withdraw(peer, prefix);
  if (update.announced.empty()) return UpdateResult::kTaken;
  const auto attributes = pool_.intern(update.attributes);
  for (const bgp::Announcement& announcement : update.announced) {
    announce(peer, announcement, attributes);
  }
  return rib_.route_count(peer) > kMaxPrefixesPerPeer ? UpdateResult::kOverLimit
                                                      : UpdateResult::kTaken;
}

void RouteServer::announce(PeerId peer_id, const bgp::Announcement& announcement,
                           const bgp::AttributesPtr& attributes) {
  const Peer& from = peer(peer_id);
  const auto exported = pool_.intern(scrub(*attributes, exchange_->asn));
  for (const net::Prefix& prefix : announcement.prefixes) {
    Route route{
        .peer = peer_id,
        .router = from.router,
        .participant = from.participant,
        .bgp_identifier = state(peer_id).session ? state(peer_id).session->bgp_identifier : 0,
        .peer_address = from.address,
        .next_hop = announcement.next_hop,
        .attributes = attributes,
        .exported = exported,
        .rejected = import_filter(*exchange_, from, prefix, announcement.next_hop, *attributes)};
    if (rib_.announce(prefix, std::move(route))) changed_.insert(prefix);
  }
}

void RouteServer::withdraw(PeerId peer, const net::Prefix& prefix) {
  if (rib_.withdraw(prefix, peer)) changed_.insert(prefix);
}

void RouteServer::refresh(PeerId peer, net::Family family) {
  if (is_up(peer)) state(peer).out.repeat(family, rib_.prefixes());
}

void RouteServer::set_usable(net::ParticipantId participant, Usability usability) {
  if (usability_[participant.index()] == usability) return;
  usability_[participant.index()] = usability;
  for (const Peer& peer : peers_) {
    if (peer.participant != participant) continue;
    for (const net::Prefix& prefix : rib_.prefixes_of(peer.id)) changed_.insert(prefix);
  }
}

std::vector<net::Prefix> RouteServer::take_changed() {
  std::vector<net::Prefix> taken(changed_.begin(), changed_.end());
  std::ranges::sort(taken);
  unpublished_.insert(taken.begin(), taken.end());
  changed_.clear();
  return taken;
}

void RouteServer::publish(std::span<const net::Prefix> prefixes) {
  for (const net::Prefix& prefix : prefixes) unpublished_.erase(prefix);
  for (PeerState& client : states_) {
    if (client.session) client.out.mark(prefixes);
  }
}

void RouteServer::publish_all(net::ParticipantId client) {
  const auto all = rib_.prefixes();
  for (const Peer& peer : peers_) {
    if (peer.participant == client && is_up(peer.id)) state(peer.id).out.mark(all);
  }
}

bool RouteServer::is_held(const net::Prefix& prefix) const {
  return changed_.contains(prefix) || unpublished_.contains(prefix);
}

bool RouteServer::has_output(PeerId peer) const {
  return is_up(peer) && state(peer).out.has_work();
}

std::vector<std::byte> RouteServer::pull(PeerId peer_id) {
  if (!is_up(peer_id)) return {};
  PeerState& client = state(peer_id);
  const net::ParticipantId participant = peer(peer_id).participant;
  return client.out.pull(
      *client.session, [&](const net::Prefix& prefix) { return wanted(participant, prefix); },
      [this](const net::Prefix& prefix) { return is_held(prefix); });
}

std::optional<Advertisement> RouteServer::wanted(net::ParticipantId client,
                                                 const net::Prefix& prefix) const {
  const auto usable = candidates(client, prefix);
  if (usable.empty()) return std::nullopt;
  const Route& best = *usable.front();
  Advertisement advertisement{.attributes = best.exported, .next_hop = best.next_hop};
  if (next_hop_) {
    if (const auto instead = next_hop_(client, prefix)) advertisement.next_hop = *instead;
  }
  return advertisement;
}

std::optional<Exclusion> RouteServer::why_not(net::ParticipantId client, const Route& route) const {
  if (route.rejected) return Exclusion::kRejected;
  if (route.participant == client) return Exclusion::kOwnRoute;
  if (!exchange_->may_peer(route.participant, client)) return Exclusion::kNoPeering;
  if (usability_[route.participant.index()] == Usability::kUnusable) return Exclusion::kUnusable;
  const net::Asn asn = exchange_->participant(client).asn;
  if (route.attributes->as_path.contains(asn)) return Exclusion::kClientInPath;
  if (!may_export(*route.attributes, exchange_->asn, asn)) return Exclusion::kCommunity;
  return std::nullopt;
}

std::vector<const Route*> RouteServer::candidates(net::ParticipantId client,
                                                  const net::Prefix& prefix) const {
  std::vector<const Route*> usable;
  const auto all = rib_.find(prefix);
  for (const Route& route : all) {
    if (!why_not(client, route)) usable.push_back(&route);
  }
  if (usable.size() < all.size() && order_depends_on_set(usable)) rank(usable);
  return usable;
}

exchange::Routes RouteServer::routes(net::ParticipantId client, const net::Prefix& prefix) const {
  exchange::Routes routers;
  for (const Route* route : candidates(client, prefix)) {
    // A router may announce the prefix over both its sessions; its better route counts.
    if (std::ranges::find(routers, route->router) == routers.end()) {
      routers.push_back(route->router);
    }
  }
  return routers;
}

std::optional<net::Prefix> RouteServer::resolve(net::ParticipantId client,
                                                const net::IpAddress& address) const {
  const auto width = static_cast<int>(net::width_of(address.family()));
  for (int length = width; length >= 0; --length) {
    const auto prefix = net::Prefix::containing(address, static_cast<unsigned>(length)).value();
    if (!candidates(client, prefix).empty()) return prefix;
  }
  return std::nullopt;
}

void RouteServer::for_each_prefix(
    net::ParticipantId client,
    const std::function<void(const net::Prefix&, const exchange::Routes&)>& visit) const {
  auto all = rib_.prefixes();
  std::ranges::sort(all);
  for (const net::Prefix& prefix : all) {
    const auto usable = routes(client, prefix);
    if (!usable.empty()) visit(prefix, usable);
  }
}

std::vector<net::Prefix> RouteServer::announced_by(net::ParticipantId announcer) const {
  std::vector<net::Prefix> announced;
  for (const net::Prefix& prefix : rib_.prefixes()) {
    const bool accepted = std::ranges::any_of(rib_.find(prefix), [&](const Route& route) {
      return route.participant == announcer && !route.rejected;
    });
    if (accepted) announced.push_back(prefix);
  }
  std::ranges::sort(announced);
  return announced;
}

const Advertisement* RouteServer::told(PeerId peer, const net::Prefix& prefix) const {
  return state(peer).out.told(prefix);
}

}  // namespace fabrix::routeserver
