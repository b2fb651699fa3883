// Dialect: how UPDATEs are written for a session, and so what it can be told at all.
//
//   RFC 8654 §4    an UPDATE that is too large for a peer without extended messages is not sent,
//   and
//                  what was told before is withdrawn (RFC 4271 §9.1.3, §9.2)
//   RFC 8950 §4    IPv4 routes with IPv6 next hops are for peers that said they understand them
//
// A route that a client cannot be told is, for that client, as if export control kept it away: the
// next best takes its place, or none. Sessions of one dialect share what is written for them.
//
// Values; not thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "bgp/family_set.h"
#include "bgp/path_attributes.h"
#include "bgp/update_encoder.h"
#include "net/ip_address.h"
#include "routeserver/client_set.h"
#include "routeserver/export_control.h"
#include "routeserver/peer.h"

namespace fabrix::routeserver {

// The default is what every speaker of RFC 4271 and RFC 6793 understands.
struct Dialect {
  bgp::AsnWidth asn_width = bgp::AsnWidth::kFourOctets;
  std::size_t max_message = 4096;
  bool extended_next_hop = false;
  bgp::FamilySet add_path;

  friend bool operator==(const Dialect&, const Dialect&) = default;
};

Dialect dialect_of(const SessionInfo& session);
bgp::EncodeOptions encode_options(const Dialect& dialect, net::Family family);

// What matters of a route for whether it can be told.
struct Sayable {
  const bgp::PathAttributes& attributes;
  net::IpAddress next_hop;
  net::Family family = net::Family::kIpv4;
};

bool can_say(const Dialect& dialect, const Sayable& route);

// Whether it can be said in every dialect and with every treatment. Quick, and careful: false for
// routes that nearly fill a message of 4096 octets, too.
bool can_always_say(const Sayable& route);

// Which client speaks which dialect. One that is gone is taken to come back as it was, one that was
// never there to speak the default: a session that flaps changes nothing.
class Speakers {
 public:
  // There are clients 0 .. count - 1 from now on.
  void grow(std::size_t count);

  // False if it spoke it before.
  bool learn(PeerId client, const Dialect& dialect);

  // Takes the clients that cannot be told the route, once treated, out of the rules. Clients beyond
  // count have no session, and stay.
  void keep_sayable(const ExportControl& control, const Sayable& route,
                    std::vector<ExportRule>& rules) const;

 private:
  struct Group {
    Dialect dialect;
    ClientSet clients;
  };

  ClientSet& speakers_of(const Dialect& dialect);
  ClientSet unable(const ClientSet& clients, const Sayable& route) const;

  std::vector<Group> groups_;  // no dialect twice; as many as there were dialects
  std::size_t count_ = 0;
};

}  // namespace fabrix::routeserver
