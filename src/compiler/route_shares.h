// RouteShares: what many groups of routes (route_groups.h) have in common, said once.
//
// A sender that may have all routes of a group, and that asks about one of its routers only, has a
// class there that depends on the best route's router and on that one. So groups with both share
// it: a share lists who asks about its router, and in which class they are. A group has a share for
// each of its routers; whom none of them can speak for has a class of its own there, as a Member.
//
// A class is in use by a share, for a family, while one of the groups with prefixes of that family
// leaves it to the share: so shares count their groups, and for each sender those in which it has a
// class of its own. Not thread-safe. Bounded by the pairs of routers in groups.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bit_set.h"
#include "compiler/chunks.h"
#include "compiler/class_keys.h"
#include "compiler/hash_index.h"
#include "compiler/route_groups.h"
#include "compiler/sender.h"
#include "net/ids.h"
#include "net/ip_address.h"

namespace fabrix::compiler {

class RouteShares {
 public:
  using Participants = BitSet<net::ParticipantId>;

  static constexpr net::ParticipantId kNobody{0xffff};

  // One who asks about the share's router; or kNobody.
  struct Sharer {
    net::ParticipantId sender = kNobody;
    std::array<bool, 2> uses{};             // by family: is in the class here
    ClassId of{};                           // if it is
    std::array<std::uint32_t, 2> others{};  // by family: groups where it has a class of its own

    bool is_in_class() const { return uses[0] || uses[1]; }
    bool is_somebody() const { return sender != kNobody; }
  };
  struct Share {
    net::RouterId best;
    net::RouterId router;
    std::size_t groups = 0;
    std::array<std::uint32_t, 2> users{};  // of the groups, those with prefixes of a family
    // A sender has the same place in all shares of a router, so that nobody is sought.
    std::vector<Sharer> sharers;
    std::uint32_t serial = 0;  // no other share ever had it
    std::uint32_t version =
        0;                  // another than before: groups came or went, so that a sharer's use did
    std::size_t place = 0;  // RouteShares' own, as is the next
    // The class that all are in who ask about the router, if it is known and there is one.
    std::optional<KeyId> common = std::nullopt;
  };

  // `senders` by participant, `keys` of their classes; those whose classes are to be settled get
  // into `touched`. All must outlive it.
  RouteShares(std::vector<Sender>& senders, ClassKeys& keys, Participants& touched)
      : senders_(senders), keys_(keys), touched_(touched) {}

  const Share& operator[](ShareId id) const { return shares_[id.index()]; }
  std::size_t end() const { return shares_.size(); }  // of ids
  std::span<const ShareId> of_router(net::RouterId router) const;
  const Sharer* sharer(const Share& share, net::ParticipantId sender) const;  // null: no such one

  // The share of these, which a group enters; `asking` about the router, if it is new.
  ShareId enter(net::RouterId best, net::RouterId router, const Participants& asking);
  // Hints: a group with these routers enters next; one with these shares gets or loses a user
  // (base/ahead.h).
  void expect(std::span<const net::RouterId> routers) const;
  void expect(std::span<const ShareId> ids) const;
  // A group without prefixes leaves it.
  void leave(ShareId id);
  // A group that it has gets its first prefix of a family, or lost its last.
  void add_user(ShareId id, const RouteGroup& group, net::Family family);
  void remove_user(ShareId id, const RouteGroup& group, net::Family family);
  void clear();

  // The sender asks about the router now, or no longer. Then it is in no class until settle().
  void enlist(net::ParticipantId sender, net::RouterId router);
  void delist(net::ParticipantId sender, net::RouterId router);
  void settle(net::ParticipantId sender, net::RouterId router);
  // The group, which the share has, has a class of its own for the sender now, or no longer.
  void except(ShareId id, const RouteGroup& group, net::ParticipantId sender);
  void include(ShareId id, const RouteGroup& group, net::ParticipantId sender);

 private:
  // Who asks about a router, while there are shares of it.
  struct Asking {
    struct Place {
      net::ParticipantId sender;
      std::uint16_t at = 0;  // in Share::sharers
    };
    std::vector<ShareId> shares;
    std::vector<Place> places;        // sorted by sender
    std::vector<std::uint16_t> free;  // places of nobody's
    std::uint16_t end = 0;            // of places

    std::optional<std::size_t> place_of(net::ParticipantId sender) const;
    void take(const Participants& asking);
    std::size_t add(net::ParticipantId sender);
    void remove(net::ParticipantId sender);
  };

  // Null: there are no shares of it.
  Asking* asking(net::RouterId router);
  const Asking* asking(net::RouterId router) const;
  Sharer* find(ShareId id, net::ParticipantId sender);
  void expect(std::span<const ShareId> ids, std::size_t place) const;
  void expect_classes_of(Share& share);
  // Finds it out by the sender, if it has not been.
  bool knows_common_class(Share& share, const Sender& sender);
  void use(Share& share, Sharer& sharer, std::size_t family);
  std::optional<ClassId> classify(Share& share, Sender& sender);
  void disuse(Sharer& sharer, std::size_t family);
  void note(net::ParticipantId sender);

  std::vector<Sender>& senders_;
  ClassKeys& keys_;
  Participants& touched_;
  Chunks<Share> shares_;  // by ShareId
  std::vector<ShareId> free_;
  std::uint32_t last_serial_ = 0;
  std::vector<Asking> by_router_;
  HashIndex index_;  // by both routers
};

}  // namespace fabrix::compiler
