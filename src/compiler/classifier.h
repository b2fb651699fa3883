// Classifier: which forwarding class of which sender each prefix is in, kept true while routes and
// policies change.
//
// What a prefix's routes mean to the senders is worked out when a group of routes (route_groups.h)
// is new, and only for senders whose tags say something about one of its routers; most of them by
// what the group shares with others (route_shares.h). A prefix that moves from one known group to
// another costs a lookup, whatever the number of senders. A policy that asks for other targets than
// before has the shares of those looked at again, and the groups that they cannot speak for.
//
// Nothing is kept while no policy needs it. Not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/bit_set.h"
#include "compiler/class_keys.h"
#include "compiler/place_groups.h"
#include "compiler/route_groups.h"
#include "compiler/route_shares.h"
#include "compiler/sender.h"
#include "compiler/shared_hops.h"
#include "exchange/reachability.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::compiler {

class Classifier {
 public:
  // Whether somebody needs to know about prefixes.
  enum class Need : std::uint8_t { kNothing, kGroups };

  // All must outlive it. `senders` by participant; it may grow. `keys`: of their classes.
  Classifier(const exchange::Reachability& reachability, std::vector<Sender>& senders,
             ClassKeys& keys)
      : reachability_(reachability),
        senders_(senders),
        shares_(senders, keys, touched_),
        hops_(groups_, shares_, senders) {}

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
  void expect(std::span<const std::uint64_t> groups, net::ParticipantId client) const;
  std::uint64_t grouping() const { return grouping_; }
  const exchange::HopShares& shares() const { return hops_; }
  // How many prefixes each class of each sender has: by participant, by ClassId.
  std::vector<std::vector<std::size_t>> prefix_counts() const;

  std::size_t group_count() const { return groups_.size(); }

 private:
  using Participants = BitSet<net::ParticipantId>;

  // What a sender's groups were classified for.
  struct Asked {
    std::vector<CodedTarget> targets;
    std::vector<net::RouterId> routers;  // sorted; none if every group is of interest
    bool every = false;                  // it is
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
  void put(const exchange::PlacedPrefix& prefix, const exchange::RouteKey& key);
  // `like`: a group that may differ from it in little; perhaps kNoGroup.
  GroupId obtain(const exchange::RouteKey& key, GroupId like);
  void take_members(RouteGroup& group, const RouteGroup& other);
  void share(RouteGroup& group);
  void join(GroupId id, net::Family family);
  void leave(GroupId id, net::Family family);
  void note_announcers(GroupId before, GroupId now);
  void note_interested_in(const RouteGroup& group);
  void note_asking(const exchange::Routes& routers, Participants& asking) const;
  void enter(RouteGroup& group, const Participants& senders);
  bool enter(RouteGroup& group, net::ParticipantId sender);
  bool expel(RouteGroup& group, net::ParticipantId sender);
  void take_out(const RouteGroup& group, const Member& member);
  bool is_special(const RouteGroup& group, net::ParticipantId sender) const;
  void look_again_for(const Other& other);
  void expect(std::span<const GroupId> groups, net::ParticipantId sender) const;
  void look_again(RouteGroup& group, net::ParticipantId sender,
                  std::span<const net::RouterId> changed);
  std::optional<ClassId> class_in(const RouteGroup& group, net::Family family,
                                  net::ParticipantId client) const;
  bool asks_about(net::ParticipantId sender, net::RouterId router) const;
  void note_classes_of(net::ParticipantId sender);
  // Calls visit(sender, class) for each that has one.
  template <typename Visit>
  void for_each_class(const RouteGroup& group, net::Family family, const Visit& visit) const;
  std::optional<net::IpAddress> next_hop_in(const RouteGroup& group, net::Family family,
                                            net::ParticipantId client) const;

  const exchange::Reachability& reachability_;
  std::vector<Sender>& senders_;
  RouteGroups groups_;
  Participants touched_;
  RouteShares shares_;
  SharedHops hops_;
  PlaceGroups places_;
  bool is_read_ = false;
  std::uint64_t grouping_ = 0;
  std::vector<Asked> asked_;                        // by participant
  std::vector<Participants> by_router_;             // who asks about it
  Participants everywhere_;                         // who asks about every group
  std::vector<net::ParticipantId> other_policies_;  // since the last update
  BitSet<net::RouterId> announcers_;                // that announce other prefixes than before
  std::pair<std::uint32_t, std::uint32_t> noted_;   // serials of the groups noted last; 0: none
  GroupId obtained_ = kNoGroup;                     // last
  BitSet<net::RouterId> minded_;  // that the sender of look_again_for() asks about
  exchange::RouteKey key_;        // scratch, as are the next
  exchange::Routes routes_;
  Participants interested_;
  Participants asking_;
  Participants both_;
};

}  // namespace fabrix::compiler
