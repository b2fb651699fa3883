#include "daemon/session_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/load.h"
#include "routeserver/route_server.h"

namespace fabrix::daemon {
namespace {

using ::testing::ElementsAre;

constexpr const char* kText = R"(version: 1
exchange:
  name: sample
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16, "2001:db8:ffff::/64"]
  virtual_next_hops: [172.0.1.0/24]
  route_server: {addresses: [172.0.255.254], policy: minimal}
participants:
  - {name: A, asn: 100, routers: [{name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1], port: 1}]}
  - name: B
    asn: 200
    routers:
      - name: b1
        mac: "08:00:27:00:00:02"
        addresses: [172.0.0.2, "2001:db8:ffff::2", "2001:db8:ffff::3"]
        port: 2
      - {name: b1_ipv6, mac: "08:00:27:00:00:03", addresses: [172.0.0.3], port: 3}
)";

TEST(SessionNames, AreTheRoutersAndTheFamilyWhereThereAreSeveral) {
  const auto exchange = exchange::load(kText, "exchange.yaml");
  ASSERT_TRUE(exchange) << render(exchange.error(), kText);
  const routeserver::RouteServer server(*exchange);
  const auto names = session_names(*exchange, server.peers());
  ASSERT_EQ(names.size(), 5U);
  EXPECT_THAT(names, ElementsAre("a1", "b1_ipv4", "b1_ipv6", "b1_ipv6_2", "b1_ipv6_4"));
}

}  // namespace
}  // namespace fabrix::daemon
