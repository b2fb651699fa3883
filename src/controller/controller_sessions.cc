// What members' sessions bring, and what they are told.
#include <utility>

#include "controller/controller.h"

namespace fabrix::controller {

using routeserver::PeerId;

void Controller::session_up(PeerId peer, const routeserver::SessionInfo& info,
                            bgp::FamilySet flowspec) {
  route_server_.session_up(peer, info);
  first_tables_.begin(peer, Clock::now());
  mind_next_hops(peer);
  flowspec_.session_up(peer, info, flowspec);
  if (watcher_ != nullptr) watcher_->session_up(peer);
  routes_changed();
}

// Its participant has IPv6 virtual next hops for IPv4 prefixes where each session that is told
// these understands them (RFC 8950).
void Controller::mind_next_hops(PeerId changed) {
  const net::ParticipantId participant = route_server_.peer(changed).participant;
  std::size_t told = 0;
  std::size_t understand = 0;
  for (const routeserver::Peer& peer : route_server_.peers()) {
    if (!peer.present || peer.participant != participant || !route_server_.is_up(peer.id)) continue;
    const routeserver::SessionInfo& session = route_server_.session(peer.id);
    if (!session.families.ipv4) continue;
    ++told;
    if (session.extended_next_hop) ++understand;
  }
  // While none is up, what routers remember stays as it is.
  if (told != 0) compiler_.set_extended_next_hop(participant, told == understand);
}

void Controller::session_down(PeerId peer) {
  session_lost(peer, {});
}

void Controller::session_lost(PeerId peer, bgp::FamilySet kept) {
  route_server_.session_lost(peer, kept);
  first_tables_.end(peer);
  mind_next_hops(peer);
  flowspec_.session_down(peer);
  flowspec_.unicast_changed();
  if (watcher_ != nullptr) watcher_->session_down(peer);
  routes_changed();
}

void Controller::mark_stale(PeerId peer, net::Family family) {
  route_server_.mark_stale(peer, family);
}

void Controller::drop_stale(PeerId peer, net::Family family) {
  route_server_.drop_stale(peer, family);
  flowspec_.unicast_changed();
  routes_changed();
}

void Controller::keep_stale_long(PeerId peer, net::Family family) {
  route_server_.keep_stale_long(peer, family);
  flowspec_.unicast_changed();
  routes_changed();
}

routeserver::UpdateOutcome Controller::update(PeerId peer, const bgp::UpdateMessage& update) {
  // Routes are as old as the update that brought them.
  const auto now = Clock::now();
  const auto age = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  route_server_.set_time(static_cast<std::uint32_t>(age.count()));
  if (watcher_ != nullptr) watcher_->updating(peer, update);
  const bool waits = on_wait && first_tables_.may_wait(peer, update, now);
  const auto outcome = route_server_.update(
      peer, update, waits ? routeserver::Urgency::kMayWait : routeserver::Urgency::kNext);
  if (flowspec_.concerns(update)) flowspec_.update(peer, update);
  if (watcher_ != nullptr) watcher_->updated(peer, update);
  // What gathers is bounded: who announces faster than members can be told waits meanwhile.
  if (route_server_.changed_count() >= kPublishAtOnce && routes_go_alone()) publish_routes();
  if (route_server_.has_changed() || flowspec_.needs_settling()) routes_changed();
  mind_waiting(now);
  return outcome;
}

void Controller::wake(Clock::time_point now) {
  awaits_wake_.reset();
  expire_states(now);
  mind_waiting(now);
  if (timeout_due_) ask_to_wake(*timeout_due_);
}

void Controller::ask_to_wake(Clock::time_point at) {
  if (!on_wait || (awaits_wake_ && *awaits_wake_ <= at)) return;
  awaits_wake_ = at;
  on_wait(at);
}

void Controller::mind_waiting(Clock::time_point now) {
  const auto due = first_tables_.due(route_server_.waiting_count());
  if (!due) return;
  if (*due <= now) return release_waiting(now);
  ask_to_wake(*due);
}

void Controller::release_waiting(Clock::time_point now) {
  route_server_.release_waiting();
  first_tables_.released(now);
  routes_changed();
}

void Controller::refresh(PeerId peer, net::Family family) {
  route_server_.refresh(peer, family);
  routes_changed();
}

void Controller::refresh_flowspec(PeerId peer, net::Family family) {
  flowspec_.refresh(peer, family);
  routes_changed();
}

std::vector<std::byte> Controller::flowspec_output(PeerId peer) {
  if (ahead_) return {};
  return flowspec_.output(peer);
}

std::vector<std::span<const std::byte>> Controller::output(PeerId peer) {
  if (ahead_) return {};
  return route_server_.output(peer);
}

std::vector<std::byte> Controller::pull(PeerId peer) {
  if (ahead_) return {};
  auto all = route_server_.pull(peer);
  for (auto more = flowspec_.output(peer); !more.empty(); more = flowspec_.output(peer)) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace fabrix::controller
