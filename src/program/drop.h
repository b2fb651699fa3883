// Drops: why a port lets a frame not pass, and how that is counted: by port and reason, by the same
// means as queries (Row::queries), for nobody (participant 0). The counter of a port and reason is
// a number that no query has: its top bit is set.
//
// Port limits: at most kLookupsPerSecond ARP and neighbour discovery frames enter at a port, and of
// these and all others at most kPuntsPerSecond go from there to the controller.
//
// What is refused, and why: AMS-IX allowed traffic 2.2 to 2.6 (ethertypes, link-local and group
// traffic), RFC 826, RFC 4861 and RFC 6105 (address resolution, router discovery), RFC 2131 and
// RFC 8415 (DHCP), RFC 6820 (storms of address resolution).
//
// Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/ids.h"
#include "net/mac_address.h"
#include "program/program.h"

namespace fabrix::program {

// In the order in which people are told.
enum class DropReason : std::uint8_t {
  kSourceMac,           // not the one registered on the port
  kTagged,              // 802.1Q
  kEtherType,           // not IPv4, IPv6 or ARP; 802.3 with LLC
  kLinkControl,         // to 01:80:c2:... or 01:00:0c:...: STP, LACP, LLDP, CDP
  kBroadcast,           // other than ARP
  kMulticast,           // other than neighbour discovery
  kRouterDiscovery,     // router solicitation, router advertisement, redirect
  kDhcp,                // to a group address, or on the LAN
  kArpSpoof,            // not of the assigned pair of MAC and address
  kNdSpoof,             // likewise
  kSourceAddress,       // a peering LAN address that is not the sender's
  kMiddlebox,           // control traffic from a middlebox port
  kUnknownDestination,  // a destination that nobody has
  kSponge,              // for an address that Fabrix answers for because nobody has it
  kStorm,               // address resolution beyond the port's limit
  kPuntLimit,           // questions to Fabrix beyond the port's limit
  kQuarantine,          // the port may speak to the route server only
  kShutdown,            // the port is shut down
  kUnannounced,         // from an address that the sender does not announce
  kUnannouncedPassed,   // likewise; counted, and let in all the same
};
inline constexpr std::size_t kDropReasonCount = 20;

// "source-mac": for metrics and JSON.
std::string_view name_of(DropReason reason);
// "source MAC is not the registered one": for people.
std::string_view describe(DropReason reason);

struct PortDrop {
  net::PortNo port;
  DropReason reason = DropReason::kSourceMac;

  friend auto operator<=>(const PortDrop&, const PortDrop&) = default;
};

// What Row::queries and Meter::counter say.
std::uint64_t drop_counter(const PortDrop& drop);
// None: a query.
std::optional<PortDrop> drop_of(std::uint64_t counter);

// Discards what `match` says, which tests the port, and counts it.
Row drop_row(std::uint16_t priority, Match match, const PortDrop& drop);

// Has the row, which may let packets pass, count them for that instead of for anybody.
void count_as(const PortDrop& drop, Row& row);
// What Fabrix answers for an address that nobody has: nothing for it goes anywhere.
net::MacAddress sponge_mac();

inline constexpr std::uint64_t kLookupsPerSecond = 100;
inline constexpr std::uint64_t kPuntsPerSecond = 500;
// Of that router's port. They count what they discard.
Meter lookup_meter(net::RouterId router, net::PortNo port);
Meter punt_meter(net::RouterId router, net::PortNo port);

}  // namespace fabrix::program
