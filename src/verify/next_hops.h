// NextHops: the next hops that the exchange announces, or will once the Program is installed, as
// the verifier asks for them.
//
// What a client is told of a prefix is the next hop of its best route, or another one instead. A
// group says who is told which instead; the many prefixes that agree in it have the same. That is
// how they are announced and not an opinion of the compiler's: the verifier looks up the group of
// each prefix, and the routes of each elsewhere.
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "exchange/exchange.h"
#include "exchange/hop_shares.h"
#include "exchange/reachability.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::verify {

class NextHops {
 public:
  using Group = std::uint64_t;
  using List = std::vector<exchange::ClientNextHop>;

  NextHops() = default;
  NextHops(const NextHops&) = delete;
  NextHops& operator=(const NextHops&) = delete;
  NextHops(NextHops&&) = delete;
  NextHops& operator=(NextHops&&) = delete;
  virtual ~NextHops() = default;

  // What `client`, which has a route, is told of the prefix.
  virtual net::IpAddress of(net::ParticipantId client, const net::Prefix& prefix) const = 0;

  // The prefix's group. What a group says changes only for clients that are renumbered; and for
  // clients whose policies change, in groups with routes of targets that policies and meanings of
  // tags say something else of than before, and in those that have a share with such a group. A
  // prefix for which something else changes comes into another group, and a number is not used
  // again.
  virtual Group group(const exchange::PlacedPrefix& prefix) const = 0;
  // Whether prefixes of the family are still in it.
  virtual bool has(Group group, net::Family family) const = 0;
  // Who is told which next hop instead of the best route's.
  virtual void list(Group group, net::Family family, List& instead) const = 0;
  // Of one client; none: its best route's.
  virtual std::optional<net::IpAddress> instead(Group group, net::Family family,
                                                net::ParticipantId client) const = 0;
  // A hint: these are asked next what they say to the client (base/ahead.h).
  virtual void expect(std::span<const Group> /*groups*/, net::ParticipantId /*client*/) const {}
  // Another than at the last check: any prefix may be in another group than then.
  virtual std::uint64_t grouping() const = 0;

  // Another than at the last check: a group that there was may tell this client something else. Not
  // known: each group is asked.
  virtual std::optional<std::uint64_t> version(net::ParticipantId client) const = 0;
  // If that is known: how many groups and shares of groups tell it another next hop than its best
  // route's, each by a word of its own, by both families. Not cheap.
  virtual std::size_t words(net::ParticipantId client) const = 0;

  // How groups say what they have in common; null: each says all itself.
  virtual const exchange::HopShares* shares() const { return nullptr; }

  // Whether some route of the key has a next hop that is not its router's own.
  virtual bool has_other(const exchange::RouteKey& key) const = 0;
};

// The next hop that is told to `client` for `prefix`.
using NextHopOf =
    std::function<net::IpAddress(net::ParticipantId client, const net::Prefix& prefix)>;

// The same as NextHops: each prefix is a group of its own, of clients that are all told another one
// than their best route's. Nothing is known of groups from one check to the next, so that each
// looks at every prefix.
class EachAsked final : public NextHops {
 public:
  // Both must outlive it.
  EachAsked(const exchange::Exchange& exchange, const exchange::Reachability& reachability,
            NextHopOf next_hop)
      : exchange_(exchange), reachability_(reachability), next_hop_(std::move(next_hop)) {}

  net::IpAddress of(net::ParticipantId client, const net::Prefix& prefix) const override {
    return next_hop_(client, prefix);
  }
  Group group(const exchange::PlacedPrefix& prefix) const override;
  bool has(Group /*group*/, net::Family /*family*/) const override { return true; }
  void list(Group group, net::Family family, List& instead) const override;
  std::optional<net::IpAddress> instead(Group group, net::Family family,
                                        net::ParticipantId client) const override;
  std::uint64_t grouping() const override { return ++grouping_; }
  std::optional<std::uint64_t> version(net::ParticipantId /*client*/) const override { return {}; }
  std::size_t words(net::ParticipantId /*client*/) const override { return 0; }
  bool has_other(const exchange::RouteKey& /*key*/) const override { return false; }

 private:
  const exchange::Exchange& exchange_;
  const exchange::Reachability& reachability_;
  NextHopOf next_hop_;
  mutable std::vector<net::Prefix> prefixes_;  // by group
  mutable std::uint64_t grouping_ = 0;
};

}  // namespace fabrix::verify
