// PathStore: the paths of all routes, each once. Parsing, filtering and export control are done
// when a path is new, not for each of its prefixes.
//
// Paths are counted: a path lives while somebody holds it. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_set>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/ahead.h"
#include "bgp/path_attributes.h"
#include "net/ip_address.h"
#include "routeserver/path.h"
#include "routeserver/peer.h"
#include "routeserver/route_list.h"

namespace fabrix::routeserver {

// By what a path is known. The router's identifier is part of it because it is part of the
// decision, and a router may return with another one to routes that were kept for it (RFC 4724
// §4.2); the family, because whom a route can be told depends on it (RFC 8950).
struct PathKey {
  PeerId peer;
  Liveness liveness = Liveness::kLive;
  net::Family family = net::Family::kIpv4;
  std::uint32_t bgp_identifier = 0;
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
  bgp::AttributesPtr attributes;  // not null
};

class PathStore {
 public:
  // Says what follows from a key: verdict, preference, exports.
  using Judge = std::function<Path(const PathKey&)>;

  PathStore();
  PathStore(const PathStore&) = delete;
  PathStore& operator=(const PathStore&) = delete;
  PathStore(PathStore&&) = delete;
  PathStore& operator=(PathStore&&) = delete;
  ~PathStore();

  // The path of this key, judged if it is new. The caller holds it, and lets go with release().
  PathId intern(const PathKey& key, const Judge& judge);

  // Judges the path anew, because what `judge` goes by has changed. The same path if that makes no
  // difference; else another one takes its place, and this one is what it was for those who hold
  // it. The caller holds the outcome, and lets go with release().
  PathId judge_again(PathId id, const Judge& judge);

  // Every path that is held and was not replaced.
  std::vector<PathId> all() const;

  const Path& operator[](PathId id) const { return slots_[id.index()]->path; }

  // The same of the path, and faster: what every change of a route asks for.
  const Preference& preference(PathId id) const { return essence_[id.index()].preference; }
  std::uint32_t bgp_identifier(PathId id) const { return essence_[id.index()].bgp_identifier; }
  const ExportClass& exports(PathId id) const { return *essence_[id.index()].exports; }

  // A hint: it is asked next for that (base/ahead.h).
  void expect(PathId id) const { send_for(essence_[id.index()]); }

  void hold(PathId id) { ++essence_[id.index()].holders; }
  void release(PathId id);

  std::size_t size() const { return index_.size(); }

  // The one object of equal export classes.
  ExportClassPtr intern(ExportClass exports);
  // The class with this stamp; null: it is gone.
  const ExportClass* find_exports(std::uint64_t stamp) const;

 private:
  // 32 octets, close together: a table of many paths is bound by memory.
  struct Essence {
    Preference preference;
    const ExportClass* exports = nullptr;  // the path's
    std::uint32_t holders = 0;
    std::uint32_t bgp_identifier = 0;
  };
  struct Slot {
    Path path;
    bool replaced = false;  // nobody finds it any more
    std::size_t hash = 0;
  };
  struct Wanted {
    const PathKey* key;
    std::size_t hash;
  };
  struct Hash {
    using is_transparent = void;
    const PathStore* store;
    std::size_t operator()(PathId id) const { return store->slots_[id.index()]->hash; }
    std::size_t operator()(const Wanted& wanted) const { return wanted.hash; }
  };
  struct Equal {
    using is_transparent = void;
    const PathStore* store;
    bool operator()(PathId a, PathId b) const { return a == b; }
    bool operator()(const Wanted& a, PathId b) const { return store->is(b, a); }
    bool operator()(PathId a, const Wanted& b) const { return store->is(a, b); }
  };
  struct ExportHash {
    std::size_t operator()(const ExportClassPtr& exports) const noexcept;
  };
  struct ExportEqual {
    bool operator()(const ExportClassPtr& a, const ExportClassPtr& b) const { return *a == *b; }
  };

  // Where the export class is whose stamp has this place and round.
  struct ExportPlace {
    const ExportClass* exports = nullptr;  // null: free
    std::uint32_t round = 0;
  };

  bool is(PathId id, const Wanted& wanted) const;
  PathId add(Path path, std::size_t hash);
  void sweep_exports();

  std::vector<std::unique_ptr<Slot>> slots_;  // by PathId; null: free
  std::vector<Essence> essence_;              // by PathId
  std::vector<PathId> free_;
  boost::unordered_flat_set<PathId, Hash, Equal> index_;
  std::unordered_set<ExportClassPtr, ExportHash, ExportEqual> exports_;
  std::vector<ExportPlace> export_places_;
  std::vector<std::uint32_t> free_export_places_;
  std::size_t sweep_at_ = 1024;
};

}  // namespace fabrix::routeserver
