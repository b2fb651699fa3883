// A Program that has virtual next hops to be asked for, 10.9.0.77 and 2001:db8:9::77, for tests.
#pragma once

#include "net/frame.h"
#include "program/program.h"
#include "tests/io/world.h"

namespace fabrix::controller::tests {

// Both are at 02:00:00:00:00:77.
inline program::Program asking_for_next_hops() {
  program::Program program;
  for (const bool ipv6 : {false, true}) {
    program::Row row;
    row.match.exact(net::Field::kEthType, ipv6 ? net::kEthTypeIpv6 : net::kEthTypeArp);
    if (ipv6) row.match.exact(net::Field::kProtocol, 58).exact(net::Field::kIcmpType, 135);
    row.next = program::ToController{};
    row.origin = {program::Origin::Kind::kAddressLookup, net::ParticipantId{4}, 0};
    program.table(program::TableId::kAdmit).push_back(row);
    program.neighbors.edit().push_back({net::ParticipantId{4},
                                        io::testing::ip(ipv6 ? "2001:db8:9::77" : "10.9.0.77"),
                                        net::MacAddress::from_u64(0x020000000077)});
  }
  program.canonicalize();
  return program;
}

}  // namespace fabrix::controller::tests
