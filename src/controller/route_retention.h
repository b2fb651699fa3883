// RouteRetention: how long the stale routes of peers stay that restart (RFC 4724 §4.2, the
// receiving speaker; RFC 9494 §4.2), or that send their routes again (RFC 7313 §4).
//
//     lost --> restarting --restart time--> long-lived --stale time--> gone
//                  |                            |
//                  +-------- returned ----------+--> returned --End-of-RIB--> gone
//
// The routes themselves are the route server's, where they were marked already when the session
// was lost; this is the timers, one for each peer and family. Loop's thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "bgp/session.h"
#include "controller/controller.h"
#include "exchange/session_policy.h"
#include "io/event_loop.h"
#include "routeserver/peer.h"

namespace fabrix::controller {

class RouteRetention {
 public:
  enum class Phase : std::uint8_t {
    kNone,        // nothing is stale
    kRestarting,  // the session is gone and may come back
    kLongLived,   // it did not come back in time; its routes are everyone's last choice
    kReturned,    // until its End-of-RIB
    kRefreshing,  // until its end of route refresh
  };

  // How long routes stay when the session is lost.
  struct Terms {
    bgp::FamilySet families;
    std::chrono::seconds restart_time{0};
    std::chrono::seconds stale_time_ipv4{0};  // long-lived, after that; 0: not
    std::chrono::seconds stale_time_ipv6{0};

    friend bool operator==(const Terms&, const Terms&) = default;
  };

  // Stale routes of a peer that is there go after so long, whatever it does or does not send
  // (RFC 4724 §4.2, RFC 7313 §4).
  static constexpr std::chrono::seconds kMostStale{360};

  // Somebody's time is over.
  std::function<void()> on_expiry;

  // Both must outlive it.
  RouteRetention(io::EventLoop& loop, Controller& controller);

  // The session is gone, and the route server has kept its routes of these families as stale.
  void lost(routeserver::PeerId peer, const Terms& terms);
  // It is there again: what it has not preserved goes.
  void returned(routeserver::PeerId peer, const bgp::Negotiated& agreed);
  void end_of_rib(routeserver::PeerId peer, net::Family family);
  void refresh_began(routeserver::PeerId peer, net::Family family);
  void refresh_ended(routeserver::PeerId peer, net::Family family);
  // Nothing of it stays stale: an operator wants it so.
  void drop(routeserver::PeerId peer);

  Phase phase(routeserver::PeerId peer, net::Family family) const;
  // When the phase ends at the latest; none: there is none.
  std::optional<io::Clock::time_point> until(routeserver::PeerId peer, net::Family family) const;

 private:
  struct Entry {
    Phase phase = Phase::kNone;
    io::Clock::time_point until;
    std::chrono::seconds stale_time{0};
  };
  using Entries = std::array<Entry, 2>;  // by family

  Entry& entry(routeserver::PeerId peer, net::Family family);
  const Entry* find(routeserver::PeerId peer, net::Family family) const;
  static void enter(Entry& entry, Phase phase, std::chrono::seconds duration);
  void drop(routeserver::PeerId peer, net::Family family);
  void expire(routeserver::PeerId peer, net::Family family);
  void tick();
  void arm();

  Controller& controller_;
  io::Timer timer_;
  std::vector<Entries> entries_;  // by PeerId; grows
};

// For people: "none", "restarting", "long-lived stale", "returned", "refreshing".
std::string_view to_string(RouteRetention::Phase phase);

// What a session agreed on, within what the policy allows.
RouteRetention::Terms retention_terms(const bgp::Negotiated& agreed,
                                      const exchange::SessionPolicy& policy);

}  // namespace fabrix::controller
