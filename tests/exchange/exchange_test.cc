#include "exchange/exchange.h"

#include <gtest/gtest.h>

namespace fabrix::exchange {
namespace {

net::IpAddress address(std::string_view text) {
  return net::IpAddress::parse(text).value();
}

Participant participant(std::uint16_t id, std::string name) {
  Participant made;
  made.id = net::ParticipantId{id};
  made.name = std::move(name);
  return made;
}

// A, who peers with everyone; B, who peers with C; C, who peers with A and B. A has one router.
Exchange example() {
  Exchange exchange;
  exchange.peering_lan = {net::Prefix::parse("172.0.0.0/16").value()};
  exchange.participants = {participant(0, "A"), participant(1, "B"), participant(2, "C")};
  exchange.participants[1].peers = {net::ParticipantId{2}};
  exchange.participants[2].peers = {net::ParticipantId{0}, net::ParticipantId{1}};
  Router router;
  router.name = "a1";
  router.addresses = {address("172.0.0.1"), address("2001:db8::1")};
  router.port = net::PortNo{7};
  exchange.participants[0].routers = {router.id};
  exchange.routers = {router};
  return exchange;
}

TEST(ExchangeTest, FindsByNameAddressAndPort) {
  const Exchange exchange = example();
  EXPECT_EQ(exchange.find_participant("B"), &exchange.participants[1]);
  EXPECT_EQ(exchange.find_participant("b"), nullptr);
  EXPECT_EQ(exchange.find_router("a1"), &exchange.routers.front());
  EXPECT_EQ(exchange.find_router("A1"), nullptr);
  EXPECT_EQ(exchange.find_router(address("2001:db8::1")), &exchange.routers.front());
  EXPECT_EQ(exchange.find_router(address("172.0.0.2")), nullptr);
  EXPECT_EQ(exchange.find_router(net::PortNo{7}), &exchange.routers.front());
  EXPECT_EQ(exchange.find_router(net::PortNo{8}), nullptr);
  EXPECT_EQ(exchange.owner(net::RouterId{0}).name, "A");
}

TEST(ExchangeTest, PeeringNeedsBothSides) {
  const Exchange exchange = example();
  const net::ParticipantId a{0};
  const net::ParticipantId b{1};
  const net::ParticipantId c{2};
  EXPECT_TRUE(exchange.may_peer(a, c));
  EXPECT_TRUE(exchange.may_peer(c, a));
  EXPECT_TRUE(exchange.may_peer(b, c));
  EXPECT_FALSE(exchange.may_peer(a, b)) << "B does not name A";
  EXPECT_FALSE(exchange.may_peer(b, a));
  EXPECT_FALSE(exchange.may_peer(a, a));
}

TEST(ExchangeTest, KnowsThePeeringLan) {
  const Exchange exchange = example();
  EXPECT_TRUE(exchange.on_peering_lan(address("172.0.255.254")));
  EXPECT_FALSE(exchange.on_peering_lan(address("172.1.0.1")));
  EXPECT_FALSE(exchange.on_peering_lan(address("2001:db8::1")));
}

}  // namespace
}  // namespace fabrix::exchange
