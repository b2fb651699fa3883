// RouteServer: a transparent Internet exchange route server as a pure engine: what members announce
// goes in, what each member must hear comes out.
//
//   RFC 7947   transparency: AS path, MED and next hop pass unchanged; a best path for each client
//              of its own, so that a route hidden from a client hides no other (§2.3.2)
//   RFC 4271   decision process (decision.h)
//   RFC 7948   next hop and first AS checks; exchange::ImportPolicy (import_filter.h)
//   RFC 4724   routes of a session that is gone may be kept for a while; RFC 9494 for longer
//
// Changes take two steps, because the fabric must be ready before members hear of them: update()
// and its like change the routes, take_changed() says for which prefixes, and publish() of those
// prefixes releases them to the clients' sessions, whose output() then has the UPDATEs.
//
// It is also the exchange::Reachability that the compiler works from. A client's view is per
// participant: its routers share it. Own routes, routes of a participant without peering, routes
// whose path contains the client's AS, routes kept from it by community, and routes of unusable
// participants are not in it.
//
// Not thread-safe; the control thread owns it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "bgp/update_message.h"
#include "exchange/exchange.h"
#include "exchange/reachability.h"
#include "net/ids.h"
#include "net/prefix.h"
#include "routeserver/dialect.h"
#include "routeserver/explain.h"
#include "routeserver/export_control.h"
#include "routeserver/import_filter.h"
#include "routeserver/path_store.h"
#include "routeserver/publisher.h"
#include "routeserver/rib.h"
#include "routeserver/route.h"
#include "routeserver/selection.h"

namespace fabrix::routeserver {

enum class Usability : std::uint8_t { kUsable, kUnusable };

// What came of an update with regard to the member's limits (exchange::PrefixLimit).
struct UpdateOutcome {
  enum class Kind : std::uint8_t {
    kTaken,
    kNearLimit,  // taken, and the share at which people are to be warned was crossed
    kOverLimit,  // taken; the session is to be ended with Cease 6/1
  };
  Kind kind = Kind::kTaken;
  net::Family family = net::Family::kIpv4;
  std::uint32_t limit = 0;
};

// A route that is not what it was although its session sent no UPDATE: it is gone because it stayed
// stale, or it is judged otherwise now.
struct Revision {
  PeerId peer;
  net::Prefix prefix;
  bool was_accepted = false;
  std::optional<Route> now;  // as announced: the same; none: it is gone
};

// The routes of one prefix as they were published, for whoever keeps a copy of the table.
struct PublishedRoutes {
  // A route that some get, and how. Sets are disjoint, and of clients as voice_of() names them.
  struct Offer {
    const Path* path = nullptr;
    Treatment treatment;
    ClientSet clients;
  };
  net::Prefix prefix = net::Prefix::all(net::Family::kIpv4);
  const Path* best = nullptr;                    // of the accepted ones; never null
  std::vector<Offer> offers;                     // in order of preference; none: nobody may have it
  std::vector<net::ParticipantId> announcers{};  // of accepted ones, best first, each once
};

class RouteServer final : public exchange::Reachability {
 public:
  // What to announce to a client instead of the route's own next hop; none: the route's own.
  using NextHopOf = std::function<std::optional<net::IpAddress>(net::ParticipantId client,
                                                                const net::Prefix& prefix)>;

  // A session that announces more prefixes of a family than this is over its limit, whatever its
  // policy says.
  static constexpr std::uint32_t kMaxPrefixesPerPeer = 2'000'000;

  // The exchange must outlive the route server, or until it is replaced.
  explicit RouteServer(const exchange::Exchange& exchange);
  ~RouteServer() override;
  RouteServer(const RouteServer&) = delete;
  RouteServer& operator=(const RouteServer&) = delete;
  RouteServer(RouteServer&&) = delete;
  RouteServer& operator=(RouteServer&&) = delete;

  // Another configuration takes the place of the present one. Participants and routers keep their
  // ids, new ones are added at the end; a session whose router is not present any more must be
  // down. Every route is judged anew.
  void reconfigure(const exchange::Exchange& exchange);

  // What the import filters know besides the configuration. Every route is judged anew, or those to
  // prefixes for which `affected` says so.
  using Affected = std::function<bool(const net::Prefix&)>;
  void set_import_data(ImportData data, const Affected& affected = nullptr);
  const ImportFilter& import_filter() const { return *filter_; }

  // What participants are told instead of their routes' next hops; and a quicker way to the same of
  // all, by groups of prefixes (Publisher::HopsByGroup).
  struct NextHopsByGroup {
    std::function<std::uint64_t(exchange::Place place)> group;
    std::function<void(std::uint64_t group, net::Family family,
                       std::vector<exchange::ClientNextHop>& next_hops)>
        next_hops;
    std::function<std::uint64_t()> version;
  };
  void set_next_hops(NextHopOf next_hop);
  void set_next_hops_by_group(NextHopsByGroup by_group);
  // Is told of every revision while it happens; null: nobody is. What a session takes with it when
  // it goes is none.
  using Revised = std::function<void(const Revision&)>;
  void set_revised(Revised revised) { revised_ = std::move(revised); }
  // The participants that may be told other next hops than their routes'.
  void set_virtual(net::ParticipantId client, bool is_virtual);

  // For the age of routes; any clock that goes forward.
  void set_time(std::uint32_t seconds) { seconds_ = seconds; }
  std::uint32_t time() const { return seconds_; }

  const std::vector<Peer>& peers() const { return peers_; }
  const Peer& peer(PeerId id) const { return peers_[id.index()]; }
  // The session with the router at this address; none: no member's.
  std::optional<PeerId> find_peer(const net::IpAddress& address) const;

  // Sessions. A session that is up again is told everything.
  void session_up(PeerId peer, const SessionInfo& info);
  // Its routes go.
  void session_down(PeerId peer);
  // Its routes of these families stay, as stale (RFC 4724 §4.2); the others go.
  void session_lost(PeerId peer, bgp::FamilySet kept);
  // The peer sends its routes of a family again (RFC 7313 §4): those it has sent are stale until it
  // repeats them.
  void mark_stale(PeerId peer, net::Family family) { rib_.mark_stale(peer, family); }
  // Routes of a family that are still stale go: the peer has sent its End-of-RIB, or did not come
  // back in time.
  void drop_stale(PeerId peer, net::Family family);
  // They stay for longer, as everyone's last choice (RFC 9494 §4.3).
  void keep_stale_long(PeerId peer, net::Family family);
  bool is_up(PeerId peer) const { return publisher_.is_up(peer); }
  // Of one that is up.
  const SessionInfo& session(PeerId peer) const { return publisher_.session(peer); }
  UpdateOutcome update(PeerId peer, const bgp::UpdateMessage& update,
                       Urgency urgency = Urgency::kNext);
  void refresh(PeerId peer, net::Family family) { publisher_.refresh(peer, family); }

  // Routes of an unusable participant (no port is up) are as if withdrawn. All are usable at first.
  void set_usable(net::ParticipantId participant, Usability usability);

  // The prefixes whose routes changed since the last call, in the order in which they did. They are
  // held back until published.
  std::vector<exchange::PlacedPrefix> take_changed();
  bool has_changed() const { return rib_.has_changed(); }
  std::size_t changed_count() const { return rib_.changed_count(); }
  // Prefixes whose changes may wait (Urgency), and their end: they count as changed now.
  std::size_t waiting_count() const { return rib_.waiting_count(); }
  void release_waiting() { rib_.release_waiting(); }
  // Clients may hear of these changes now.
  void publish(std::span<const exchange::PlacedPrefix> prefixes);
  // Both steps at once, for at most so many prefixes: for an exchange that has nothing to prepare.
  void publish_changed(std::size_t most);
  // Is told of the places of what is published, once it is; empty: nobody is.
  using Published = std::function<void(std::span<const exchange::Place>)>;
  void set_published(Published published) { published_ = std::move(published); }
  // A client's next hops changed: everything it was told is looked at again.
  void publish_all(net::ParticipantId client);

  bool has_output(PeerId peer) const { return publisher_.has_output(peer); }
  // What the session is to be sent next, whole messages; empty if there is nothing for now. Good
  // until the next call of anything.
  std::vector<std::span<const std::byte>> output(PeerId peer) { return publisher_.output(peer); }
  // So many octets of it are on their way: whole messages.
  void sent(PeerId peer, std::size_t octets) { publisher_.sent(peer, octets); }
  // All of it, when there is nobody to be slow.
  std::vector<std::byte> pull(PeerId peer);
  std::size_t backlog(PeerId peer) const { return publisher_.backlog(peer); }
  bool is_out_of_step(PeerId peer) const { return publisher_.is_out_of_step(peer); }
  // The session does not take what it is sent: see Publisher.
  void shed(PeerId peer) { publisher_.shed(peer); }
  std::vector<PeerId> hopeless() const { return publisher_.hopeless(); }

  // exchange::Reachability
  exchange::Routes routes(net::ParticipantId client, const net::Prefix& prefix) const override;
  exchange::Place place_of(const net::Prefix& prefix) const override;
  void route_key(const exchange::PlacedPrefix& prefix, exchange::RouteKey& key) const override;
  void expect(std::span<const exchange::PlacedPrefix> prefixes) const override;
  void routes_of(net::ParticipantId client, const exchange::RouteKey& key,
                 exchange::Routes& routes) const override;
  void routers_of(const exchange::RouteKey& key, exchange::Routes& routers) const override;
  bool alike_but_for(const exchange::RouteKey& key,
                     std::vector<net::ParticipantId>& others) const override;
  bool differ_behind_first(const exchange::RouteKey& a, const exchange::RouteKey& b,
                           exchange::Routes& routers) const override;
  // Whether some route of the key is told with a next hop that is not its router's (RFC 7999, or
  // exchange::NextHopRule). Which one, the key says.
  bool has_other_next_hop(const exchange::RouteKey& key) const;
  void for_each_route_key(
      const std::function<void(const exchange::PlacedPrefix&, const exchange::RouteKey&)>& visit)
      const override;
  std::optional<net::Prefix> resolve(net::ParticipantId client,
                                     const net::IpAddress& address) const override;
  void for_each_prefix(
      net::ParticipantId client,
      const std::function<void(const net::Prefix&, const exchange::Routes&)>& visit) const override;
  std::optional<net::RouteAttributes> best_route(net::ParticipantId client,
                                                 const net::Prefix& prefix) const override;
  std::optional<net::RouteAttributes> own_route(net::ParticipantId announcer,
                                                const net::Prefix& prefix) const override;
  std::vector<net::Prefix> announced_by(net::ParticipantId announcer) const override;

  // For people. Views are good until the next change.
  std::vector<Route> all_routes(const net::Prefix& prefix) const;
  // The one of this session.
  std::optional<Route> route_of(PeerId peer, const net::Prefix& prefix) const;
  // The routes of a prefix that `client` may use, best first.
  std::vector<Route> candidates(net::ParticipantId client, const net::Prefix& prefix) const;
  // Why `client` may not use this route; none: it may.
  std::optional<Exclusion> why_not(net::ParticipantId client, const Route& route) const;
  // The community for which kCommunity is the answer.
  std::optional<ExportControl::AnyCommunity> keeping(net::ParticipantId client,
                                                     const Route& route) const;
  // How `client` gets the route, should it be its best; none: it may not have it.
  std::optional<Treatment> treatment(net::ParticipantId client, const Route& route) const;
  // Why `better` is directly before `next` in all_routes() or candidates().
  Advantage advantage(const Route& better, const Route& next) const;
  // What a session that is in step was told; none: nothing.
  std::optional<Advertisement> told(PeerId peer, const net::Prefix& prefix) const;
  std::size_t told_count(PeerId peer, net::Family family) const {
    return publisher_.view_size(peer, family);
  }
  // Routes of a family that a session announced, and those among them that were rejected.
  Rib::Count count(PeerId peer, net::Family family) const { return rib_.count(peer, family); }
  std::size_t prefix_count() const { return rib_.prefix_count(); }
  // UPDATEs that were looked at again before they were sent, and those that were withheld.
  const EmissionCheck::Counts& emissions() const { return publisher_.emissions(); }
  std::size_t path_count() const { return paths_.size(); }
  // Every prefix with routes, in order. O(n log n).
  std::vector<net::Prefix> prefixes() const;
  // Prefixes with routes from `cursor` on, in no order, at most so many places; sets `cursor` to
  // where to go on, and to 0 at the end. For what walks the table without stopping the world.
  std::vector<net::Prefix> prefixes_from(std::uint32_t& cursor, std::uint32_t places) const;
  // Places are below.
  std::uint32_t place_end() const { return rib_.end(); }
  // What clients know of the prefix at a place; none: there is no accepted route. Good until the
  // next change.
  std::optional<PublishedRoutes> published_at(exchange::Place place) const;
  // The client that stands for the participant in a set: its first session, or none that exists.
  PeerId voice_of(net::ParticipantId participant) const;
  std::size_t participant_count() const { return voices_.size(); }
  // What a client that gets the path in this way is told, but for next hops of policies' making.
  bgp::PathAttributes exported(const Path& path, const Treatment& treatment) const {
    return control_->exported(*path.told, treatment);
  }

 private:
  void configure();
  void place_peers();
  void next_hops_of(std::uint64_t group, net::Family family, const ClientSet& clients,
                    HopGroups& groups);
  Path judge(const PathKey& key);
  ClientSet hearers(const Peer& from) const;
  std::uint64_t tie(PeerId peer, std::uint32_t bgp_identifier) const;
  void identify_routes(PeerId peer);
  void judge_demanding();
  void publish_entries(std::span<const EntryId> entries);
  void announce(PeerId peer, const bgp::Announcement& announcement,
                const bgp::AttributesPtr& attributes, Urgency urgency);
  std::uint8_t verdict(const Peer& from, const net::Prefix& prefix, const Path& path) const;
  UpdateOutcome check_limits(PeerId peer, const std::array<Rib::Count, 2>& before) const;
  void judge_again(const std::vector<bool>& peers, const Affected& affected);
  std::vector<EntryId> stale_of(PeerId peer, net::Family family) const;
  bool is_shown_alike(const RouteRef& before, const RouteRef& now) const;
  void replace_revised(EntryId entry, const RouteRef& before, const RouteRef& now);
  void withdraw_revised(EntryId entry, PeerId peer);
  Route view(const RouteRef& route) const;
  void append_key(std::span<const RouteRef> routes, exchange::RouteKey& key) const;
  net::RouteAttributes attributes_of(const net::Prefix& prefix, const RouteRef& route) const;
  std::vector<RouteRef> candidate_refs(net::ParticipantId client, const net::Prefix& prefix) const;

  const exchange::Exchange* exchange_;
  std::vector<Peer> peers_;
  std::vector<Peer> clients_;                  // peers_, and one for each participant that has none
  std::vector<std::vector<PeerId>> sessions_;  // by participant; of present ones
  std::vector<exchange::ClientNextHop> told_instead_;  // scratch
  std::vector<ClientHop> hops_;                        // scratch
  std::vector<PeerId> voices_;                // by participant: whose view is the participant's
  ClientSet everyone_;                        // all voices
  std::vector<std::uint32_t> address_order_;  // by PeerId
  std::vector<std::uint32_t> identifiers_;    // by PeerId: of the session, also when it is gone
  std::vector<Usability> usability_;          // by participant
  std::uint32_t seconds_ = 0;
  bool kept_long_ = false;  // some route, some time (RFC 9494)
  bool demanding_ = false;  // some path was, some time
  Speakers speakers_;
  NextHopOf next_hop_;
  NextHopsByGroup next_hops_;
  Revised revised_;
  Published published_;
  std::unique_ptr<ImportFilter> filter_;
  ImportData data_;
  std::unique_ptr<ExportControl> control_;
  PathStore paths_;
  Rib rib_;
  mutable Selection selection_;  // its scratch memory changes
  Publisher publisher_;
  std::vector<EntryId> entries_;  // scratch: of an announcement
};

}  // namespace fabrix::routeserver
