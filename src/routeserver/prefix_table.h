// PrefixTable: the prefixes that have routes, each with its list. 32 octets a prefix, and ten or
// so for finding it.
//
// An entry keeps its place until it is released, whatever else comes and goes; places are reused.
// Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "exchange/reachability.h"
#include "net/prefix.h"
#include "routeserver/route_list.h"

namespace fabrix::routeserver {

// A place in the table.
using EntryId = exchange::Place;

class PrefixTable {
 public:
  // What clients know of the routes (rib.h): these; or others, because they have changed since.
  enum class Stage : std::uint8_t { kPublished, kWaiting, kChanged, kTaken };
  struct Entry {
    RouteList routes;
    net::Prefix prefix = net::Prefix::all(net::Family::kIpv4);
    Stage stage = Stage::kPublished;
    bool was_published : 1 = false;  // if not kPublished: clients know of other routes than none
    bool released : 1 = false;       // the place is free
  };
  static_assert(sizeof(Entry) == 32);

  PrefixTable();
  PrefixTable(const PrefixTable&) = delete;
  PrefixTable& operator=(const PrefixTable&) = delete;
  PrefixTable(PrefixTable&&) = delete;
  PrefixTable& operator=(PrefixTable&&) = delete;
  ~PrefixTable();

  // The entry of the prefix, made if there is none.
  EntryId obtain(const net::Prefix& prefix);
  std::optional<EntryId> find(const net::Prefix& prefix) const;

  Entry& operator[](EntryId id) { return (*chunks_[id.value / kChunk])[id.value % kChunk]; }
  const Entry& operator[](EntryId id) const {
    return (*chunks_[id.value / kChunk])[id.value % kChunk];
  }

  // The entry must have no routes.
  void release(EntryId id);

  // Places in use and free: every EntryId is below.
  std::uint32_t end() const { return end_; }
  std::size_t size() const { return index_.size(); }

 private:
  static constexpr std::size_t kChunk = 4096;
  using Chunk = std::array<Entry, kChunk>;

  // With its hash: the index grows without a look at the prefixes, which lie all over memory.
  struct Indexed {
    EntryId id;
    std::uint32_t hash = 0;
  };
  struct Sought {
    const net::Prefix& prefix;
    std::uint32_t hash = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const Indexed& one) const { return one.hash; }
    std::size_t operator()(const Sought& one) const { return one.hash; }
  };
  struct Equal {
    using is_transparent = void;
    const PrefixTable* table;
    bool operator()(const Indexed& a, const Indexed& b) const { return a.id == b.id; }
    bool operator()(const Sought& a, const Indexed& b) const {
      return a.hash == b.hash && a.prefix == (*table)[b.id].prefix;
    }
    bool operator()(const Indexed& a, const Sought& b) const { return (*this)(b, a); }
  };

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::uint32_t end_ = 0;
  std::vector<EntryId> free_;
  boost::unordered_flat_set<Indexed, Hash, Equal> index_;
};

}  // namespace fabrix::routeserver
