#include "lab/mrt_peers.h"

#include <gtest/gtest.h>

#include "exchange/load.h"

namespace fabrix::lab {
namespace {

constexpr const char* kExchange = R"(version: 1
exchange:
  name: sample
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16, "2001:db8:ff::/64"]
  virtual_next_hops: [172.0.1.0/24]
  route_server: {addresses: [172.0.255.254, "2001:db8:ff::fffe"], policy: minimal}
participants:
  - {name: A, asn: 100, routers: [{name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1], port: 1}]}
  - name: B
    asn: 200
    routers:
      - {name: b1, mac: "08:00:27:00:00:02", addresses: [172.0.0.2], port: 2}
      - {name: b2, mac: "08:00:27:00:00:03", addresses: [172.0.0.3, "2001:db8:ff::3"], port: 3}
)";

net::IpAddress address(const char* text) {
  return *net::IpAddress::parse(text);
}

class MrtPeersTest : public testing::Test {
 protected:
  // The name of the router that a peer of a file is.
  std::string router_of(const char* at, std::uint32_t asn) {
    const auto match = peers_.find(address(at), net::Asn{asn});
    return match ? exchange_.router(match->router).name : "none";
  }

  exchange::Exchange exchange_ = *exchange::load(kExchange, "exchange.yaml");
  routeserver::RouteServer server_{exchange_};
  MrtPeers peers_{exchange_, server_};
};

TEST_F(MrtPeersTest, ASessionIsKnownByAddressAndAsNumber) {
  const auto match = peers_.find(address("172.0.0.3"), net::Asn{200});
  ASSERT_TRUE(match);
  EXPECT_TRUE(match->by_address);
  EXPECT_EQ(match->session, server_.find_peer(address("172.0.0.3")));
  // Where the record has no room for the number (RFC 6793).
  EXPECT_EQ(router_of("172.0.0.1", 23456), "a1");
  EXPECT_EQ(peers_.by_address(), 2U);
  EXPECT_EQ(peers_.next_hop(*match, address("192.0.2.1")), address("192.0.2.1"));
}

TEST_F(MrtPeersTest, AnAddressOfAnotherMemberIsNobody) {
  EXPECT_EQ(router_of("172.0.0.1", 65001), "none");
  EXPECT_EQ(peers_.unknown(), 1U);
}

TEST_F(MrtPeersTest, OthersAreTheRoutersOfTheirAsNumberInTurn) {
  EXPECT_EQ(router_of("192.0.2.9", 200), "b1");
  EXPECT_EQ(router_of("192.0.2.8", 200), "b2");
  EXPECT_EQ(router_of("192.0.2.7", 200), "none") << "B has two";
  EXPECT_EQ(router_of("192.0.2.9", 200), "b1") << "as before";
  EXPECT_EQ(router_of("2001:db8::9", 200), "b2") << "the only one with such an address";
  EXPECT_EQ(router_of("2001:db8::9", 100), "none");
  EXPECT_EQ(peers_.by_asn(), 3U);
  EXPECT_EQ(peers_.unknown(), 2U);
  EXPECT_EQ(peers_.unknown_names(),
            (std::vector<std::string>{"192.0.2.7 (AS 200)", "2001:db8::9 (AS 100)"}));
}

TEST_F(MrtPeersTest, WhoIsKnownByAsNumberHasTheNextHopOfTheRouter) {
  const auto match = peers_.find(address("192.0.2.9"), net::Asn{100});
  ASSERT_TRUE(match);
  EXPECT_FALSE(match->by_address);
  EXPECT_EQ(peers_.next_hop(*match, address("192.0.2.9")), address("172.0.0.1"));
  EXPECT_EQ(peers_.next_hop(*match, address("2001:db8::9")), std::nullopt);
}

TEST_F(MrtPeersTest, FewStrangersAreNamed) {
  for (std::uint32_t asn = 1; asn <= 20; ++asn) EXPECT_EQ(router_of("192.0.2.1", asn), "none");
  EXPECT_EQ(peers_.unknown(), 20U);
  EXPECT_EQ(peers_.unknown_names().size(), MrtPeers::kNamed);
}

}  // namespace
}  // namespace fabrix::lab
