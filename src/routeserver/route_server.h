// RouteServer: a transparent Internet exchange route server as a pure engine: what members announce
// goes in, what each member must hear comes out.
//
//   RFC 7947   transparency: AS path, MED and next hop pass unchanged; a best path for each client
//   of its
//              own, so that a route hidden from a client hides no other (§2.3.2)
//   RFC 4271   decision process (decision.h)
//   RFC 7948   next hop and first AS checks (import_filter.h)
//
// Changes take two steps, because the fabric must be ready before members hear of them: update()
// and its like change the routes, take_changed() says for which prefixes, and publish() of those
// prefixes releases them to the clients' sessions, whose pull() then yields the UPDATEs.
//
// It is also the exchange::Reachability that the compiler works from. A client's view is per
// participant: its routers share it. Own routes, routes of a participant without peering, routes
// whose path contains the client's AS, routes kept from it by community, and routes of unusable
// participants are not in it.
//
// Not thread-safe; the control thread owns it.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "bgp/update_message.h"
#include "exchange/exchange.h"
#include "exchange/reachability.h"
#include "net/ids.h"
#include "net/prefix.h"
#include "routeserver/adj_rib_out.h"
#include "routeserver/attribute_pool.h"
#include "routeserver/rib.h"
#include "routeserver/route.h"

namespace fabrix::routeserver {

enum class Usability : std::uint8_t { kUsable, kUnusable };

// Outcome of an update: kOverLimit asks the caller to end the session with Cease 6/1.
enum class UpdateResult : std::uint8_t { kTaken, kOverLimit };

class RouteServer final : public exchange::Reachability {
 public:
  // What to announce to a client instead of the route's own next hop; none: the route's own.
  using NextHopOf = std::function<std::optional<net::IpAddress>(net::ParticipantId client,
                                                                const net::Prefix& prefix)>;

  // A session that announces more prefixes than this is over its limit.
  static constexpr std::size_t kMaxPrefixesPerPeer = 2'000'000;

  // The exchange must outlive the route server.
  explicit RouteServer(const exchange::Exchange& exchange);

  void set_next_hops(NextHopOf next_hop) { next_hop_ = std::move(next_hop); }

  const std::vector<Peer>& peers() const { return peers_; }
  const Peer& peer(PeerId id) const { return peers_[id.index()]; }
  // The session with the router at this address; none: no member's.
  std::optional<PeerId> find_peer(const net::IpAddress& address) const;

  // Sessions. A session that is up again is told everything.
  void session_up(PeerId peer, const SessionInfo& info);
  void session_down(PeerId peer);
  bool is_up(PeerId peer) const { return state(peer).session.has_value(); }
  UpdateResult update(PeerId peer, const bgp::UpdateMessage& update);
  void refresh(PeerId peer, net::Family family);

  // Routes of an unusable participant (no port is up) are as if withdrawn. All are usable at first.
  void set_usable(net::ParticipantId participant, Usability usability);

  // The prefixes whose routes changed since the last call, in order. They are held back until
  // published.
  std::vector<net::Prefix> take_changed();
  // Clients may hear of these changes now.
  void publish(std::span<const net::Prefix> prefixes);
  // A client's next hops changed: everything it was told is looked at again.
  void publish_all(net::ParticipantId client);

  bool has_output(PeerId peer) const;
  // UPDATEs to send next; empty when there are none (or the session is down).
  std::vector<std::byte> pull(PeerId peer);

  // exchange::Reachability
  exchange::Routes routes(net::ParticipantId client, const net::Prefix& prefix) const override;
  std::optional<net::Prefix> resolve(net::ParticipantId client,
                                     const net::IpAddress& address) const override;
  void for_each_prefix(
      net::ParticipantId client,
      const std::function<void(const net::Prefix&, const exchange::Routes&)>& visit) const override;
  std::vector<net::Prefix> announced_by(net::ParticipantId announcer) const override;

  // For people. The routes of a prefix that `client` may use, best first.
  std::vector<const Route*> candidates(net::ParticipantId client, const net::Prefix& prefix) const;
  // Why `client` may not use this route; none: it may.
  std::optional<Exclusion> why_not(net::ParticipantId client, const Route& route) const;
  // What a client's session was told; null if nothing.
  const Advertisement* told(PeerId peer, const net::Prefix& prefix) const;
  const Rib& rib() const { return rib_; }
  std::size_t told_count(PeerId peer) const { return state(peer).out.told_count(); }

 private:
  struct PeerState {
    std::optional<SessionInfo> session;
    AdjRibOut out;
  };

  const PeerState& state(PeerId peer) const { return states_[peer.index()]; }
  PeerState& state(PeerId peer) { return states_[peer.index()]; }
  void announce(PeerId peer, const bgp::Announcement& announcement,
                const bgp::AttributesPtr& attributes);
  void withdraw(PeerId peer, const net::Prefix& prefix);
  std::optional<Advertisement> wanted(net::ParticipantId client, const net::Prefix& prefix) const;
  bool is_held(const net::Prefix& prefix) const;

  const exchange::Exchange* exchange_;
  std::vector<Peer> peers_;
  std::vector<PeerState> states_;
  std::vector<Usability> usability_;  // by participant
  Rib rib_;
  AttributePool pool_;
  NextHopOf next_hop_;
  using PrefixSet = boost::unordered_flat_set<net::Prefix, std::hash<net::Prefix>>;
  PrefixSet changed_;      // not yet taken
  PrefixSet unpublished_;  // taken, not yet published
};

}  // namespace fabrix::routeserver
