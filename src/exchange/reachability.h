// Reachability: which routers' routes a participant may use for a prefix, as the route server says.
//
// routes(A, p) of SEMANTICS: one entry for each announcing router whose route for p may be exported
// to A, best first by A's own decision process. The first router of participant T in the list is
// T's best. A participant's own routers never occur in its lists.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/ahead.h"
#include "base/strong_id.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/prefix.h"
#include "net/route_attributes.h"

namespace fabrix::exchange {

using Routes = std::vector<net::RouterId>;

// What the routes of a prefix are, for every client at once, in a few words that only their
// Reachability understands. Prefixes with equal keys have equal routes for each client. Empty:
// nobody announces the prefix.
using RouteKey = std::vector<std::uint64_t>;

// Where a Reachability keeps a prefix, for those who keep something of each: places are small
// numbers. A prefix has the same place as long as it has routes, and until everyone who is told of
// changes has been told that it has none; then another prefix may get it.
using Place = StrongId<struct PlaceTag, std::uint32_t>;
inline constexpr Place kNowhere{0xffffffff};  // a prefix without routes may be there

struct PlacedPrefix {
  net::Prefix prefix;
  Place place;

  PlacedPrefix(const net::Prefix& what, Place where) : prefix(what), place(where) {}

  friend bool operator==(const PlacedPrefix&, const PlacedPrefix&) = default;
};

// The address that a client is told instead of a route's own next hop.
struct ClientNextHop {
  net::ParticipantId client;
  net::IpAddress address;
};

// Implemented by the controller over the route server, and by tests over a table.
class Reachability {
 public:
  Reachability() = default;
  Reachability(const Reachability&) = delete;
  Reachability& operator=(const Reachability&) = delete;
  Reachability(Reachability&&) = delete;
  Reachability& operator=(Reachability&&) = delete;
  virtual ~Reachability() = default;

  virtual Routes routes(net::ParticipantId client, const net::Prefix& prefix) const = 0;

  virtual Place place_of(const net::Prefix& prefix) const = 0;
  PlacedPrefix placed(const net::Prefix& prefix) const { return {prefix, place_of(prefix)}; }
  std::vector<PlacedPrefix> placed(std::span<const net::Prefix> prefixes) const {
    std::vector<PlacedPrefix> all;
    for (const net::Prefix& each : prefixes) all.push_back(placed(each));
    return all;
  }

  // The key of the prefix's present routes. Cheap; keeps the memory of `key`.
  virtual void route_key(const PlacedPrefix& prefix, RouteKey& key) const = 0;
  // A hint: these are asked next for their keys (base/ahead.h).
  virtual void expect(std::span<const PlacedPrefix> /*prefixes*/) const {}
  // The keys of these, in order, each in `key` until the next one.
  template <typename Visit>
  void visit_route_keys(std::span<const PlacedPrefix> prefixes, RouteKey& key,
                        const Visit& visit) const {
    in_strips(prefixes, [&](std::span<const PlacedPrefix> strip) {
      expect(strip);
      for (const PlacedPrefix& prefix : strip) {
        route_key(prefix, key);
        visit(prefix);
      }
    });
  }

  // What routes() says of prefixes with this key. A key that no prefix has any more may stand for
  // fewer routes than it did.
  virtual void routes_of(net::ParticipantId client, const RouteKey& key, Routes& routes) const = 0;

  // The routers whose routes are in the key, each once, whoever may have them.
  virtual void routers_of(const RouteKey& key, Routes& routers) const = 0;

  // Whether what routes_of() says is, for all clients but `others`, what routers_of() says, in that
  // order. False also if that is not known. `others` are sorted and each once: whose routes are in
  // the key, and who may not have all.
  virtual bool alike_but_for(const RouteKey& /*key*/,
                             std::vector<net::ParticipantId>& /*others*/) const {
    return false;
  }

  // Whether both keys begin with the same route, of a router without another one there, and what
  // routes_of() says of them is the same, in the same order, but for routes of `routers`. False
  // also if that is not known.
  virtual bool differ_behind_first(const RouteKey& /*a*/, const RouteKey& /*b*/,
                                   Routes& /*routers*/) const {
    return false;
  }

  // Each prefix with a route key that is not empty, in any order.
  virtual void for_each_route_key(
      const std::function<void(const PlacedPrefix&, const RouteKey&)>& visit) const = 0;

  // The longest prefix with a route for `client` that covers `address`.
  virtual std::optional<net::Prefix> resolve(net::ParticipantId client,
                                             const net::IpAddress& address) const = 0;

  // Each prefix for which `client` has at least one route, in Prefix order.
  virtual void for_each_prefix(
      net::ParticipantId client,
      const std::function<void(const net::Prefix&, const Routes&)>& visit) const = 0;

  // The first of routes(client, prefix), for policies that ask about it; none: there is none. Good
  // until the routes change.
  virtual std::optional<net::RouteAttributes> best_route(net::ParticipantId client,
                                                         const net::Prefix& prefix) const = 0;

  // The best of the routes that `announcer` itself announces for the prefix and import filters
  // accept; none: there is none. Good until the routes change.
  virtual std::optional<net::RouteAttributes> own_route(net::ParticipantId announcer,
                                                        const net::Prefix& prefix) const = 0;

  // The prefixes that `announcer` announces and import filters accept, in Prefix order.
  virtual std::vector<net::Prefix> announced_by(net::ParticipantId announcer) const = 0;
};

}  // namespace fabrix::exchange
