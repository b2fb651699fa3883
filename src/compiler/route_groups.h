// RouteGroups: the prefixes of the exchange by what their routes are for everybody at once: those
// with equal route keys (exchange::Reachability) are one group, and all that the compiler works out
// about routes it works out once a group.
//
// A group exists while it has prefixes. Each sender whose tags say something about the group's
// routes has a forwarding class there (classes.h): what groups know of it is a number. Most have
// the one that the group shares with others (route_shares.h); the rest are members, with a class of
// their own. Not thread-safe. Bounded by the prefixes there are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/bit_set.h"
#include "compiler/hash_index.h"
#include "compiler/place_groups.h"
#include "exchange/reachability.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::compiler {

// A forwarding class among those of its sender.
using ClassId = StrongId<struct ClassTag, std::uint32_t>;

// What groups with the same best router and a route of another have in common (route_shares.h).
using ShareId = StrongId<struct ShareTag, std::uint32_t>;

// A sender and its class in a group, perhaps kNoClass, in four octets: there are many.
class Member {
 public:
  static constexpr unsigned kSenderBits = 12;
  static constexpr std::uint32_t kMaxClasses = (1U << (32U - kSenderBits)) - 1;
  static constexpr ClassId kNoClass{kMaxClasses};

  Member(net::ParticipantId sender, ClassId of) : bits_(of.value << kSenderBits | sender.value) {}

  net::ParticipantId sender() const {
    return {static_cast<std::uint16_t>(bits_ & ((1U << kSenderBits) - 1))};
  }
  ClassId of() const { return ClassId{bits_ >> kSenderBits}; }
  bool has_class() const { return of() != kNoClass; }

 private:
  std::uint32_t bits_;
};
static_assert(sizeof(Member) == 4);

constexpr std::size_t index_of(net::Family family) {
  return family == net::Family::kIpv4 ? 0 : 1;
}

struct RouteGroup {
  exchange::RouteKey key;
  exchange::Routes routers;  // whoever may have their routes; each once
  // All but `others` have all routes, in the order of their routers; or that is not known.
  bool is_alike = false;
  std::vector<net::ParticipantId> others;   // sorted
  std::vector<ShareId> shares;              // by router, if it is alike
  std::vector<Member> members;              // sorted by sender
  std::uint32_t serial = 0;                 // no other group ever had it
  std::array<std::uint32_t, 2> prefixes{};  // by family
  std::uint64_t seen = 0;                   // RouteGroups' own

  std::uint32_t& count(net::Family family) { return prefixes.at(index_of(family)); }
  bool has(net::Family family) const { return prefixes.at(index_of(family)) != 0; }
  bool empty() const { return prefixes[0] == 0 && prefixes[1] == 0; }
  const Member* member(net::ParticipantId sender) const;  // null: it is none
};

class RouteGroups {
 public:
  RouteGroups() = default;
  RouteGroups(const RouteGroups&) = delete;
  RouteGroups& operator=(const RouteGroups&) = delete;
  RouteGroups(RouteGroups&&) = delete;
  RouteGroups& operator=(RouteGroups&&) = delete;
  ~RouteGroups() = default;

  RouteGroup& operator[](GroupId id) { return *groups_[id.value]; }
  const RouteGroup& operator[](GroupId id) const { return *groups_[id.value]; }

  GroupId find(const exchange::RouteKey& key) const;  // perhaps kNoGroup
  // Null: there is no such group.
  const RouteGroup* get(GroupId id) const {
    return id.index() < groups_.size() ? groups_[id.index()].get() : nullptr;
  }
  // A group of these routes without prefixes, shares or members; there must be none of its key.
  GroupId add(RouteGroup group);
  // The group must have no prefixes. Its members are forgotten.
  void remove(GroupId id);
  void clear();

  // The groups with a route of one of these routers that say something of the sender that shares
  // may not, if it asks about the routers `asked`, `routers` among them: they have routes of two of
  // these, or it is one of the others there, or they are not alike. Each once, in no order that
  // matters; perhaps some more.
  std::vector<GroupId> special(std::span<const net::RouterId> routers, net::ParticipantId sender,
                               std::span<const net::RouterId> asked);
  std::vector<GroupId> all() const;
  std::size_t size() const { return index_.size(); }

 private:
  // The groups that had something when they were added; some may be gone, or other ones in their
  // places.
  struct Posting {
    std::vector<GroupId> groups;
    std::size_t gone = 0;
  };
  using Groups = BitSet<GroupId>;

  void mark_special(net::ParticipantId sender, std::span<const net::RouterId> asked);
  void take_special(net::RouterId router, std::vector<GroupId>& found);
  bool has_router(GroupId id, net::RouterId router) const;
  bool has_other(GroupId id, net::ParticipantId participant) const;
  template <typename Has>
  void tidy(Posting& posting, const Has& has);

  std::vector<std::unique_ptr<RouteGroup>> groups_;  // by GroupId; null: free
  std::vector<GroupId> free_;
  std::vector<Posting> postings_;  // by RouterId
  std::vector<Posting> others_;    // by ParticipantId: where it is one of the others
  Posting unlike_;                 // that are not alike
  Groups asked_;                   // scratch of special(), as are the next
  Groups special_;
  std::vector<GroupId> posted_;
  std::uint64_t round_ = 0;  // of tidy()
  std::uint32_t last_serial_ = 0;
  HashIndex index_;
};

}  // namespace fabrix::compiler
