// Inquiry: what is wrong with what one participant sends, for people: which packets, to a prefix it
// was told of, go elsewhere than clauses and routes say. Thorough and slow; for what is known to be
// wrong, or cannot be told at once.
//
// Not thread-safe. The Task must outlive it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exchange/reachability.h"
#include "net/ids.h"
#include "net/mac_address.h"
#include "net/packet.h"
#include "net/prefix.h"
#include "verify/clause_diagram.h"
#include "verify/findings.h"

namespace fabrix::verify {

class Inquiry {
 public:
  Inquiry(const Task& task, net::ParticipantId sender);

  struct Difference {
    net::Packet packet;  // as it enters
    Effect is;
    Effect should;
  };

  // Of packets to the prefix, whose routes these are, by that next hop.
  std::optional<Difference> difference(const net::IpAddress& next_hop, const net::Prefix& prefix,
                                       const exchange::Routes& routes);
  // By a router's own address: the policy sees none of them.
  std::optional<Difference> past_policy(net::RouterId next_hop, const net::Prefix& prefix,
                                        const exchange::Routes& routes);
  // Whether an answer would be another for other prefixes with such routes, as far as is known.
  bool depended_on_prefix() const { return depended_on_prefix_; }
  // Of packets to any prefix with a virtual next hop.
  struct Found {
    Difference difference;
    net::Prefix prefix;
    exchange::Routes routes;
    net::IpAddress next_hop;
  };
  std::optional<Found> any();

  // "web traffic is sent to D (d1), and should be sent to B (b1)", without the packets' name.
  std::string describe(const Difference& difference) const;

 private:
  std::optional<Difference> by_tag(net::MacAddress tag, const net::Prefix& prefix,
                                   const exchange::Routes& routes);
  std::optional<Difference> compare(diagram::Diagram actual, diagram::Diagram expected,
                                    const net::Prefix& prefix, const Fixed& fixed);
  diagram::Diagram region_of(const net::Prefix& prefix);

  const Task& task_;
  const exchange::Participant& sender_;
  PacketSpace& space_;
  OutboundMeaning meaning_;
  std::vector<net::Prefix> announced_;  // to the sender, in order; as first needed
  bool depended_on_prefix_ = false;
};

}  // namespace fabrix::verify
