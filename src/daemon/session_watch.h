// SessionWatch: tells monitors what the controller's sessions do: turns the calls of
// controller::Watcher into those of monitoring::Observer.
//
// It remembers the OPENs and addresses of each session, also of one that is gone, because its
// routes may stay (RFC 4724). What an update did is found by looking at its routes before and after
// it: one look-up a prefix and time. While nobody observes, nothing is looked at.
//
// A route that changes without an update of its session (it stayed stale, new RPKI data, another
// configuration) is told when that happens. Control thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "controller/bgp_server.h"
#include "controller/controller.h"
#include "controller/watcher.h"
#include "daemon/update_timing.h"
#include "monitoring/table.h"

namespace fabrix::daemon {

// What is known of the connection of a session that has come up, or why it ended.
struct SessionWords {
  std::function<std::optional<monitoring::PeerSession>(routeserver::PeerId)> session;
  std::function<monitoring::DownReason(routeserver::PeerId)> down;
};

// Of a BGP server's sessions. The server must outlive what it gives.
SessionWords words_of(const controller::BgpServer& server);

// A route as monitors see it.
monitoring::Route monitored(const routeserver::Route& route);

// What has happened to a session so far.
struct SessionTally {
  std::uint64_t state_changes = 0;  // up or down
  std::uint64_t notifications_sent = 0;
  std::uint64_t notifications_received = 0;
};

class SessionWatch final : public controller::Watcher {
 public:
  // Watches from now on; the controller must outlive it.
  SessionWatch(controller::Controller& controller, SessionWords words);
  ~SessionWatch() override;
  SessionWatch(const SessionWatch&) = delete;
  SessionWatch& operator=(const SessionWatch&) = delete;
  SessionWatch(SessionWatch&&) = delete;
  SessionWatch& operator=(SessionWatch&&) = delete;

  // Tells it, too, from now on. It must outlive the watch, or the controller's last word. Its keys
  // of peers are the values of their PeerIds.
  void add(monitoring::Observer& observer) { observers_.push_back(&observer); }
  // No more. Not from within the observer.
  void remove(monitoring::Observer& observer) { std::erase(observers_, &observer); }

  // Every session that is up, and the last one of each peer that is not.
  const std::map<routeserver::PeerId, monitoring::PeerSession>& sessions() const {
    return sessions_;
  }

  const UpdateTiming& timing() const { return timing_; }
  SessionTally tally(routeserver::PeerId peer) const;

  // How many routes each session that is up has, to all observers (RFC 7854 §4.8, RFC 8671 §6.2).
  void tell_statistics();

  // controller::Watcher
  void session_up(routeserver::PeerId peer) override;
  void session_down(routeserver::PeerId peer) override;
  void updating(routeserver::PeerId peer, const bgp::UpdateMessage& update) override;
  void updated(routeserver::PeerId peer, const bgp::UpdateMessage& update) override;
  void compiled(std::chrono::steady_clock::duration took) override { timing_.compiled(took); }
  void released() override;
  void revised(const routeserver::Revision& revision) override;

 private:
  using State = std::optional<monitoring::RouteState>;  // none: there is no route

  // Prefixes whose routes changed alike.
  struct Group {
    State before;
    std::optional<monitoring::Route> now;
    std::vector<net::Prefix> prefixes;
  };

  void note_before(routeserver::PeerId peer, const net::Prefix& prefix);
  void group(routeserver::PeerId peer, const net::Prefix& prefix, std::vector<Group>& groups);
  void tell(routeserver::PeerId peer, const std::vector<Group>& groups,
            monitoring::Timestamp time) const;

  controller::Controller& controller_;
  SessionWords words_;
  std::vector<monitoring::Observer*> observers_;
  std::map<routeserver::PeerId, monitoring::PeerSession> sessions_;
  std::map<routeserver::PeerId, SessionTally> tallies_;
  UpdateTiming timing_;
  std::vector<State> before_;  // of the update's prefixes, in its order
  std::size_t grouped_ = 0;    // of them
};

}  // namespace fabrix::daemon
