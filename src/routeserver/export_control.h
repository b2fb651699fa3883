// Export control: the communities by which a member says who may hear of its routes, and how.
//
//   standard (RFC 1997)   large (RFC 8092)     meaning
//   0:PEER                RS:0:PEER            do not announce to PEER
//   RS:PEER               RS:1:PEER            announce to PEER (overrides the next)
//   0:RS                  RS:0:0               do not announce to anyone
//   RS:RS                 RS:1:0               announce to everyone (the default)
//   6551N:PEER, 6550N:RS  RS:10N:PEER, RS:10N:0   prepend N times (1 to 3) to PEER, to everyone
//                         RS:100:PEER          do not prepend to PEER
//   65281:PEER, 65282:PEER  RS:65281:PEER, RS:65282:PEER   add NO_EXPORT, NO_ADVERTISE
//
// The Euro-IX forms, and IXP Manager's order: what names a peer goes before what names all, more
// prepends before fewer, and "do not" before "do". RS is the exchange's AS. The customary standard
// prepends are 65511:PEER (once), 65512:PEER (twice), 65513:PEER (three times) and 65501, 65502,
// 65503:RS for all. NO_EXPORT and its kin pass through to the clients (the custom at exchanges).
//
// A standard community cannot name an AS of 32 bits, be it PEER or RS: large ones can, and there is
// no mapping to private 16-bit numbers. A blackhole (RFC 7999 §3.2) gets NO_EXPORT for everyone,
// unless it has that or NO_ADVERTISE already. Clients are told none of the above, whatever the
// PEER, nor anything else that begins with RS: remarks are this exchange's to make.
//
// Immutable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "bgp/path_attributes.h"
#include "exchange/exchange.h"
#include "net/asn.h"
#include "routeserver/client_set.h"
#include "routeserver/peer.h"

namespace fabrix::routeserver {

// How a route is changed for a client.
struct Treatment {
  std::uint8_t prepends = 0;  // of the announcing member's AS, the path's first
  bool no_export = false;
  bool no_advertise = false;
  bool only_to_customer = false;  // OTC with the route server's AS (RFC 9234 §5, egress)

  friend bool operator==(const Treatment&, const Treatment&) = default;
};

// The clients that a route with some attributes may go to, by treatment. The sets are disjoint and
// not empty.
struct ExportRule {
  Treatment treatment;
  ClientSet clients;

  friend bool operator==(const ExportRule&, const ExportRule&) = default;
};

class ExportControl {
 public:
  // The clients whose SessionPolicy has a role are told OTC.
  ExportControl(const exchange::Exchange& exchange, std::span<const Peer> peers);

  // Of `candidates`, those that may have a route with these attributes: not those whose AS is in
  // the path, nor those that a community excludes. Cost: O(path + communities), not O(clients).
  std::vector<ExportRule> rules(const bgp::PathAttributes& attributes,
                                const ClientSet& candidates) const;

  // For people: the community that keeps a route with these attributes from the clients of this AS;
  // none: none does. One that names the AS goes before one that names everyone.
  using AnyCommunity = std::variant<bgp::Community, bgp::LargeCommunity>;
  std::optional<AnyCommunity> keeping(const bgp::PathAttributes& attributes, net::Asn client) const;

  // What a client is told: without the communities that speak to this route server, and treated.
  bgp::PathAttributes exported(const bgp::PathAttributes& attributes,
                               const Treatment& treatment) const;

  // Whether exported() without treatment would change anything.
  bool is_plain(const bgp::PathAttributes& attributes) const;

 private:
  net::Asn route_server_;
  ClientSet with_role_;
  boost::unordered_flat_map<std::uint32_t, ClientSet> by_asn_;
};

}  // namespace fabrix::routeserver
