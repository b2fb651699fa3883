#include "telemetry/members.h"

#include <utility>

#include <gtest/gtest.h>

#include "tests/telemetry/members.h"

namespace fabrix::telemetry {
namespace {

TEST(Members, AreFoundByWhatSamplesShow) {
  Exchange exchange = three_members();
  exchange.members[2].routers = {"c1", "c2"};
  const Members members(std::move(exchange));
  EXPECT_EQ(members.of_mac(mac_of(kB)), kB);
  EXPECT_EQ(members.of_mac(kRouteServerMac), std::nullopt);
  EXPECT_EQ(members.of_mac(kStrangerMac), std::nullopt);
  EXPECT_TRUE(members.is_route_server(kRouteServerMac));
  EXPECT_EQ(members.name_of(kC), "C");
  EXPECT_EQ(members.name_of(MemberId{3}), "");
  EXPECT_EQ(members.of_port(2), kB);
  EXPECT_EQ(members.of_port(4), std::nullopt);
  EXPECT_EQ(members.of_router("c2"), kC);
  EXPECT_EQ(members.of_router("c3"), std::nullopt);
  EXPECT_EQ(members.of_address(address_of("192.0.2.3")), kC);
  EXPECT_EQ(members.of_address(address_of("192.0.2.4")), std::nullopt);
  EXPECT_TRUE(members.on_peering_lan(address_of("192.0.2.4")));
  EXPECT_FALSE(members.on_peering_lan(address_of("192.0.3.4")));
}

TEST(Members, AreNamesOfMacAddresses) {
  const NameTable::Lists expected{{"A", {"080000000001"}},
                                  {"B", {"080000000002"}},
                                  {"C", {"080000000003"}},
                                  {"route server", {"C20000000FFE"}}};
  EXPECT_EQ(Members(three_members()).macs(), expected);
}

TEST(Members, WithoutAnExchangeThereAreNone) {
  EXPECT_TRUE(Members().empty());
  EXPECT_TRUE(Members().macs().empty());
}

}  // namespace
}  // namespace fabrix::telemetry
