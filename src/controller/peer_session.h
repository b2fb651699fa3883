// PeerSession: the session with one router's address: its connections, of which one at most is the
// session, and what becomes of it over time.
//
//   RFC 4271 §6.8   collisions: of two connections that both sides opened, the identifiers decide;
//                   what is established stays; of two that the peer opened, the newer stays
//   RFC 4724 §4.2   but a peer that restarts gracefully takes its established session's place
//   RFC 4486        what the peer is told when it is refused, or its session ended
//
// At most two connections are on their way at a time, one accepted and one dialled. Loop's thread
// only.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "controller/admission.h"
#include "controller/arrival.h"
#include "controller/bgp_connection.h"
#include "controller/controller.h"
#include "controller/dialler.h"
#include "controller/route_retention.h"
#include "controller/selection_deferral.h"
#include "controller/session_setup.h"
#include "controller/session_view.h"
#include "io/byte_stream.h"
#include "io/event_loop.h"

namespace fabrix::controller {

// What the sessions of a server share. It outlives them.
struct SessionSite {
  // Connections on their way, of all peers together; more are closed without a word.
  static constexpr std::size_t kMostOpening = 4096;

  SessionSite(io::EventLoop& serving, Controller& controlled)
      : loop(serving), controller(controlled), retention(serving, controlled) {}

  io::EventLoop& loop;
  Controller& controller;
  RouteRetention retention;
  std::optional<SelectionDeferral> deferral;  // while nothing may be announced yet
  std::function<void()> on_deferral_changed;
  std::function<void()> on_presence_changed;  // of a session: PeerSession::is_worth_awaiting()
  std::size_t opening = 0;
  std::uint64_t withheld = 0;  // malformed UPDATEs of ours that people were told of
  std::uint16_t dial_port = 179;
  Backoff::Bounds dialling;
};

enum class Reset : std::uint8_t {
  kHard,  // the session ends and comes back; no side keeps routes
  kSoft,  // both sides send their routes again (RFC 2918)
};

class PeerSession final : private BgpConnection::Owner {
 public:
  PeerSession(SessionSite& site, routeserver::PeerId peer);
  ~PeerSession() override;
  PeerSession(const PeerSession&) = delete;
  PeerSession& operator=(const PeerSession&) = delete;
  PeerSession(PeerSession&&) = delete;
  PeerSession& operator=(PeerSession&&) = delete;

  // The peer has connected, and perhaps said something already.
  void accept(Arrival arrival);

  // Sees to it that a connection is dialled, if the policy wants that and there is none.
  void dial();

  void send_updates();

  // Ends whatever there is; the peer may come back at once.
  void end(const bgp::NotificationMessage& notification);

  // Whether there is no connection, nothing kept of its routes, and nothing that bars the peer.
  bool is_gone() const;

  // By an operator.
  Result<void> reset(Reset kind);
  void disable(std::string_view text);
  void enable();
  void clear();            // what the prefix limit barred
  Result<void> refresh();  // asks the peer for its routes

  // Whether a process that took our place would have to wait for this peer's routes: it restarts
  // gracefully and is there, or is expected to come back.
  bool is_worth_awaiting() const;

  SessionView view() const;
  // The one that is established, or the furthest; null: there is none. Good until the next event.
  const BgpConnection* connection() const;

 private:
  enum class Origin : std::uint8_t { kAccepted, kDialled };

  void opened(BgpConnection& connection) override;
  void established(BgpConnection& connection) override;
  void took(BgpConnection& connection, const routeserver::UpdateOutcome& outcome) override;
  void end_of_rib(net::Family family) override;
  void refresh_began(net::Family family) override;
  void refresh_ended(net::Family family) override;
  void ended(BgpConnection& connection, const BgpConnection::Ending& ending) override;
  bool may_send() const override { return !site_.deferral; }

  const routeserver::Peer& peer() const;
  const exchange::SessionPolicy& policy() const;
  std::string name() const;
  std::unique_ptr<BgpConnection>& opening(Origin origin);
  bgp::SessionConfig config() const;
  void begin(Origin origin, Arrival arrival);
  void refuse(io::ByteStream stream, bgp::Cease reason);
  void connected(io::ByteStream stream);
  Dialler::Target target() const;
  void pass_limit(BgpConnection& connection, const routeserver::UpdateOutcome& outcome);
  void discard(BgpConnection& connection);
  void tell_withheld();
  void deferral_changed() const;
  void presence_changed() const;
  FamilyView family_view(net::Family family) const;

  SessionSite& site_;
  routeserver::PeerId id_;
  Admission admission_;
  Dialler dialler_;
  std::unique_ptr<BgpConnection> established_;
  std::array<std::unique_ptr<BgpConnection>, 2> opening_;  // by Origin
  const BgpConnection* rival_ = nullptr;  // was on its way already when the session was established
  std::vector<std::unique_ptr<BgpConnection>> discarded_;  // until the loop's next turn
  io::Clock::time_point since_;
  SessionView told_;  // what stays from one connection to the next
  // What is posted to the loop must not reach us when we are gone.
  std::shared_ptr<PeerSession*> self_;
};

}  // namespace fabrix::controller
