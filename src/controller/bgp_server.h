// BgpServer: the route server's side of BGP on the network: listens on its addresses, knows
// members' routers by theirs, and keeps a PeerSession for each. Strangers are refused at accept,
// unless they come from a prefix that neighbours are made for (DynamicNeighbors).
//
// What each session offers and demands is the configuration's (exchange::SessionPolicy), the
// server's options are only the process's. A key that changes holds for new connections; one that
// is established keeps its own until it ends, so that no rotation ends a session (RFC 4808 §2.1).
//
// When Options say that a process with sessions ran before, nothing is announced to anybody until
// the members that had one have sent their routes again, or the selection deferral time is over
// (RFC 4724 §4.1).
// A server that is destroyed without shut_down() closes its connections without a word, which
// members that take part in graceful restart take for a restart. Loop's thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "controller/backoff.h"
#include "controller/controller.h"
#include "controller/dynamic_neighbors.h"
#include "controller/peer_session.h"
#include "controller/session_setup.h"
#include "controller/session_view.h"
#include "exchange/reload.h"
#include "io/event_loop.h"
#include "io/listener.h"

namespace fabrix::controller {

class BgpServer {
 public:
  // Options::selection_deferral is cut to this.
  static constexpr std::chrono::seconds kMostDeferral{60};

  struct Options {
    std::optional<std::uint16_t> port = std::nullopt;  // instead of the configuration's; 0: any
    Restarting restarting = Restarting::kNo;  // kYes: another process served these members before
    // Whose routes to wait for then; none: of whomever the configuration lets restart gracefully.
    std::optional<std::vector<net::IpAddress>> awaited = std::nullopt;
    std::chrono::milliseconds selection_deferral{30'000};
    std::uint16_t dial_port = 179;  // of members' routers
    Backoff::Bounds dialling = {};
    DynamicNeighbors::Times dynamic = {};
  };

  // Listens on every address of the route server. Fails if one cannot be bound, or protected as the
  // configuration says.
  static Result<std::unique_ptr<BgpServer>> start(io::EventLoop& loop, Controller& controller,
                                                  const Options& options);
  ~BgpServer();
  BgpServer(const BgpServer&) = delete;
  BgpServer& operator=(const BgpServer&) = delete;
  BgpServer(BgpServer&&) = delete;
  BgpServer& operator=(BgpServer&&) = delete;

  // Ends all sessions with Cease "administrative shutdown", and accepts no more.
  void shut_down(std::string_view text);

  // The controller has news for this peer.
  void send_updates(routeserver::PeerId peer);

  // Another configuration, in this order: ends the sessions that must end before the controller has
  // it; takes what is new once it has: peers, keys, who dials.
  void end_sessions(std::span<const exchange::SessionChange> changes);
  Result<void> reconfigured();

  // Whose routes a process that took our place would have to wait for; told when it changes.
  std::vector<net::IpAddress> worth_awaiting() const;
  std::function<void()> on_worth_awaiting_changed;

  // What operators do. reset(), refresh() and resend() fail if there is no session.
  Result<void> reset(routeserver::PeerId peer, Reset kind) { return session(peer).reset(kind); }
  // The same as a hard one; the peer hears this text (RFC 9003).
  Result<void> reset(routeserver::PeerId peer, std::string_view text);
  // Sends the peer all its routes and rules again.
  Result<void> resend(routeserver::PeerId peer);
  Result<void> refresh(routeserver::PeerId peer) { return session(peer).refresh(); }
  void disable(routeserver::PeerId peer, std::string_view text) { session(peer).disable(text); }
  void enable(routeserver::PeerId peer) { session(peer).enable(); }
  // A peer that was refused for its prefix limit is welcome again.
  void clear(routeserver::PeerId peer) { session(peer).clear(); }

  SessionView view(routeserver::PeerId peer) const;
  // The peer's connection, established or not; null: there is none. Good until the next event.
  const BgpConnection* connection(routeserver::PeerId peer) const;
  // Whether nothing is announced yet after a restart.
  bool is_deferring() const { return site_.deferral.has_value(); }
  std::uint16_t port() const { return listeners_.front().port(); }

 private:
  BgpServer(io::EventLoop& loop, Controller& controller, const Options& options);
  Result<void> listen(const net::IpAddress& address);
  void accept(io::ByteStream stream);
  void add_sessions();
  void renew_sessions();
  void take_reconfiguration();
  bool is_gone(routeserver::PeerId peer) const;
  std::map<net::Prefix, std::string> wanted_keys() const;
  PeerSession& session(routeserver::PeerId peer) { return *sessions_[peer.index()]; }
  Error no_session(routeserver::PeerId peer) const;
  void begin_deferral();
  std::vector<routeserver::PeerId> awaited_peers() const;
  void check_deferral();
  void end_deferral();
  Result<void> set_keys();
  Result<void> set_key(const io::Md5Key& key);

  Options options_;
  SessionSite site_;
  io::Timer deferral_timer_;
  std::vector<std::unique_ptr<PeerSession>> sessions_;  // by PeerId; grows
  std::vector<net::IpAddress> addresses_;               // of sessions_
  std::map<net::Prefix, std::string> keys_;             // as the listeners have them
  DynamicNeighbors dynamic_;
  std::vector<io::Listener> listeners_;
};

}  // namespace fabrix::controller
