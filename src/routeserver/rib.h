// Rib: every route that members announce, by prefix, in order of preference; and what changed since
// clients last heard of it.
//
// One list a prefix, ranked over all accepted routes, rejected ones at the end. A client's routes
// are the list without those that it may not have; only where MEDs of one neighbouring AS differ
// must what is left be ranked again.
//
// What clients were told is a function of the list as it was published: the Rib keeps that list
// while a change is not published yet, so that nobody needs to remember it for each client.
//
// A change is first taken, by take_changed(), and then ended by publish(), unless the prefix has
// changed again meanwhile. A change that may wait is not there to be taken before another one of
// its prefix that may not, or release_waiting(). Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/ahead.h"
#include "net/prefix.h"
#include "routeserver/path_store.h"
#include "routeserver/prefix_table.h"
#include "routeserver/route_list.h"

namespace fabrix::routeserver {

// Whether the clients hear of a change next, or may be spared it should another follow.
enum class Urgency : std::uint8_t { kNext, kMayWait };

class Rib {
 public:
  // The order of sessions in the decision process (decision.h, steps 4 and 5). It must not change
  // while a path lives: the order of what was published says what clients know.
  using TieOf = std::function<std::uint64_t(PeerId, std::uint32_t bgp_identifier)>;

  // The store must outlive the table.
  Rib(PathStore& paths, TieOf tie) : paths_(&paths), tie_(std::move(tie)) {}

  // Adds the route or replaces the one of the same session. False if nothing changed. The route's
  // path is held by the caller too.
  bool announce(const net::Prefix& prefix, const RouteRef& route, Urgency urgency = Urgency::kNext);
  // The prefix's place; to be given a route next.
  EntryId obtain(const net::Prefix& prefix) { return table_.obtain(prefix); }
  bool announce(EntryId entry, const RouteRef& route, Urgency urgency = Urgency::kNext);

  // Removes the session's route. False if there was none.
  bool withdraw(const net::Prefix& prefix, PeerId peer, Urgency urgency = Urgency::kNext);
  bool withdraw(EntryId entry, PeerId peer, Urgency urgency = Urgency::kNext);

  std::optional<EntryId> find(const net::Prefix& prefix) const { return table_.find(prefix); }
  const net::Prefix& prefix(EntryId entry) const { return table_[entry].prefix; }
  // All routes, best first, rejected last.
  std::span<const RouteRef> routes(EntryId entry) const { return table_[entry].routes.view(); }
  // A hint: the entries of these, if they have any, are asked next for their routes, and those for
  // their paths (base/ahead.h).
  template <typename T, typename EntryOf>
  void expect(std::span<const T> all, const EntryOf& entry_of) const {
    const auto visit_all = [&](const auto& visit) {
      for (const T& each : all) {
        if (entry_of(each) != exchange::kNowhere) visit(entry_of(each));
      }
    };
    visit_all([this](EntryId entry) { send_for(table_[entry]); });
    visit_all([this](EntryId entry) { send_for_all(routes(entry)); });
    visit_all([this](EntryId entry) {
      for (const RouteRef& route : routes(entry)) paths_->expect(route.path);
    });
  }
  // As clients may know them.
  std::span<const RouteRef> published(EntryId entry) const;
  // The accepted ones of a list.
  static std::span<const RouteRef> accepted(std::span<const RouteRef> routes);
  // The route of a list that is a peer's; null if it has none.
  static const RouteRef* route_of(std::span<const RouteRef> routes, PeerId peer);

  // How many routes of a family a session has, and how many of them are rejected.
  struct Count {
    std::size_t routes = 0;
    std::size_t rejected = 0;
  };
  Count count(PeerId peer, net::Family family) const;

  bool has_accepted(const net::Prefix& prefix, PeerId peer) const;

  // Marks the session's routes of a family as kept beyond their session, until announced again.
  void mark_stale(PeerId peer, net::Family family);

  // The entries with a route of the session, in order of their places. O(prefixes).
  template <typename Visit>
  void for_each_of(PeerId peer, Visit&& visit) const {
    for (std::uint32_t i = 0; i < end(); ++i) {
      const RouteRef* const route = route_of(routes(EntryId{i}), peer);
      if (route != nullptr) visit(EntryId{i}, *route);
    }
  }

  // Entries are below; some of them are free or without routes.
  std::uint32_t end() const { return table_.end(); }
  bool is_free(EntryId entry) const { return table_[entry].released; }
  // Prefixes that have routes.
  std::size_t prefix_count() const { return prefix_count_; }

  // What changed since it was taken, in the order in which it did, and at most so much: it is taken
  // now.
  std::vector<EntryId> take_changed(std::size_t most);
  bool has_changed() const { return changed_count() > 0; }
  std::size_t changed_count() const { return changed_.size() - taken_; }

  // What may wait does not any more.
  void release_waiting();
  std::size_t waiting_count() const { return waiting_.size(); }

  // Ends a change that was taken, unless there is a newer one: false then. `tell`, if any, is given
  // the list as it was published before and as it is now.
  using Tell =
      std::function<void(EntryId, std::span<const RouteRef> before, std::span<const RouteRef> now)>;
  bool publish(EntryId id, const Tell& tell);

  // Places of prefixes whose last route is gone since the last call; some may be in use again.
  std::vector<EntryId> take_forgettable() { return std::exchange(forgettable_, {}); }
  std::size_t forgettable() const { return forgettable_.size(); }
  // Frees these places, but for those in use and those that are forgettable anew. To be called when
  // nobody remembers them.
  void forget(std::span<const EntryId> entries);

 private:
  using Stage = PrefixTable::Stage;

  void replace(EntryId id, Urgency urgency);
  void tally(EntryId entry, std::span<const RouteRef> routes, std::ptrdiff_t change);
  void rank_routes(std::vector<RouteRef>& routes);
  void hold(std::span<const RouteRef> routes);
  void release(std::span<const RouteRef> routes);

  PathStore* paths_;
  TieOf tie_;
  PrefixTable table_;
  // What clients know of prefixes that have changed, by EntryId, where that is not nothing.
  boost::unordered_flat_map<std::uint32_t, RouteList> published_;
  std::vector<EntryId> changed_;
  std::size_t taken_ = 0;         // of them
  std::vector<EntryId> waiting_;  // some of them have changed since, and are not to wait
  std::vector<EntryId> forgettable_;
  std::size_t prefix_count_ = 0;
  std::array<std::vector<Count>, 2> counts_;  // by family, by PeerId
  std::vector<RouteRef> scratch_;             // the list to be
  std::vector<RouteRef> ordered_;
  std::vector<Contender> contenders_;
};

}  // namespace fabrix::routeserver
