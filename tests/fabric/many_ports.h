// An exchange of many ports, some of them in quarantine or shut down, and what its ports let in:
// the tables that say so, for tests.
#pragma once

#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "compiler/delivery.h"
#include "exchange/exchange.h"
#include "program/program.h"
#include "tests/compiler/admitted.h"

namespace fabrix::fabric {

inline net::IpAddress ip4_of(std::uint32_t number) {
  return *net::IpAddress::parse(fmt::format("10.0.{}.{}", number / 200, number % 200 + 1));
}
inline net::IpAddress ip6_of(std::uint32_t number) {
  return *net::IpAddress::parse(fmt::format("2001:db8::{:x}", number + 1));
}

// Ports 1 to `count`, each of a participant; the route server's comes after.
inline exchange::Exchange many_ports(std::uint32_t count) {
  constexpr std::uint64_t kFirstMac = 0x080027000000;
  constexpr std::uint32_t kOneIn = 50;
  exchange::Exchange made;
  made.name = "many";
  made.peering_lan = {*net::Prefix::parse("10.0.0.0/19"), *net::Prefix::parse("2001:db8::/64")};
  made.virtual_next_hops = {*net::Prefix::parse("10.0.30.0/24"),
                            *net::Prefix::parse("2001:db8::ffff:0:0:0/80")};
  made.route_server.mac = net::MacAddress::from_u64(kFirstMac + count + 1);
  made.route_server.addresses = {ip4_of(count), ip6_of(count)};
  made.route_server.port = net::PortNo{count + 1};
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto number = static_cast<std::uint16_t>(i);
    exchange::Participant participant;
    participant.id = net::ParticipantId{number};
    participant.name = fmt::format("P{}", i);
    participant.routers = {net::RouterId{number}};
    made.participants.push_back(participant);
    exchange::Router router;
    router.id = net::RouterId{number};
    router.participant = participant.id;
    router.name = participant.name;
    router.mac = net::MacAddress::from_u64(kFirstMac + i + 1);
    router.addresses = {ip4_of(i), ip6_of(i)};
    router.port = net::PortNo{i + 1};
    if (i % kOneIn == 1) router.standing = exchange::Standing::kQuarantined;
    if (i % kOneIn == 2) router.standing = exchange::Standing::kShutDown;
    made.routers.push_back(router);
  }
  return made;
}

// Without policies: what enters goes where its destination MAC says.
inline program::Program ports_program(const exchange::Exchange& exchange) {
  using program::TableId;
  const std::size_t participants = exchange.participants.size();
  program::Program program;
  program.table(TableId::kAdmit) = compiler::all_admit_rows(exchange);
  program.table(TableId::kResolve) =
      compiler::resolve_rows(exchange, std::vector<bool>(participants));
  std::vector<bool> up;
  for (const auto& each : exchange.routers) {
    up.push_back(each.standing == exchange::Standing::kOpen);
  }
  program::Row goes_on;
  goes_on.next = program::Goto{TableId::kTransit};
  program.table(TableId::kInbound) = {goes_on};
  program.table(TableId::kTransit) = compiler::transit_rows(exchange, up);
  program.canonicalize();
  return program;
}

}  // namespace fabrix::fabric
