#include "routeserver/route_server.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

namespace fabrix::routeserver {
namespace {

constexpr std::array kFamilies{net::Family::kIpv4, net::Family::kIpv6};

// RFC 9494 §4.6: marks routes that are kept for long; and asks for that not to be done.
constexpr bgp::Community kLongLivedStale{0xffff0006};
constexpr bgp::Community kNoLongLived{0xffff0007};

bool has(const bgp::PathAttributes& attributes, bgp::Community community) {
  return std::ranges::find(attributes.communities, community) != attributes.communities.end();
}

bgp::AttributesPtr with(const bgp::AttributesPtr& attributes, bgp::Community community) {
  if (has(*attributes, community)) return attributes;
  auto more = std::make_shared<bgp::PathAttributes>(*attributes);
  more->communities.push_back(community);
  return more;
}

std::uint32_t limit_of(const exchange::PrefixLimit& limit, net::Family family) {
  const auto& own = family == net::Family::kIpv4 ? limit.ipv4 : limit.ipv6;
  return std::min(own.value_or(RouteServer::kMaxPrefixesPerPeer), RouteServer::kMaxPrefixesPerPeer);
}

std::size_t counted(const exchange::PrefixLimit& limit, const Rib::Count& count) {
  return limit.count_rejected ? count.routes : count.routes - count.rejected;
}

// Those that the exchange has now, yet without ids.
std::vector<Peer> peers_of(const exchange::Exchange& exchange) {
  std::vector<Peer> peers;
  for (const exchange::Router& router : exchange.routers) {
    const auto& owner = exchange.participant(router.participant);
    for (const net::IpAddress& address : router.addresses) {
      peers.push_back({.id = {},
                       .router = router.id,
                       .participant = router.participant,
                       .asn = owner.asn,
                       .address = address,
                       .dynamic = owner.dynamic.has_value()});
    }
  }
  return peers;
}

}  // namespace

RouteServer::RouteServer(const exchange::Exchange& exchange)
    : exchange_(&exchange),
      rib_(paths_, [this](PeerId peer, std::uint32_t identifier) { return tie(peer, identifier); }),
      selection_(paths_,
                 [this](PeerId peer, std::uint32_t identifier) { return tie(peer, identifier); }),
      publisher_(paths_, rib_, selection_) {
  configure();
}

RouteServer::~RouteServer() = default;

// The peers that the exchange has now. They keep their ids; those of dynamic neighbours that are
// gone are given to new peers.
void RouteServer::place_peers() {
  for (Peer& peer : peers_) peer.present = false;
  std::vector<Peer> added;
  for (Peer& peer : peers_of(*exchange_)) {
    const auto known = std::ranges::find(peers_, peer.address, &Peer::address);
    if (known == peers_.end()) {
      added.push_back(peer);
    } else {
      peer.id = known->id;
      *known = peer;
    }
  }
  for (Peer& peer : added) {
    auto place =
        std::ranges::find_if(peers_, [](const Peer& one) { return one.dynamic && !one.present; });
    if (place == peers_.end()) place = peers_.emplace(place);
    peer.id = PeerId{static_cast<std::uint16_t>(place - peers_.begin())};
    *place = peer;
  }
}

// Peers, and all that follows from them and the exchange.
void RouteServer::configure() {
  place_peers();
  usability_.resize(exchange_->participants.size(), Usability::kUsable);
  identifiers_.resize(peers_.size());
  speakers_.grow(peers_.size());
  std::vector<PeerId> order;
  for (const Peer& peer : peers_) order.push_back(peer.id);
  std::ranges::sort(order, {}, [this](PeerId id) { return peer(id).address; });
  address_order_.resize(peers_.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    address_order_[order[i].index()] = static_cast<std::uint32_t>(i);
  }
  clients_.clear();
  sessions_.assign(exchange_->participants.size(), {});
  for (const Peer& peer : peers_) {
    if (!peer.present) continue;
    clients_.push_back(peer);
    sessions_[peer.participant.index()].push_back(peer.id);
  }
  voices_.clear();
  for (const exchange::Participant& participant : exchange_->participants) {
    const auto own = std::ranges::find(clients_, participant.id, &Peer::participant);
    if (own != clients_.end()) {
      voices_.push_back(own->id);
      continue;
    }
    const auto next = static_cast<std::uint16_t>(peers_.size() + participant.id.index());
    voices_.push_back(PeerId{next});
    clients_.push_back(
        {.id = PeerId{next}, .router = {}, .participant = participant.id, .asn = participant.asn});
  }
  everyone_ = ClientSet();
  for (const PeerId voice : voices_) everyone_.insert(voice);
  control_ = std::make_unique<ExportControl>(*exchange_, clients_);
  publisher_.set_export_control(control_.get());
  filter_ = std::make_unique<ImportFilter>(*exchange_, data_);
}

void RouteServer::reconfigure(const exchange::Exchange& exchange) {
  exchange_ = &exchange;
  configure();
  judge_again(std::vector<bool>(peers_.size(), true), nullptr);
}

void RouteServer::set_import_data(ImportData data, const Affected& affected) {
  data_ = std::move(data);
  filter_ = std::make_unique<ImportFilter>(*exchange_, data_);
  judge_again(std::vector<bool>(peers_.size(), true), affected);
}

void RouteServer::set_next_hops(NextHopOf next_hop) {
  next_hop_ = std::move(next_hop);
  publisher_.set_next_hops([this](PeerId client, const net::Prefix& prefix) {
    return next_hop_(peer(client).participant, prefix);
  });
}

void RouteServer::set_next_hops_by_group(NextHopsByGroup by_group) {
  next_hops_ = std::move(by_group);
  publisher_.set_hops_by_group(
      {.group = next_hops_.group,
       .hops = [this](std::uint64_t group, net::Family family, const ClientSet& clients,
                      HopGroups& groups) { next_hops_of(group, family, clients, groups); },
       .version = next_hops_.version});
}

void RouteServer::next_hops_of(std::uint64_t group, net::Family family, const ClientSet& clients,
                               HopGroups& groups) {
  next_hops_.next_hops(group, family, told_instead_);
  hops_.clear();
  for (const exchange::ClientNextHop& hop : told_instead_) {
    for (const PeerId session : sessions_[hop.client.index()]) {
      if (clients.contains(session)) hops_.push_back({hop.address, session});
    }
  }
  group_hops(hops_, groups);
}

void RouteServer::set_virtual(net::ParticipantId client, bool is_virtual) {
  for (const Peer& peer : peers_) {
    if (peer.present && peer.participant == client) publisher_.set_virtual(peer.id, is_virtual);
  }
}

std::optional<PeerId> RouteServer::find_peer(const net::IpAddress& address) const {
  const auto found = std::ranges::find(peers_, address, &Peer::address);
  if (found == peers_.end() || !found->present) return std::nullopt;
  return found->id;
}

// The order of two addresses stays whatever comes between them.
std::uint64_t RouteServer::tie(PeerId peer, std::uint32_t bgp_identifier) const {
  return std::uint64_t{bgp_identifier} << 32U | address_order_[peer.index()];
}

PeerId RouteServer::voice_of(net::ParticipantId participant) const {
  return voices_[participant.index()];
}

void RouteServer::session_up(PeerId peer, const SessionInfo& info) {
  const auto before = std::exchange(identifiers_[peer.index()], info.bgp_identifier);
  publisher_.session_up(peer, info);
  if (before != info.bgp_identifier) identify_routes(peer);
  if (speakers_.learn(peer, dialect_of(info)) && demanding_) judge_demanding();
  if (!kept_long_) return;
  // Whether it may hear of them depends on what it understands (RFC 9494 §4.3).
  std::vector<bool> kept_long(peers_.size());
  for (const PathId path : paths_.all()) {
    if (paths_[path].liveness == Liveness::kLongLivedStale)
      kept_long[paths_[path].peer.index()] = true;
  }
  if (std::ranges::count(kept_long, true) > 0) judge_again(kept_long, nullptr);
}

void RouteServer::session_down(PeerId peer) {
  session_lost(peer, {});
}

void RouteServer::session_lost(PeerId peer, bgp::FamilySet kept) {
  publisher_.session_down(peer);
  for (const net::Family family : kFamilies) {
    if (rib_.count(peer, family).routes == 0) continue;
    const auto drop = [&] {
      for (const EntryId entry : stale_of(peer, family)) rib_.withdraw(entry, peer);
    };
    // What was stale already has had its time (RFC 4724 §4.2).
    drop();
    rib_.mark_stale(peer, family);
    if (!kept.contains(family)) drop();
  }
}

std::vector<EntryId> RouteServer::stale_of(PeerId peer, net::Family family) const {
  std::vector<EntryId> stale;
  rib_.for_each_of(peer, [&](EntryId entry, const RouteRef& route) {
    if (route.stale && rib_.prefix(entry).family() == family) stale.push_back(entry);
  });
  return stale;
}

void RouteServer::drop_stale(PeerId peer, net::Family family) {
  for (const EntryId entry : stale_of(peer, family)) withdraw_revised(entry, peer);
}

void RouteServer::withdraw_revised(EntryId entry, PeerId peer) {
  const bool was_accepted = Rib::route_of(rib_.routes(entry), peer)->accepted();
  const net::Prefix prefix = rib_.prefix(entry);
  rib_.withdraw(entry, peer);
  if (!revised_) return;
  revised_({.peer = peer, .prefix = prefix, .was_accepted = was_accepted, .now = std::nullopt});
}

// Whether the import filter leaves the same of both routes of one session.
bool RouteServer::is_shown_alike(const RouteRef& before, const RouteRef& now) const {
  if (!before.accepted() || !now.accepted()) return before.accepted() == now.accepted();
  const bgp::AttributesPtr& told = paths_[before.path].told;
  const bgp::AttributesPtr& told_now = paths_[now.path].told;
  return told == told_now || *told == *told_now;
}

void RouteServer::replace_revised(EntryId entry, const RouteRef& before, const RouteRef& now) {
  // Asked first: the path before may be nobody's afterwards.
  const bool is_revised = revised_ && !is_shown_alike(before, now);
  const bool was_accepted = before.accepted();
  rib_.announce(entry, now);
  if (!is_revised) return;
  revised_({.peer = now.peer,
            .prefix = rib_.prefix(entry),
            .was_accepted = was_accepted,
            .now = view(now)});
}

void RouteServer::keep_stale_long(PeerId peer, net::Family family) {
  kept_long_ = true;
  std::vector<std::pair<EntryId, RouteRef>> stale;
  rib_.for_each_of(peer, [&](EntryId entry, const RouteRef& route) {
    if (route.stale && rib_.prefix(entry).family() == family) stale.emplace_back(entry, route);
  });
  for (const auto& [entry, route] : stale) {
    const Path& path = paths_[route.path];
    // RFC 9494 §4.2: such a route must not be kept.
    if (has(*path.attributes, kNoLongLived)) {
      withdraw_revised(entry, peer);
      continue;
    }
    const PathId kept = paths_.intern({.peer = peer,
                                       .liveness = Liveness::kLongLivedStale,
                                       .family = path.family,
                                       .bgp_identifier = path.bgp_identifier,
                                       .next_hop = path.next_hop,
                                       .attributes = path.attributes},
                                      [this](const PathKey& key) { return judge(key); });
    RouteRef now = route;
    now.path = kept;
    replace_revised(entry, route, now);
    paths_.release(kept);
  }
}

UpdateOutcome RouteServer::update(PeerId peer, const bgp::UpdateMessage& update, Urgency urgency) {
  const std::array before{rib_.count(peer, net::Family::kIpv4),
                          rib_.count(peer, net::Family::kIpv6)};
  for (const net::Prefix& prefix : update.withdrawn) rib_.withdraw(prefix, peer, urgency);
  for (const bgp::Announcement& announcement : update.announced) {
    announce(peer, announcement, update.attributes, urgency);
  }
  return check_limits(peer, before);
}

void RouteServer::announce(PeerId peer_id, const bgp::Announcement& announcement,
                           const bgp::AttributesPtr& attributes, Urgency urgency) {
  const Peer& from = peer(peer_id);
  const PathId path = paths_.intern({.peer = peer_id,
                                     .liveness = Liveness::kLive,
                                     .family = announcement.family,
                                     .bgp_identifier = identifiers_[peer_id.index()],
                                     .next_hop = announcement.next_hop,
                                     .attributes = attributes},
                                    [this](const PathKey& key) { return judge(key); });
  const exchange::PrefixLimit& limit = exchange_->participant(from.participant).import.limit;
  const bool blocks = limit.action == exchange::LimitAction::kBlock;
  // All are looked up before any is used: the processor waits for memory only once for several.
  entries_.clear();
  for (const net::Prefix& prefix : announcement.prefixes) entries_.push_back(rib_.obtain(prefix));
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const net::Prefix& prefix = announcement.prefixes[i];
    std::uint8_t judged = verdict(from, prefix, paths_[path]);
    if (blocks && judged == RouteRef::kAccepted &&
        counted(limit, rib_.count(peer_id, prefix.family())) >= limit_of(limit, prefix.family()) &&
        !rib_.has_accepted(prefix, peer_id)) {
      judged = static_cast<std::uint8_t>(RejectReason::kMaxPrefix);
    }
    rib_.announce(entries_[i], {.path = path, .peer = peer_id, .verdict = judged}, urgency);
  }
  paths_.release(path);
}

std::uint8_t RouteServer::verdict(const Peer& from, const net::Prefix& prefix,
                                  const Path& path) const {
  const auto rejected = filter_->judge(from, prefix, path.verdict);
  return rejected ? static_cast<std::uint8_t>(*rejected) : RouteRef::kAccepted;
}

UpdateOutcome RouteServer::check_limits(PeerId peer_id,
                                        const std::array<Rib::Count, 2>& before) const {
  const auto& policy = exchange_->participant(peer(peer_id).participant).import.limit;
  for (std::size_t i = 0; i < kFamilies.size(); ++i) {
    const std::uint32_t limit = limit_of(policy, kFamilies[i]);
    const auto now = rib_.count(peer_id, kFamilies[i]);
    const bool ends = policy.action == exchange::LimitAction::kShutdown ||
                      policy.action == exchange::LimitAction::kRestart;
    if ((ends && counted(policy, now) > limit) || now.routes > kMaxPrefixesPerPeer) {
      return {.kind = UpdateOutcome::Kind::kOverLimit, .family = kFamilies[i], .limit = limit};
    }
    const std::uint64_t warn_at = std::uint64_t{limit} * policy.warn_percent / 100;
    if (counted(policy, now) > warn_at && counted(policy, before[i]) <= warn_at) {
      return {.kind = UpdateOutcome::Kind::kNearLimit, .family = kFamilies[i], .limit = limit};
    }
  }
  return {};
}

// The sessions that may hear of a peer's routes, as far as the configuration goes.
ClientSet RouteServer::hearers(const Peer& from) const {
  ClientSet all(peers_.size() + exchange_->participants.size());
  if (usability_[from.participant.index()] == Usability::kUnusable) return all;
  for (const Peer& client : clients_) {
    if (exchange_->may_hear(from.participant, client.participant)) all.insert(client.id);
  }
  return all;
}

Path RouteServer::judge(const PathKey& key) {
  const Peer& from = peer(key.peer);
  Path path{.peer = key.peer,
            .liveness = key.liveness,
            .family = key.family,
            .bgp_identifier = key.bgp_identifier,
            .next_hop = key.next_hop,
            .attributes = key.attributes,
            .verdict = filter_->judge_path(from, key.next_hop, *key.attributes),
            .told_next_hop = key.next_hop,
            .told = key.attributes,
            .since = seconds_};
  const auto& blackhole = exchange_->participant(from.participant).import.blackhole;
  if (path.verdict.blackhole) {
    const auto& instead = key.next_hop.family() == net::Family::kIpv4 ? blackhole.next_hop_ipv4
                                                                      : blackhole.next_hop_ipv6;
    path.told_next_hop = instead.value_or(key.next_hop);
  }
  ClientSet candidates = hearers(from);
  Standing standing =
      path.verdict.graceful_shutdown ? Standing::kGracefulShutdown : Standing::kNormal;
  if (key.liveness == Liveness::kLongLivedStale) {
    standing = standing == Standing::kNormal ? Standing::kLongLivedStale
                                             : Standing::kLongLivedStaleShutdown;
    path.told = with(path.told, kLongLivedStale);
    candidates.for_each([&, all = candidates](PeerId client) {
      const bool knows = publisher_.is_up(client) && publisher_.session(client).long_lived;
      if (!knows) candidates.erase(client);
    });
  }
  path.plain = control_->is_plain(*path.told);
  path.preference = preference_of(*key.attributes, standing);
  ExportClass exports{.rules = control_->rules(*key.attributes, candidates),
                      .all = ClientSet(peers_.size() + exchange_->participants.size())};
  const auto& own = exchange_->router(from.router).addresses;
  if (std::ranges::find(own, path.told_next_hop) == own.end()) {
    exports.other_next_hop = path.told_next_hop;
  }
  const Sayable told{*path.told, path.told_next_hop, path.family};
  if (!can_always_say(told)) {
    path.demanding = demanding_ = true;
    speakers_.keep_sayable(*control_, told, exports.rules);
  }
  for (const ExportRule& rule : exports.rules) exports.all |= rule.clients;
  path.exports = paths_.intern(std::move(exports));
  return path;
}

void RouteServer::set_usable(net::ParticipantId participant, Usability usability) {
  if (usability_[participant.index()] == usability) return;
  usability_[participant.index()] = usability;
  std::vector<bool> own(peers_.size());
  for (const Peer& peer : peers_) own[peer.id.index()] = peer.participant == participant;
  judge_again(own, nullptr);
}

// Judges the paths of these peers, and their routes to the affected prefixes.
void RouteServer::judge_again(const std::vector<bool>& peers, const Affected& affected) {
  struct Judged {
    PathId path;
    bool is_changed = false;  // also where it is the same path, with another verdict
  };
  boost::unordered_flat_map<std::uint32_t, Judged> now;
  for (const PathId path : paths_.all()) {
    if (!peers[paths_[path].peer.index()]) continue;
    const PathVerdict before = paths_[path].verdict;
    const PathId again =
        paths_.judge_again(path, [this](const PathKey& key) { return judge(key); });
    const bool is_changed = again != path || paths_[again].verdict != before;
    now.emplace(path.value, Judged{.path = again, .is_changed = is_changed});
  }
  std::vector<RouteRef> routes;
  for (std::uint32_t i = 0; i < rib_.end(); ++i) {
    const EntryId entry{i};
    const net::Prefix& prefix = rib_.prefix(entry);
    if (rib_.is_free(entry)) continue;
    const bool by_prefix = !affected || affected(prefix);
    routes.assign(rib_.routes(entry).begin(), rib_.routes(entry).end());
    for (const RouteRef& route : routes) {
      const auto found = now.find(route.path.value);
      if (found == now.end() || (!by_prefix && !found->second.is_changed)) continue;
      RouteRef judged = route;
      judged.path = found->second.path;
      const bool blocked = route.rejected() == RejectReason::kMaxPrefix;
      if (!blocked) judged.verdict = verdict(peer(route.peer), prefix, paths_[judged.path]);
      replace_revised(entry, route, judged);
    }
  }
  for (const auto& [before, judged] : now) paths_.release(judged.path);
}

std::vector<exchange::PlacedPrefix> RouteServer::take_changed() {
  const auto entries = rib_.take_changed(SIZE_MAX);
  std::vector<exchange::PlacedPrefix> taken;
  taken.reserve(entries.size());
  for (const EntryId entry : entries) taken.emplace_back(rib_.prefix(entry), entry);
  return taken;
}

void RouteServer::publish(std::span<const exchange::PlacedPrefix> prefixes) {
  std::vector<EntryId> entries;
  entries.reserve(prefixes.size());
  for (const exchange::PlacedPrefix& each : prefixes) entries.push_back(each.place);
  publish_entries(entries);
}

void RouteServer::publish_changed(std::size_t most) {
  publish_entries(rib_.take_changed(most));
}

void RouteServer::publish_entries(std::span<const EntryId> entries) {
  publisher_.publish(entries);
  if (published_) published_(entries);
}

std::vector<std::byte> RouteServer::pull(PeerId peer) {
  std::vector<std::byte> all;
  while (has_output(peer)) {
    std::size_t count = 0;
    for (const auto piece : output(peer)) {
      all.insert(all.end(), piece.begin(), piece.end());
      count += piece.size();
    }
    sent(peer, count);
  }
  return all;
}

void RouteServer::publish_all(net::ParticipantId client) {
  for (const Peer& peer : peers_) {
    if (peer.participant == client) publisher_.look_again(peer.id);
  }
}

}  // namespace fabrix::routeserver
