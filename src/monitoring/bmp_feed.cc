#include "monitoring/bmp_feed.h"

#include <utility>

#include "base/assert.h"

namespace fabrix::monitoring {
namespace {

// What take() gives at a time, but for a single larger message.
constexpr std::size_t kChunk = std::size_t{64} << 10U;

}  // namespace

BmpFeed::BmpFeed(BmpFeedOptions options, const TableSource& source)
    : options_(std::move(options)), source_(&source), walk_(source.walk()) {
  FABRIX_ASSERT(options_.views.pre_policy || options_.views.post_policy);
  add(Initiation{
      .description = options_.system_description, .name = options_.system_name, .text = {}});
  for (const PeerSession& session : source.peers()) {
    if (session.established) peer_up(session);
  }
  for (auto& [key, peer] : peers_) {
    peer.in_table = true;
    peer.waits = false;
  }
  is_walk_due_ = false;
}

void BmpFeed::peer_up(const PeerSession& session) {
  peers_.insert_or_assign(session.key, Peer{.header = bmp_peer(session),
                                            .waits = session.keeps_routes,
                                            .families = shared_families(session)});
  is_walk_due_ |= session.keeps_routes;
  add(peer_up_message(session));
}

void BmpFeed::peer_down(PeerKey peer, const DownReason& reason, Timestamp time) {
  Peer* const known = find(peer);
  if (known == nullptr) return;
  PeerDown message{.peer = known->header, .reason = reason};
  message.peer.time = time;
  peers_.erase(peer);
  add(message);
}

void BmpFeed::routes_changed(const RouteChange& change) {
  const Peer* const peer = find(change.peer);
  if (peer == nullptr) return;
  if (change.now) {
    announce(*peer, *change.now, change.prefixes);
  } else {
    withdraw(*peer, RibView::kAdjRibIn, change.prefixes, change.time);
  }
  const bool accepted = change.now && change.now->state == RouteState::kAccepted;
  if (change.before == RouteState::kAccepted && !accepted) {
    withdraw(*peer, RibView::kAdjRibInPostPolicy, change.prefixes, change.time);
  }
}

void BmpFeed::routes_judged(const RouteChange& change) {
  const Peer* const peer = find(change.peer);
  if (peer == nullptr || !change.now) return;
  if (change.now->state == RouteState::kAccepted) {
    announce_accepted(*peer, *change.now, change.prefixes);
  } else if (change.before == RouteState::kAccepted) {
    withdraw(*peer, RibView::kAdjRibInPostPolicy, change.prefixes, change.time);
  }
}

void BmpFeed::end_of_rib(PeerKey peer, net::Family family, Timestamp time) {
  Peer* const known = find(peer);
  // While the table is under way, the peer's routes are not all said: end_walk() says so.
  const bool later = known != nullptr && known->in_table && is_first_walk_;
  if (known != nullptr && !later) say_end_of_rib(*known, family, time);
}

void BmpFeed::statistics(PeerKey peer, std::span<const Statistic> values, Timestamp time) {
  const Peer* const known = find(peer);
  if (known == nullptr) return;
  StatisticsReport report{.peer = known->header, .statistics = {values.begin(), values.end()}};
  report.peer.time = time;
  add(report);
}

void BmpFeed::terminate(TerminationReason reason) {
  add(Termination{.reason = reason, .text = {}});
}

void BmpFeed::advance(std::size_t max_prefixes, Timestamp now) {
  if (walk_ == nullptr && is_walk_due_) begin_walk();
  for (std::size_t i = 0; i < max_prefixes && walk_ != nullptr && !lost_; ++i) {
    const auto routes = walk_->next();
    if (!routes) return end_walk(now);
    say(*routes);
  }
}

void BmpFeed::begin_walk() {
  for (auto& [key, peer] : peers_) peer.in_table = std::exchange(peer.waits, false);
  is_walk_due_ = false;
  walk_ = source_->walk();
}

void BmpFeed::say(const PrefixRoutes& routes) {
  for (const Route& route : routes.routes) {
    const Peer* const peer = find(route.peer);
    if (peer != nullptr && peer->in_table) announce(*peer, route, std::span(&routes.prefix, 1));
  }
}

void BmpFeed::end_walk(Timestamp now) {
  walk_.reset();
  for (auto& [key, peer] : peers_) {
    if (!std::exchange(peer.in_table, false) || !is_first_walk_) continue;
    say_end_of_rib(peer, net::Family::kIpv4, now);
    say_end_of_rib(peer, net::Family::kIpv6, now);
  }
  is_first_walk_ = false;
}

std::vector<std::byte> BmpFeed::take() {
  if (chunks_.empty()) return tail_.take();
  std::vector<std::byte> first = std::move(chunks_.front());
  chunks_.pop_front();
  queued_ -= first.size();
  return first;
}

BmpFeed::Peer* BmpFeed::find(PeerKey peer) {
  const auto found = peers_.find(peer);
  return found == peers_.end() ? nullptr : &found->second;
}

void BmpFeed::add(const BmpMessage& message) {
  if (lost_) return;
  encode_bmp(message, tail_);
  ++counters_.messages;
  check_room();
}

void BmpFeed::add(const Peer& peer, RibView view, const UpdateMessages& updates, Timestamp time) {
  BmpPeer header = peer.header;
  header.view = view;
  header.time = time;
  for (const auto message : updates.messages()) {
    if (lost_) return;
    encode_route_monitoring(header, message, tail_);
    ++counters_.messages;
    check_room();
  }
}

void BmpFeed::announce(const Peer& peer, const Route& route,
                       std::span<const net::Prefix> prefixes) {
  if (options_.views.pre_policy) {
    announce(peer, RibView::kAdjRibIn, *route.attributes, route, prefixes);
  }
  if (route.state == RouteState::kAccepted) announce_accepted(peer, route, prefixes);
}

void BmpFeed::announce_accepted(const Peer& peer, const Route& route,
                                std::span<const net::Prefix> prefixes) {
  if (!options_.views.post_policy) return;
  const bgp::AttributesPtr& imported = route.imported ? route.imported : route.attributes;
  announce(peer, RibView::kAdjRibInPostPolicy, *imported, route, prefixes);
}

void BmpFeed::announce(const Peer& peer, RibView view, const bgp::PathAttributes& attributes,
                       const Route& route, std::span<const net::Prefix> prefixes) {
  UpdateMessages updates;
  const bool sayable = updates.announce(attributes, route.next_hop, prefixes);
  // What the station knows of these prefixes is over in any case.
  if (!sayable) updates.withdraw(prefixes);
  add(peer, view, updates, route.received);
  (sayable ? counters_.routes : counters_.left_out) += prefixes.size();
}

void BmpFeed::withdraw(const Peer& peer, RibView view, std::span<const net::Prefix> prefixes,
                       Timestamp time) {
  const bool wanted =
      view == RibView::kAdjRibIn ? options_.views.pre_policy : options_.views.post_policy;
  if (!wanted) return;
  UpdateMessages updates;
  updates.withdraw(prefixes);
  add(peer, view, updates, time);
  counters_.routes += prefixes.size();
}

// RFC 7854 §5: of each view of its own.
void BmpFeed::say_end_of_rib(Peer& peer, net::Family family, Timestamp time) {
  if (!peer.families.contains(family) || peer.ended.contains(family)) return;
  (family == net::Family::kIpv4 ? peer.ended.ipv4 : peer.ended.ipv6) = true;
  UpdateMessages updates;
  updates.end_of_rib(family);
  if (options_.views.pre_policy) add(peer, RibView::kAdjRibIn, updates, time);
  if (options_.views.post_policy) add(peer, RibView::kAdjRibInPostPolicy, updates, time);
}

void BmpFeed::check_room() {
  if (queued() > options_.max_queued) {
    lost_ = true;
    chunks_.clear();
    tail_.take();
    queued_ = 0;
  } else if (tail_.size() >= kChunk) {
    queued_ += tail_.size();
    chunks_.push_back(tail_.take());
  }
}

}  // namespace fabrix::monitoring
