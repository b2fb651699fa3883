// RouteTable: the routes of one router, with a longest match that is quick enough for every sample.
//
// A prefix map holds the routes. Beside it, addresses are cut by their first 16 bits into parts,
// and a part is a sorted array of where another route begins, found by halving (as DXR does; Zec,
// Rizzo, Mikuc 2012), and beside it which one, so that few lines of memory are looked at. A change
// marks the parts it touches, and they are made again when somebody asks; of IPv6, prefixes longer
// than 80 bits are looked up in the map.
//
// Bounded: kMaxRoutes. match() makes parts, so even two readers need a lock. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/large_pages.h"
#include "net/address_bits.h"
#include "net/prefix.h"
#include "net/prefix_map.h"
#include "telemetry/route_set.h"
#include "telemetry/route_view.h"

namespace fabrix::telemetry {

class RouteTable {
 public:
  static constexpr std::size_t kMaxRoutes = 8'388'608;

  // A route's number in this table: small, and its own until it is erased.
  using RouteId = std::uint32_t;

  RouteTable();

  // In place of what was there; `route` is not null. False, and nothing, if there is no room.
  bool insert(const net::Prefix& prefix, RouteInfoPtr route);
  // The same of a route server's table, whose members have views of their own (table_view.h).
  bool insert(const net::Prefix& prefix, RouteSetPtr set);
  // Whether it was there.
  bool erase(const net::Prefix& prefix);

  std::optional<RouteMatch> match(const net::IpAddress& address) const;
  std::optional<RouteId> match_id(const net::IpAddress& address) const;

  // match_id() in steps, for several addresses at a time: each step asks the memory for what the
  // next one reads, and does not wait. In this order; the table does not change meanwhile.
  struct Search {
    net::Family family = net::Family::kIpv4;
    std::uint32_t part = 0;
    std::uint64_t position = 0;
    const RouteId* id = nullptr;  // once it is found
  };
  Search begin(const net::IpAddress& address) const;
  void fetch_begins(const Search& search) const;
  void find(Search& search) const;
  std::optional<RouteId> finish(const Search& search, const net::IpAddress& address) const;

  // What there is of a route: asks the memory for it.
  void fetch_route(RouteId id) const { __builtin_prefetch(&told_[id]); }

  std::optional<RouteId> find(const net::Prefix& prefix) const;
  // The longest prefix around this one.
  std::optional<RouteId> covering(const net::Prefix& prefix) const;
  const net::Prefix& prefix_of(RouteId id) const { return entries_[id].prefix; }
  unsigned length_of(RouteId id) const { return told_[id].length; }
  const RouteInfo& route_of(RouteId id) const { return *told_[id].route; }
  // Null: it is everyone's.
  const RouteSet* set_of(RouteId id) const { return told_[id].set; }
  // Prefixes that the member announces, by the sets.
  std::size_t announced_by(MemberId member) const {
    return member.index() < announced_.size() ? announced_[member.index()] : 0;
  }
  // Numbers are less than this.
  std::size_t id_limit() const { return entries_.size(); }
  std::size_t size() const { return routes_.size(); }
  std::size_t size(net::Family family) const { return sizes_[index_of(family)]; }

  // visit(RouteId) for those inside a prefix, itself included: a block before the blocks inside it.
  template <typename Visit>
  void for_each_within(const net::Prefix& block, Visit&& visit) const {
    routes_.for_each_within(block, [&](const net::Prefix&, RouteId id) { visit(id); });
  }

 private:
  // The nth route has the addresses from the nth beginning, which is first 0, up to the next. All
  // beginnings, and behind them the routes, are one piece of memory.
  template <typename Position>
  class Part {
   public:
    static_assert(alignof(Position) <= alignof(std::max_align_t));

    void set(const std::vector<Position>& begins, const std::vector<RouteId>& ids);
    void clear() { *this = {}; }
    bool empty() const { return count_ == 0; }  // it is to be made
    std::size_t size() const { return count_; }
    const Position* begins() const {
      return static_cast<const Position*>(static_cast<const void*>(octets_.get()));
    }
    const RouteId* ids() const {
      return static_cast<const RouteId*>(static_cast<const void*>(octets_.get() + ids_at(count_)));
    }

   private:
    static std::size_t ids_at(std::size_t count) {
      constexpr std::size_t kAligned = alignof(RouteId) - 1;
      return (count * sizeof(Position) + kAligned) & ~kAligned;
    }

    std::unique_ptr<std::byte[]> octets_;
    std::uint32_t count_ = 0;
  };
  template <typename Position>
  using Parts = std::vector<Part<Position>, LargePages<Part<Position>>>;

  struct Entry {
    net::Prefix prefix = net::Prefix::all(net::Family::kIpv4);
    RouteInfoPtr route;
  };
  // What samples want of an entry and its set.
  struct alignas(32) Told {
    const RouteInfo* route = nullptr;
    const RouteSet* set = nullptr;  // null: it is everyone's
    std::uint8_t length = 0;
  };

  static std::size_t index_of(net::Family family) { return family == net::Family::kIpv4 ? 0 : 1; }
  bool put(const net::Prefix& prefix, RouteInfoPtr route, RouteSetPtr set);
  void count_announcers(const RouteSet& set, std::ptrdiff_t change);
  void keep_set(RouteId id, RouteSetPtr set);
  void tell(RouteId id);
  RouteId take_id(const net::Prefix& prefix, RouteInfoPtr route);
  void touch(const net::Prefix& prefix);
  template <typename Position>
  const RouteId* look_up(Parts<Position>& parts, const Search& search) const;
  template <typename Position>
  void make(Part<Position>& part, std::size_t at, net::Family family) const;

  net::PrefixMap<RouteId> routes_;
  std::vector<Entry> entries_;
  std::vector<Told, LargePages<Told>> told_;  // of each entry
  std::vector<RouteSetPtr> sets_;             // by number; as long as there are any
  std::vector<std::size_t> announced_;        // by member
  std::vector<RouteId> free_;
  std::array<std::size_t, 2> sizes_{};
  mutable Parts<std::uint16_t> parts4_;
  mutable Parts<std::uint64_t> parts6_;
};

}  // namespace fabrix::telemetry
