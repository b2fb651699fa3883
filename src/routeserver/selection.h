// Selection: which of a prefix's routes each client gets, for all clients at once.
//
// A route server's clients mostly share the answer: the best route goes to everyone but its
// announcer and those kept from it, the next best to those who are left, and so on (RFC 7947
// §2.3.2: no route hides another). Cost: O(routes needed), with sets of clients as machine words;
// where MEDs make the order depend on the set (decision.h), O(clients x routes).
//
// Not thread-safe (it keeps scratch memory).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "routeserver/client_set.h"
#include "routeserver/decision.h"
#include "routeserver/export_control.h"
#include "routeserver/path_store.h"
#include "routeserver/rib.h"
#include "routeserver/route_list.h"

namespace fabrix::routeserver {

// A route as a client gets it.
struct Choice {
  PathId path;
  Treatment treatment;

  friend bool operator==(const Choice&, const Choice&) = default;
};

// Clients by what they get; the sets are disjoint and not empty. Keeps its memory when cleared.
class ChoiceGroups {
 public:
  struct Group {
    Choice choice;
    ClientSet clients;
  };

  std::span<const Group> view() const { return std::span(groups_).first(count_); }
  void clear() { count_ = 0; }
  void add(const Choice& choice, const ClientSet& clients);

 private:
  std::vector<Group> groups_;
  std::size_t count_ = 0;
};

class Selection {
 public:
  // The store must outlive the selection.
  Selection(const PathStore& paths, Rib::TieOf tie) : paths_(&paths), tie_(std::move(tie)) {}

  // The best route of each of `clients`; who gets none is in no group.
  void best(std::span<const RouteRef> routes, const ClientSet& clients, ChoiceGroups& out);

  std::optional<Choice> best(std::span<const RouteRef> routes, PeerId client);

  // All routes that the client may have, best first.
  std::vector<RouteRef> candidates(std::span<const RouteRef> routes, PeerId client);

  // How `client` gets the route; none: it may not have it.
  std::optional<Treatment> treatment(PathId path, PeerId client) const;

 private:
  void best_of_each(std::span<const RouteRef> routes, const ClientSet& clients, ChoiceGroups& out);

  const PathStore* paths_;
  Rib::TieOf tie_;
  ClientSet rest_;
  ClientSet group_;
  std::vector<Contender> contenders_;
};

}  // namespace fabrix::routeserver
