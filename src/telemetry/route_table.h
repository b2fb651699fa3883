// RouteTable: the routes of one router, with a longest match that is quick enough for every sample.
//
// A prefix map holds the routes. Beside it, addresses are cut by their first 16 bits into parts,
// which tell with a look at few lines of memory which route an address has (route_part.h). A change
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

#include "base/arena.h"
#include "base/cache_line.h"
#include "base/large_pages.h"
#include "net/address_bits.h"
#include "net/prefix.h"
#include "net/prefix_map.h"
#include "telemetry/decay_clock.h"
#include "telemetry/route_part.h"
#include "telemetry/route_set.h"
#include "telemetry/route_texts.h"
#include "telemetry/route_view.h"

namespace fabrix::telemetry {

// A weight, and when it was that: see RouteRates.
struct RouteAverage {
  double weight = 0;
  Time landmark{};
};
using RouteAverages = std::array<RouteAverage, 2>;

class RouteTable {
 public:
  static constexpr std::size_t kMaxRoutes = 8'388'608;

  // A route's number in this table: small, and its own until it is erased.
  using RouteId = telemetry::RouteId;
  static constexpr RouteId kNoRoute = 0xffffffff;  // and then there is none

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
    net::AddressBits address;
    const RouteId* id = nullptr;  // once it is found
  };
  Search begin(net::Family family, const net::AddressBits& address) const;
  void fetch_begins(Search& search) const;
  void find(Search& search) const {
    if (search.id == nullptr) look_up(search);
  }
  // Or kNoRoute.
  RouteId finish(const Search& search) const;

  // What there is of a route, and what is measured of it: asks the memory for it.
  void fetch_route(RouteId id) const { __builtin_prefetch(&told_[id]); }

  // Of the traffic that takes a route, by direction; nothing of a route that is new. Whoever
  // measures keeps them here, so that a sample waits for one line of memory.
  RouteAverages& averages_of(RouteId id) { return told_[id].averages; }
  void clear_averages() {
    for (Told& told : told_) told.averages = {};
  }

  std::optional<RouteId> find(const net::Prefix& prefix) const;
  // The longest prefix around this one.
  std::optional<RouteId> covering(const net::Prefix& prefix) const;
  const net::Prefix& prefix_of(RouteId id) const { return entries_[id].prefix; }
  unsigned length_of(RouteId id) const { return told_[id].length; }
  const RouteInfo& route_of(RouteId id) const { return *told_[id].route; }
  // As everyone has it, or whoever gets the best. One by one, as put_sample() does.
  void put_match(RouteId id, RouteMatch& out) const {
    const Told& told = told_[id];
    out.length = told.length;
    out.route = told.route;
    out.id = id;
    out.has_long_texts = told.has_long_texts;
    out.texts = told.texts;
  }
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
  template <typename Part>
  using Parts = std::vector<Part, LargePages<Part>>;

  struct Entry {
    net::Prefix prefix = net::Prefix::all(net::Family::kIpv4);
    RouteInfoPtr route;
  };
  // What samples want of an entry and its set, in one line of memory.
  struct alignas(kCacheLine) Told {
    const RouteInfo* route = nullptr;
    const RouteSet* set = nullptr;  // null: it is everyone's
    const RouteTexts* texts = nullptr;
    std::uint8_t length = 0;
    bool has_long_texts = false;
    RouteAverages averages{};
  };
  static_assert(sizeof(Told) == kCacheLine);

  // Addresses are cut into parts here.
  static constexpr unsigned kPartBits = 16;
  // In place of a route's number: longer than positions tell apart. Ask the map.
  static constexpr RouteId kLonger = 0xfffffffe;

  static std::size_t part_of(const net::AddressBits& bits) { return bits.high >> (64 - kPartBits); }
  // Of an address within its part, what comes after the first bits: 16 of IPv4, 64 of IPv6.
  static std::uint16_t position4_of(const net::AddressBits& bits) {
    return static_cast<std::uint16_t>(bits.high >> 32U);
  }
  static std::uint64_t position6_of(const net::AddressBits& bits) {
    return bits.high << kPartBits | bits.low >> (64 - kPartBits);
  }
  static std::size_t index_of(net::Family family) { return family == net::Family::kIpv4 ? 0 : 1; }
  bool put(const net::Prefix& prefix, RouteInfoPtr route, RouteSetPtr set);
  void count_announcers(const RouteSet& set, std::ptrdiff_t change);
  void keep_set(RouteId id, RouteSetPtr set);
  void keep_route(RouteId id, RouteInfoPtr route);
  void tell(RouteId id);
  RouteId take_id(const net::Prefix& prefix);
  void touch(const net::Prefix& prefix);
  void look_up(Search& search) const;
  RouteId longest_match(const Search& search) const;
  template <typename Part>
  void make(Part& part, std::size_t at, net::Family family) const;

  net::PrefixMap<RouteId> routes_;
  std::vector<Entry> entries_;
  std::vector<Told, LargePages<Told>> told_;  // of each entry
  RouteTextsPool texts_;
  std::vector<RouteSetPtr> sets_;       // by number; as long as there are any
  std::vector<std::size_t> announced_;  // by member
  std::vector<RouteId> free_;
  std::array<std::size_t, 2> sizes_{};
  std::unique_ptr<Arena> memory_ = std::make_unique<Arena>();  // of the parts of IPv4
  mutable Parts<RouteBlocks> parts4_;
  mutable Parts<RouteRuns<std::uint64_t>> parts6_;
};

inline RouteTable::Search RouteTable::begin(net::Family family,
                                            const net::AddressBits& address) const {
  const std::size_t part = part_of(address);
  if (family == net::Family::kIpv4) {
    __builtin_prefetch(&parts4_[part]);
  } else {
    __builtin_prefetch(&parts6_[part]);
  }
  return {.family = family, .address = address, .id = nullptr};
}

inline void RouteTable::fetch_begins(Search& search) const {
  const std::size_t at = part_of(search.address);
  if (search.family == net::Family::kIpv4) {
    const auto& part = parts4_[at];
    if (!part.empty()) search.id = part.fetch(position4_of(search.address));
  } else {
    const auto& part = parts6_[at];
    if (!part.empty()) search.id = part.fetch(position6_of(search.address));
  }
}

inline RouteTable::RouteId RouteTable::finish(const Search& search) const {
  const RouteId id = *search.id;
  return id == kLonger ? longest_match(search) : id;
}

}  // namespace fabrix::telemetry
