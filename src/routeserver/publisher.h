// Publisher: tells clients what changed, and brings those up to date that lost the thread.
//
// What a client was told is not stored: it follows from a prefix's list of routes as it was
// published (rib.h). publish() works out, for all clients at once, who must hear what, writes it
// once (update_batch.h) and puts references into the clients' outboxes.
//
// A client that is new, that asks for everything again, or that was too slow, is out of step: live
// changes are only noted for it, and what it lacks is written for it alone, a slice at a time, when
// its connection has room. That ends when nothing is left, and it is in step again. Each client's
// backlog is bounded in this way (shed()).
//
// Clients whose policies give them virtual next hops (FABRIC) are told together where they are told
// the same. Which next hops were told is remembered for each prefix (hop_sets.h), because that is
// no function of the routes.
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "net/ip_address.h"
#include "routeserver/catchup.h"
#include "routeserver/client_set.h"
#include "routeserver/hop_sets.h"
#include "routeserver/outbox.h"
#include "routeserver/path_store.h"
#include "routeserver/peer.h"
#include "routeserver/precedents.h"
#include "routeserver/rib.h"
#include "routeserver/selection.h"
#include "routeserver/update_batch.h"
#include "routeserver/view_count.h"

namespace fabrix::routeserver {

struct PublisherLimits {
  // Octets: a client's backlog that is larger is shed.
  std::size_t backlog = std::size_t{64} << 20U;
  // Prefixes that went while a client had something under way without a pause: more make it
  // hopeless. More than the Internet has: that a large member leaves makes nobody hopeless.
  std::size_t forgettable = std::size_t{1} << 21U;
};

class Publisher {
 public:
  // What to announce to a client instead of the route's own next hop; none: the route's own.
  using NextHopOf =
      std::function<std::optional<net::IpAddress>(PeerId client, const net::Prefix& prefix)>;
  // A quicker way to the same. Prefixes of one group, which is a number, and one family have the
  // same next hops for every client while the version is the same; in group 0 nobody has any.
  struct HopsByGroup {
    std::function<std::uint64_t(EntryId entry)> group;
    std::function<void(std::uint64_t group, net::Family family, const ClientSet& clients,
                       HopGroups& groups)>
        hops;
    std::function<std::uint64_t()> version;  // asked once a publication
  };

  // All must outlive the publisher.
  Publisher(const PathStore& paths, Rib& rib, Selection& selection,
            const PublisherLimits& limits = {});
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;
  Publisher(Publisher&&) = delete;
  Publisher& operator=(Publisher&&) = delete;

  void set_export_control(const ExportControl* control) { batch_.set_export_control(control); }
  void set_next_hops(NextHopOf next_hop) { next_hop_ = std::move(next_hop); }
  void set_hops_by_group(HopsByGroup hops);
  // Whether the client may have other next hops than its routes'. Where a session is told all
  // routes (RFC 7911), it holds from look_again() on.
  void set_virtual(PeerId id, bool is_virtual);

  void session_up(PeerId id, const SessionInfo& info);
  void session_down(PeerId id);
  bool is_up(PeerId id) const;
  const SessionInfo& session(PeerId id) const;

  // The client is told everything of a family again (RFC 2918), with a beginning and an end if it
  // knows them (RFC 7313).
  void refresh(PeerId id, net::Family family);
  // Everything the client was told is looked at again.
  void look_again(PeerId id);

  // Ends these changes and tells the clients. Those changed again meanwhile are left.
  void publish(std::span<const EntryId> entries);

  bool has_output(PeerId id) const;
  // What to send next: whole messages. Empty: nothing (for now).
  std::vector<std::span<const std::byte>> output(PeerId id);
  void sent(PeerId id, std::size_t octets);
  std::size_t backlog(PeerId id) const;
  // Whether it is told what it lacks as it reads, and not what changes as it does.
  bool is_out_of_step(PeerId id) const { return client(id).catchup != nullptr; }

  // The virtual next hop that the client was told instead of the route's own; none: the route's.
  std::optional<net::IpAddress> told_next_hop(PeerId id, EntryId entry) const;

  // How many prefixes of a family the client has a route for.
  std::size_t view_size(PeerId id, net::Family family) const;

  // UPDATEs that were looked at again before they were sent (emission_check.h).
  const EmissionCheck::Counts& emissions() const { return batch_.emissions(); }

  // The client takes too little: its backlog is forgotten and what it lacks noted instead.
  void shed(PeerId id);

  // Clients that keep the places of too many forgotten prefixes (PublisherLimits): their sessions
  // should end (Cease 6/8).
  std::vector<PeerId> hopeless() const;

 private:
  // The clients in step that share a dialect, by family.
  struct Voice {
    Dialect dialect;
    ClientSet ipv4;
    ClientSet ipv6;

    ClientSet& of(net::Family family) { return family == net::Family::kIpv4 ? ipv4 : ipv6; }
  };
  struct Client {
    std::optional<SessionInfo> session;  // none: down
    Voice* voice = nullptr;              // while up
    Outbox outbox;
    std::unique_ptr<Catchup> catchup;  // while out of step
    bool wants_virtual = false;
  };

  Client& client(PeerId id);
  const Client& client(PeerId id) const;
  Voice& voice_for(const SessionInfo& info);
  void join(PeerId id);
  void leave(PeerId id);
  Catchup& fall_behind(PeerId id);
  void note_everything(PeerId id);
  void publish_one(EntryId entry, std::span<const RouteRef> before, std::span<const RouteRef> now);
  void count_views(net::Family family, std::span<const RouteRef> before,
                   std::span<const RouteRef> now);
  bool sound_alike(const Choice& a, const Choice& b) const;
  void drop_told(const RouteRef& had, const Choice& gets);
  // What is told of an entry, and was.
  struct News {
    EntryId entry;
    std::span<const RouteRef> before;
    std::span<const RouteRef> now;
    HopSetId hops_before = 0;
    HopSetId hops_now = 0;
  };
  void tell_voices(net::Family family, const News& news);
  void tell_best(const Hearers& hearers, const News& news);
  void add_share(const News& news, const ChoiceGroups::Group& gets, const HopGroup* hop);
  void drop_told_best(const News& news, const Choice& gets, const HopGroup* hop);
  void tell_all(const Hearers& hearers, EntryId entry, std::span<const RouteRef> before,
                std::span<const RouteRef> now);
  void tell_virtual(PeerId id, EntryId entry, std::span<const RouteRef> before,
                    std::span<const RouteRef> now);
  void tell_behind(PeerId id, EntryId entry);
  void forget_told(PeerId id, EntryId entry);
  std::optional<net::IpAddress> virtual_next_hop(PeerId id, EntryId entry) const;
  HopSetId hops_now(EntryId entry, std::span<const RouteRef> now);
  HopSetId hops_of_group(std::uint64_t group, net::Family family);
  void review_group_hops();
  void forget_group_hops();
  HopSetId hops_told(EntryId entry) const;
  bool has_other_next_hop(PeerId id, EntryId entry) const;
  void remember_hops(EntryId entry, HopSetId hops);
  void remember_hop(PeerId id, EntryId entry, const std::optional<net::IpAddress>& next_hop);
  void flush();
  void deliver(PeerId id, const ChunkPtr& chunk);
  void catch_up(PeerId id);
  void say(PeerId id, Remark remark, bgp::FamilySet& families);
  static void remember(Catchup& catchup, const Chunk& chunk);
  void finish_catchup(PeerId id);
  bool is_busy(PeerId id) const;
  void pause(PeerId id);
  void tidy();

  const PathStore* paths_;
  Rib* rib_;
  Selection* selection_;
  PublisherLimits limits_;
  UpdateBatch batch_;
  NextHopOf next_hop_;
  HopsByGroup by_group_;
  std::vector<Client> clients_;  // by PeerId; grows
  std::vector<std::unique_ptr<Voice>> voices_;
  ClientSet virtual_;     // that are up and may have other next hops than their routes'
  ClientSet best_alone_;  // of those, the ones that could be told all routes (RFC 7911)
  ClientSet behind_;      // out of step
  HopSets hop_sets_;
  std::vector<HopSetId> told_hops_;  // by EntryId; what clients in step were told
  // The hops of groups, which are held: of this version, for these clients.
  boost::unordered_flat_map<std::uint64_t, HopSetId> group_hops_;
  std::pair<std::uint64_t, HopSetId> last_group_hops_;  // of them
  std::uint64_t group_hops_version_ = 0;
  ClientSet group_hops_of_;
  // Places that will be free when none of the clients in waiting_ has anything under way: each had
  // when the prefixes were gone. Those gone since are the table's forgettable ones.
  std::vector<EntryId> leaving_;
  ClientSet waiting_;
  ViewCount views_ipv4_;
  ViewCount views_ipv6_;
  ClientSet live_;  // scratch, as are all below
  ClientSet rest_;
  ClientSet group_;
  ClientSet told_;
  std::vector<Share> shares_;  // the first are in use; the others keep their memory
  std::size_t shares_used_ = 0;
  HopGroups hop_groups_;
  Precedents precedents_;  // what clients were told so far in this publication
  ChoiceGroups before_;
  ChoiceGroups now_;
};

}  // namespace fabrix::routeserver
