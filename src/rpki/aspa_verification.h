// AspaTable: an immutable set of ASPAs, and the verdict on an AS path by it
// (draft-ietf-sidrops-aspa-verification-27).
//
//   §5.2  authorized(customer, provider): Provider+, Not Provider+ or No Attestation
//   §5.3  the ramps of a path: how far it can go up from its origin and down to us, for sure
//         (min) and at best (max)
//   §5.4  upstream: from customers, peers, and clients of a route server, a path only goes up
//   §5.5  downstream: from providers it goes up, then down
//   §3, §4  several ASPAs of one customer are their union; AS 0 is nobody's provider
//
// What concerns more than the numbers is the caller's: a path with an AS_SET is Invalid, and so is
// one whose first AS is not the neighbour's, but for a route server's towards its client (§5).
//
// Values; a table may be read by any number of threads at once. build: O(n log n). A question:
// O(log n + log providers).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "net/asn.h"
#include "rpki/aspa.h"

namespace fabrix::rpki {

enum class PathState : std::uint8_t {
  kValid,    // each hop is attested
  kUnknown,  // no hop is refuted, but not every one attested
  kInvalid,  // a hop is refuted: leaked or forged
};

enum class PathDirection : std::uint8_t { kUpstream, kDownstream };

enum class Authorization : std::uint8_t { kProvider, kNotProvider, kNoAttestation };

std::string_view to_string(PathState state);

class AspaTable {
 public:
  AspaTable() = default;

  // In any order. Each must be sound.
  static AspaTable build(std::vector<Aspa> aspas);

  Authorization authorized(net::Asn customer, net::Asn provider) const;

  // The path as in the attribute, the neighbour first, with repetitions.
  PathState verify(std::span<const net::Asn> path, PathDirection direction) const;

  // Customers.
  std::size_t size() const { return customers_.size(); }
  bool empty() const { return customers_.empty(); }
  // Of all customers together.
  std::size_t providers() const { return providers_.size(); }

  // All of them, by customer.
  std::vector<Aspa> aspas() const;

  friend bool operator==(const AspaTable&, const AspaTable&) = default;

 private:
  std::vector<net::Asn> customers_;      // increasing
  std::vector<std::uint32_t> first_{0};  // of a customer's providers; one more at the end
  std::vector<net::Asn> providers_;      // of each increasing, without AS 0
};

}  // namespace fabrix::rpki
