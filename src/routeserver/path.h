// Path: everything that the routes of one announcement have in common, whatever their prefixes.
// Interned: equal paths are one object (path_store.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "bgp/path_attributes.h"
#include "net/ip_address.h"
#include "routeserver/client_set.h"
#include "routeserver/decision.h"
#include "routeserver/export_control.h"
#include "routeserver/import_filter.h"
#include "routeserver/peer.h"

namespace fabrix::routeserver {

// Which clients may have a route, and how it is changed for them.
struct ExportClass {
  std::vector<ExportRule> rules;
  ClientSet all;  // of all rules
  // What they are told as next hop, if it is not an address of the announcing router.
  std::optional<net::IpAddress> other_next_hop{};
  // Of one that is interned (path_store.h): its own, never another's. 48 bits.
  std::uint64_t stamp = 0;

  friend bool operator==(const ExportClass& a, const ExportClass& b) {
    return a.rules == b.rules && a.all == b.all && a.other_next_hop == b.other_next_hop;
  }
};
using ExportClassPtr = std::shared_ptr<const ExportClass>;

// Whether a route outlives its session by RFC 9494: the last choice, and marked so.
enum class Liveness : std::uint8_t { kLive, kLongLivedStale };

struct Path {
  PeerId peer;
  Liveness liveness = Liveness::kLive;
  net::Family family = net::Family::kIpv4;  // of its prefixes
  std::uint32_t bgp_identifier = 0;         // of the announcing router
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);  // as announced
  bgp::AttributesPtr attributes;                                              // as announced
  PathVerdict verdict;
  Preference preference;
  ExportClassPtr exports;  // interned: equal classes are one object
  // What clients are told, before export control has its say: the same, or what the route server
  // itself changes (RFC 7999, RFC 9494).
  net::IpAddress told_next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
  bgp::AttributesPtr told;
  bool plain = false;       // `told` goes out as it is where it is not treated (export_control.h)
  bool demanding = false;   // not every session can be told it (dialect.h)
  std::uint32_t since = 0;  // when it was first seen, in seconds of the route server's clock
};

}  // namespace fabrix::routeserver
