// AdmissionForm: what the first table does at one port, with the owner's own addresses put in
// general terms: the port of one router is like the port of another. If the rows of one are right,
// so are rows of the same form.
//
// The form exchanges the owner's MAC and addresses, as sources and as what neighbour discovery
// tells, with those of nobody, the last of the same LAN. That is a bijection of packets; it is only
// made (else: none) if every test in the rows holds for both or for neither, or is a test for the
// very value.
//
// Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exchange/exchange.h"
#include "net/flow_hash.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/mac_address.h"
#include "net/prefix.h"
#include "program/program.h"

namespace fabrix::verify {

// A port of the fabric that belongs to somebody: a router, or the route server.
struct Site {
  std::string name;
  net::PortNo port;
  net::MacAddress mac;
  const std::vector<net::IpAddress>* addresses = nullptr;  // not null
  std::optional<net::ParticipantId> participant;           // none: the route server
  bool has_outbound = false;                               // policy
  bool is_counted = false;                                 // what it sends, by queries
  net::HashKeys hashes{};  // of buckets that are tested of what it sends
  exchange::Standing standing = exchange::Standing::kOpen;
  // Of a member's port: what limits ARP and ND, and questions to Fabrix.
  std::optional<program::Meter> lookups{};
  std::optional<program::Meter> punts{};
  const std::vector<net::Prefix>* peering_lan = nullptr;  // not null for form_of()
  const exchange::SourceRule* sources = nullptr;  // null: where packets come from is not checked
};

// What the site may do and its rows without origins, as numbers one after the other.
struct AdmissionForm {
  std::vector<std::uint64_t> words;

  friend bool operator==(const AdmissionForm&, const AdmissionForm&) = default;
};

// `rows`: all that a packet at the site's port may match. None too if one of them does what no row
// of the first table has to.
std::optional<AdmissionForm> form_of(const Site& site,
                                     const std::vector<const program::Row*>& rows);

inline constexpr std::size_t kMaxForms = 64;  // worth remembering

}  // namespace fabrix::verify
