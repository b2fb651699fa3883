// HopShares: how groups of prefixes say to whom they tell which next hop instead of the routes'
// own, where many groups say much the same: a group has a word of its own of few clients, and of
// the others its shares have, which other groups have too.
//
// A group is told apart from others, as are shares, by a number that is never used again.
// Implemented by the compiler, and asked by the verifier. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "exchange/reachability.h"
#include "net/ids.h"
#include "net/ip_address.h"

namespace fabrix::exchange {

class HopShares {
 public:
  using Number = std::uint64_t;

  HopShares() = default;
  HopShares(const HopShares&) = delete;
  HopShares& operator=(const HopShares&) = delete;
  HopShares(HopShares&&) = delete;
  HopShares& operator=(HopShares&&) = delete;
  virtual ~HopShares() = default;

  // A share for each router of the routes that its prefixes have, in the order of
  // Reachability::routers_of(): always the same. False: it has none, each word is its own.
  virtual bool shares_of(Number group, std::vector<Number>& shares) const = 0;
  // Of whom it has a word of its own, if only that its shares do not hold; changes as policies do.
  virtual void own_clients(Number group, std::vector<net::ParticipantId>& clients) const = 0;
  virtual bool speaks_of(Number group, net::ParticipantId client) const = 0;

  // Whether groups with prefixes of the family have the share.
  virtual bool has_share(Number share, net::Family family) const = 0;
  // Who is told which next hop by groups that have the share, and no word of their own.
  virtual void words_of(Number share, net::Family family,
                        std::vector<ClientNextHop>& words) const = 0;
  virtual std::optional<net::IpAddress> word_of(Number share, net::Family family,
                                                net::ParticipantId client) const = 0;
  // A hint: these are asked next what they say to the client (base/ahead.h).
  virtual void expect(std::span<const Number> /*shares*/, net::ParticipantId /*client*/) const {}
  // Another than before: since groups have come or gone, it speaks of other clients. They may be
  // others also as policies change.
  virtual std::uint64_t version(Number share) const = 0;
};

}  // namespace fabrix::exchange
