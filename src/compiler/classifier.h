// Classifier: which forwarding class of which sender each prefix is in, kept true while routes and
// policies change.
//
// What a prefix's routes mean to the senders is worked out when a group of routes (route_groups.h)
// is new, and only for senders whose tags say something about one of its routers; a prefix that
// moves from one known group to another costs a lookup, whatever the number of senders. A policy
// that asks for other targets than before has the groups with routes of those looked at again.
//
// Nothing is kept while no policy needs it. Not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/bit_set.h"
#include "compiler/place_groups.h"
#include "compiler/route_groups.h"
#include "compiler/sender.h"
#include "exchange/reachability.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::compiler {

class Classifier {
 public:
  // Whether somebody needs to know about prefixes.
  enum class Need : std::uint8_t { kNothing, kGroups };

  // Both must outlive it. `senders` by participant; it may grow.
  Classifier(const exchange::Reachability& reachability, std::vector<Sender>& senders)
      : reachability_(reachability), senders_(senders) {}

  // The sender has another policy, or none any more.
  void policy_changed(net::ParticipantId sender);

  // The routes mean something else now, those of every prefix: all is forgotten, and read again by
  // the next update().
  void forget_routes();

  struct Outcome {
    bool read_everything = false;             // then the next is not filled in
    std::vector<net::RouterId> announcers;    // that announce other prefixes than before; sorted
    std::vector<net::ParticipantId> touched;  // senders whose classes may be others; sorted
  };
  Outcome update(std::span<const exchange::PlacedPrefix> changed, Need need);

  // As of the last update.
  std::optional<net::IpAddress> virtual_next_hop(net::ParticipantId client,
                                                 const net::Prefix& prefix) const;
  // The same by group, as Compiler::hop_group() has it.
  std::uint64_t hop_group(exchange::Place place) const;
  bool has_hop_group(std::uint64_t group, net::Family family) const;
  void next_hops_of(std::uint64_t group, net::Family family,
                    std::vector<exchange::ClientNextHop>& next_hops) const;
  std::optional<net::IpAddress> next_hop_of(std::uint64_t group, net::Family family,
                                            net::ParticipantId client) const;
  std::uint64_t grouping() const { return grouping_; }
  // How many prefixes each class of each sender has: by participant, by ClassId.
  std::vector<std::vector<std::size_t>> prefix_counts() const;

  std::size_t group_count() const { return groups_.size(); }

 private:
  using Participants = BitSet<net::ParticipantId>;

  // What a sender's groups were classified for.
  struct Asked {
    std::vector<CodedTarget> targets;
    std::vector<net::RouterId> routers;
    bool every = false;  // every group is of interest
  };

  struct Other {
    net::ParticipantId sender;
    Asked asked_before;
  };

  std::vector<Other> take_policies();
  Asked asked_of(net::ParticipantId sender) const;
  void enlist(net::ParticipantId sender, const Asked& asked);
  void delist(net::ParticipantId sender, const Asked& asked);
  void read_all();
  void read(const exchange::PlacedPrefix& prefix);
  void put(const exchange::PlacedPrefix& prefix, const exchange::RouteKey& key);
  // `like`: a group that may differ from it in little; perhaps kNoGroup.
  GroupId obtain(const exchange::RouteKey& key, GroupId like);
  void take_members(RouteGroup& group, const RouteGroup& other);
  void join(GroupId id, net::Family family);
  void leave(GroupId id, net::Family family);
  void note_announcers(GroupId before, GroupId now);
  void note_interested_in(const RouteGroup& group);
  void note_asking(const exchange::Routes& routers, Participants& asking) const;
  void enter(RouteGroup& group, const Participants& senders);
  void take_out(const RouteGroup& group, const Member& member);
  void expel(RouteGroup& group, const Participants& senders);
  void look_again_for(const std::vector<Other>& others);
  void look_again_for(net::ParticipantId sender, const Asked& before);
  void look_again_for_all(const Participants& senders);
  void note_classes_of(net::ParticipantId sender);
  const RouteGroup* group_of(std::uint64_t group) const;
  void add_next_hops(const RouteGroup& group, net::Family family,
                     std::vector<exchange::ClientNextHop>& next_hops) const;
  std::optional<net::IpAddress> next_hop_in(const RouteGroup& group, net::Family family,
                                            net::ParticipantId client) const;

  const exchange::Reachability& reachability_;
  std::vector<Sender>& senders_;
  RouteGroups groups_;
  PlaceGroups places_;
  bool is_read_ = false;
  std::uint64_t grouping_ = 0;
  std::vector<Asked> asked_;                        // by participant
  std::vector<Participants> by_router_;             // who asks about it
  Participants everywhere_;                         // who asks about every group
  Participants asking_otherwise_;                   // than before, as update() reads routes
  std::vector<net::ParticipantId> other_policies_;  // since the last update
  Participants touched_;
  std::vector<net::RouterId> announcers_;
  std::pair<std::uint32_t, std::uint32_t> noted_;  // serials of the groups noted last; 0: none
  GroupId obtained_ = kNoGroup;                    // last
  exchange::RouteKey key_;                         // scratch, as are the next
  exchange::Routes routes_;
  Participants interested_;
  Participants asking_;
};

}  // namespace fabrix::compiler
