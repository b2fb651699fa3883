#include "daemon/session_watch.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <variant>

#include "bgp/session_negotiation.h"

namespace fabrix::daemon {
namespace {

using monitoring::PeerKey;
using monitoring::RouteState;
using monitoring::StatisticType;
using monitoring::Timestamp;
using routeserver::PeerId;

Timestamp wall_clock() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

PeerKey key_of(PeerId peer) {
  return PeerKey{peer.value};
}

RouteState state_of(const routeserver::Route& route) {
  return route.rejected ? RouteState::kFiltered : RouteState::kAccepted;
}

// To compare states by. Comparing them as optionals makes g++ 12 warn of what is not so.
int code_of(const std::optional<monitoring::RouteState>& state) {
  return state ? static_cast<int>(*state) : -1;
}

}  // namespace

SessionWords words_of(const controller::BgpServer& server) {
  SessionWords words;
  words.session = [&server](PeerId peer) -> std::optional<monitoring::PeerSession> {
    const controller::BgpConnection* const connection = server.connection(peer);
    if (connection == nullptr || !connection->session().peer()) return std::nullopt;
    const auto* const local = std::get_if<io::IpEndpoint>(&connection->local());
    const auto* const remote = std::get_if<io::IpEndpoint>(&connection->remote());
    if (local == nullptr || remote == nullptr) return std::nullopt;
    return monitoring::PeerSession{.key = key_of(peer),
                                   .address = remote->address,
                                   .local_address = local->address,
                                   .port = remote->port,
                                   .local_port = local->port,
                                   .received_open = connection->session().peer()->open,
                                   .sent_open = bgp::open_for(connection->session().config()),
                                   .since = wall_clock(),
                                   .established = true};
  };
  words.down = [&server](PeerId peer) -> monitoring::DownReason {
    const controller::BgpConnection* const connection = server.connection(peer);
    if (connection == nullptr || !connection->down()) return monitoring::RemoteClosed{};
    return monitoring::down_reason(*connection->down());
  };
  return words;
}

monitoring::Route monitored(const routeserver::Route& route) {
  const routeserver::Path& path = *route.path;
  // The route server's clock is steady (Controller::update).
  const auto now =
      std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch());
  const auto age = std::max(now - std::chrono::seconds(path.since), std::chrono::seconds(0));
  return {.peer = key_of(route.peer),
          .next_hop = route.next_hop,
          .attributes = path.attributes,
          .imported = path.told == path.attributes ? nullptr : path.told,
          .received = wall_clock() - age,
          .state = state_of(route)};
}

SessionWatch::SessionWatch(controller::Controller& controller, SessionWords words)
    : controller_(controller), words_(std::move(words)) {
  controller_.set_watcher(this);
}

SessionWatch::~SessionWatch() {
  controller_.set_watcher(nullptr);
}

SessionTally SessionWatch::tally(PeerId peer) const {
  const auto known = tallies_.find(peer);
  return known == tallies_.end() ? SessionTally{} : known->second;
}

void SessionWatch::session_up(PeerId peer) {
  ++tallies_[peer].state_changes;
  auto session = words_.session(peer);
  if (!session) return;
  const auto& server = controller_.route_server();
  session->keeps_routes = server.count(peer, net::Family::kIpv4).routes > 0 ||
                          server.count(peer, net::Family::kIpv6).routes > 0;
  const auto& known = sessions_.insert_or_assign(peer, *std::move(session)).first->second;
  for (monitoring::Observer* const observer : observers_) observer->peer_up(known);
}

void SessionWatch::session_down(PeerId peer) {
  const auto reason = words_.down(peer);
  SessionTally& tally = tallies_[peer];
  ++tally.state_changes;
  if (std::holds_alternative<monitoring::LocalNotification>(reason)) ++tally.notifications_sent;
  if (std::holds_alternative<monitoring::RemoteNotification>(reason)) {
    ++tally.notifications_received;
  }
  const auto known = sessions_.find(peer);
  if (known == sessions_.end() || !known->second.established) return;
  known->second.established = false;
  const auto now = wall_clock();
  for (monitoring::Observer* const observer : observers_) {
    observer->peer_down(key_of(peer), reason, now);
  }
}

void SessionWatch::note_before(PeerId peer, const net::Prefix& prefix) {
  const auto route = controller_.route_server().route_of(peer, prefix);
  before_.push_back(route ? State(state_of(*route)) : std::nullopt);
}

void SessionWatch::updating(PeerId peer, const bgp::UpdateMessage& update) {
  timing_.came(UpdateTiming::Clock::now());
  before_.clear();
  grouped_ = 0;
  if (observers_.empty()) return;
  for (const net::Prefix& prefix : update.withdrawn) note_before(peer, prefix);
  for (const bgp::Announcement& announcement : update.announced) {
    for (const net::Prefix& prefix : announcement.prefixes) note_before(peer, prefix);
  }
}

// Puts the next prefix of the update to those that changed as it did.
void SessionWatch::group(PeerId peer, const net::Prefix& prefix, std::vector<Group>& groups) {
  const State before = before_[grouped_++];
  const auto route = controller_.route_server().route_of(peer, prefix);
  const State now = route ? State(state_of(*route)) : std::nullopt;
  const auto alike = std::ranges::find_if(groups, [&](const Group& group) {
    const State state = group.now ? State(group.now->state) : std::nullopt;
    return code_of(group.before) == code_of(before) && code_of(state) == code_of(now) &&
           group.prefixes.front().family() == prefix.family();
  });
  if (alike != groups.end()) {
    alike->prefixes.push_back(prefix);
    return;
  }
  groups.push_back({.before = before,
                    .now = route ? std::optional(monitored(*route)) : std::nullopt,
                    .prefixes = {prefix}});
}

void SessionWatch::updated(PeerId peer, const bgp::UpdateMessage& update) {
  timing_.decided(UpdateTiming::Clock::now());
  if (observers_.empty()) return;
  const auto now = wall_clock();
  std::vector<Group> groups;
  for (const net::Prefix& prefix : update.withdrawn) group(peer, prefix, groups);
  tell(peer, groups, now);
  // Routes of one announcement have one path; those of another may not.
  for (const bgp::Announcement& announcement : update.announced) {
    groups.clear();
    for (const net::Prefix& prefix : announcement.prefixes) group(peer, prefix, groups);
    tell(peer, groups, now);
  }
  for (const net::Family family : update.end_of_rib) {
    for (monitoring::Observer* const observer : observers_) {
      observer->end_of_rib(key_of(peer), family, now);
    }
  }
}

void SessionWatch::tell(PeerId peer, const std::vector<Group>& groups, Timestamp time) const {
  for (const Group& group : groups) {
    monitoring::RouteChange change{.peer = key_of(peer),
                                   .prefixes = group.prefixes,
                                   .now = group.now,
                                   .before = group.before,
                                   .time = time};
    // A path that is known already is as old as its oldest route; this change is of now.
    if (change.now) change.now->received = time;
    for (monitoring::Observer* const observer : observers_) observer->routes_changed(change);
  }
}

void SessionWatch::released() {
  timing_.released(UpdateTiming::Clock::now());
}

void SessionWatch::revised(const routeserver::Revision& revision) {
  if (observers_.empty()) return;
  const auto known = sessions_.find(revision.peer);
  // To monitors the routes of a session that is gone went with it.
  if (known == sessions_.end() || !known->second.established) return;
  const auto before = revision.was_accepted ? RouteState::kAccepted : RouteState::kFiltered;
  monitoring::RouteChange change{.peer = key_of(revision.peer),
                                 .prefixes = std::span(&revision.prefix, 1),
                                 .now = std::nullopt,
                                 .before = before,
                                 .time = wall_clock()};
  if (revision.now) change.now = monitored(*revision.now);
  for (monitoring::Observer* const observer : observers_) {
    if (change.now) {
      observer->routes_judged(change);
    } else {
      observer->routes_changed(change);
    }
  }
}

void SessionWatch::tell_statistics() {
  const auto now = wall_clock();
  const auto& server = controller_.route_server();
  for (const auto& [peer, session] : sessions_) {
    if (!session.established) continue;
    std::vector<monitoring::Statistic> values;
    std::uint64_t routes = 0;
    for (const net::Family family : {net::Family::kIpv4, net::Family::kIpv6}) {
      const std::uint64_t own = server.count(peer, family).routes;
      routes += own;
      values.push_back({.type = StatisticType::kAdjRibInOfFamily, .family = family, .value = own});
      values.push_back({.type = StatisticType::kAdjRibOutPostPolicyOfFamily,
                        .family = family,
                        .value = server.told_count(peer, family)});
    }
    values.push_back({.type = StatisticType::kAdjRibIn, .value = routes});
    for (monitoring::Observer* const observer : observers_) {
      observer->statistics(key_of(peer), values, now);
    }
  }
}

}  // namespace fabrix::daemon
