// The scenarios of the semantics page, by hand, on the walkthrough.
#include "verify/reference.h"

#include <gtest/gtest.h>

#include "tests/verify/walkthrough.h"

namespace fabrix::verify {
namespace {

constexpr const char* kWeb = "tcp 100.0.0.1:40000 -> 140.0.0.1:80";

class ReferenceTest : public testing::Test {
 protected:
  Delivery send(net::RouterId from, const char* text) {
    return deliver(walkthrough_.world(), from, walkthrough_.packet(from, text));
  }
  Delivery send_to(net::RouterId from, net::MacAddress mac, net::Packet packet) {
    packet.dst_mac = mac;
    return deliver_to_mac(walkthrough_.world(), from, packet);
  }
  net::MacAddress mac_of(net::RouterId router) const {
    return walkthrough_.exchange.router(router).mac;
  }
  void set_policy(net::ParticipantId id, policy::Policy policy) {
    walkthrough_.policies[id.index()] = std::make_shared<const policy::Policy>(std::move(policy));
  }

  Walkthrough walkthrough_;
};

TEST_F(ReferenceTest, WithoutPolicyTheBestRouteReceives) {
  const Delivery delivery = send(Walkthrough::kD1, "tcp 1.2.3.4:5 -> 140.0.0.1:9999");
  EXPECT_EQ(delivery.reason, Reason::kDelivered);
  EXPECT_EQ(delivery.router, Walkthrough::kC1);
  EXPECT_EQ(delivery.packet.dst_mac, mac_of(Walkthrough::kC1));
  EXPECT_EQ(delivery.packet.src_mac, mac_of(Walkthrough::kD1));
  EXPECT_EQ(delivery.prefix, net::Prefix::parse("140.0.0.0/24").value());
  EXPECT_FALSE(delivery.outbound_clause);
}

TEST_F(ReferenceTest, AClauseChoosesAmongTheValidRoutes) {
  const Delivery delivery = send(Walkthrough::kA1, kWeb);
  EXPECT_EQ(delivery.router, Walkthrough::kB1);
  EXPECT_EQ(delivery.outbound_clause, 0U);
  EXPECT_EQ(send(Walkthrough::kA1, "tcp 1.2.3.4:5 -> 140.0.0.1:81").router, Walkthrough::kC1);
}

TEST_F(ReferenceTest, AnUnreachableTargetLeavesItToBestAndItsInboundPolicy) {
  // 160.0.0.0/24 has no route of B.
  const Delivery delivery = send(Walkthrough::kA1, "tcp 100.0.0.1:40000 -> 160.0.0.1:80");
  EXPECT_FALSE(delivery.outbound_clause);
  EXPECT_EQ(delivery.target, Walkthrough::kC);
  EXPECT_EQ(delivery.inbound_clause, 1U);
  EXPECT_EQ(delivery.router, Walkthrough::kC2);
}

TEST_F(ReferenceTest, AWithdrawalAndItsReturnTakeEffectAtOnce) {
  const auto prefix = net::Prefix::parse("140.0.0.0/24").value();
  walkthrough_.reachability.withdraw(prefix, Walkthrough::kB1);
  EXPECT_EQ(send(Walkthrough::kA1, kWeb).router, Walkthrough::kC2);  // c2 takes port 80
  walkthrough_.announce("140.0.0.0/24", Walkthrough::kB1, 1);
  EXPECT_EQ(send(Walkthrough::kA1, kWeb).router, Walkthrough::kB1);
}

TEST_F(ReferenceTest, ALessSpecificRouteDoesNotMakeATargetReachable) {
  walkthrough_.announce("160.0.0.0/8", Walkthrough::kB1, 0);
  EXPECT_NE(send(Walkthrough::kA1, "tcp 100.0.0.1:40000 -> 160.0.0.1:80").target, Walkthrough::kB);
  EXPECT_EQ(send(Walkthrough::kA1, "tcp 100.0.0.1:40000 -> 160.1.0.1:80").router, Walkthrough::kB1);
}

TEST_F(ReferenceTest, InboundClausesChooseThePort) {
  EXPECT_EQ(send(Walkthrough::kD1, "tcp 1.2.3.4:5 -> 140.0.0.1:80").router, Walkthrough::kC2);
  EXPECT_EQ(send(Walkthrough::kD1, "tcp 1.2.3.4:5 -> 140.0.0.1:443").router, Walkthrough::kC1);
  const Delivery dropped = send(Walkthrough::kB1, "tcp 1.2.3.4:5 -> 140.0.0.1:8080");
  EXPECT_EQ(dropped.reason, Reason::kInboundDrop);
  EXPECT_FALSE(dropped.router);
}

TEST_F(ReferenceTest, AnInboundDropOfOneSenderSparesTheOthers) {
  const char* ssh = "tcp 1.2.3.4:5 -> 140.0.0.1:22";
  EXPECT_EQ(send(Walkthrough::kD1, ssh).reason, Reason::kInboundDrop);
  EXPECT_EQ(send(Walkthrough::kA1, ssh).router, Walkthrough::kC1);
}

TEST_F(ReferenceTest, ARewrittenDestinationIsRoutedAsTheNewOne) {
  policy::Policy policy;
  policy.outbound.clauses.push_back({.when = is_ip(),
                                     .writes = {{net::Field::kDstIp4, 0x96000001}},
                                     .verdict = policy::UseDefault{},
                                     .at = {}});
  set_policy(Walkthrough::kA, policy);
  const Delivery delivery = send(Walkthrough::kA1, kWeb);
  EXPECT_EQ(delivery.router, Walkthrough::kB1);
  EXPECT_EQ(delivery.packet.dst_ip.to_string(), "150.0.0.1");
}

TEST_F(ReferenceTest, ForwardingToAMemberWithoutTheNewDestinationDoesNotApply) {
  policy::Policy policy;
  policy.outbound.clauses.push_back({.when = is_ip(),
                                     .writes = {{net::Field::kDstIp4, 0x96000001}},
                                     .verdict = policy::Forward{{Walkthrough::kD, {}}},
                                     .at = {}});
  set_policy(Walkthrough::kA, policy);
  const Delivery delivery = send(Walkthrough::kA1, kWeb);
  EXPECT_FALSE(delivery.outbound_clause);
  EXPECT_EQ(delivery.packet.dst_ip.to_string(), "140.0.0.1");
}

TEST_F(ReferenceTest, APortThatIsDownIsReplacedByTheNext) {
  walkthrough_.port_up[Walkthrough::kC1.index()] = false;
  EXPECT_EQ(send(Walkthrough::kD1, "tcp 1.2.3.4:5 -> 140.0.0.1:443").router, Walkthrough::kC2);
  walkthrough_.port_up[Walkthrough::kC2.index()] = false;
  EXPECT_EQ(send(Walkthrough::kD1, "tcp 1.2.3.4:5 -> 140.0.0.1:443").reason, Reason::kNoPortUp);
}

TEST_F(ReferenceTest, SpoofedForeignAndUnroutedPacketsStop) {
  net::Packet packet = walkthrough_.packet(Walkthrough::kA1, kWeb);
  packet.src_mac = mac_of(Walkthrough::kB1);
  EXPECT_EQ(deliver(walkthrough_.world(), Walkthrough::kA1, packet).reason, Reason::kSpoofedSource);
  packet = walkthrough_.packet(Walkthrough::kA1, kWeb);
  packet.vlan_id = 3;
  EXPECT_EQ(deliver(walkthrough_.world(), Walkthrough::kA1, packet).reason, Reason::kBadEtherType);
  EXPECT_EQ(send(Walkthrough::kA1, "tcp 1.2.3.4:5 -> 9.9.9.9:80").reason, Reason::kNoRoute);
}

TEST_F(ReferenceTest, BilateralTrafficMeetsTheReceiversPolicyOnly) {
  const net::Packet packet = walkthrough_.packet(Walkthrough::kA1, kWeb);
  EXPECT_EQ(send_to(Walkthrough::kA1, mac_of(Walkthrough::kC1), packet).router, Walkthrough::kC2);
  EXPECT_EQ(send_to(Walkthrough::kA1, mac_of(Walkthrough::kD1), packet).router, Walkthrough::kD1);
  const auto tag = program::encode({});
  EXPECT_EQ(send_to(Walkthrough::kA1, tag, packet).reason, Reason::kUnknownDestination);
  EXPECT_EQ(send_to(Walkthrough::kA1, mac_of(Walkthrough::kA1), packet).reason, Reason::kHairpin);
  EXPECT_EQ(send_to(Walkthrough::kA1, net::MacAddress::broadcast(), packet).reason,
            Reason::kBadEtherType);
}

TEST_F(ReferenceTest, BgpPassesThePolicies) {
  const net::Packet packet =
      walkthrough_.packet(Walkthrough::kA1, "tcp 172.0.0.1:179 -> 172.0.0.3:443");
  const Delivery delivery = send_to(Walkthrough::kA1, mac_of(Walkthrough::kC1), packet);
  EXPECT_EQ(delivery.router, Walkthrough::kC1);
  EXPECT_FALSE(delivery.inbound_clause);
  EXPECT_TRUE(send(Walkthrough::kA1, "tcp 172.0.0.1:4000 -> 172.0.0.254:179").to_route_server);
}

TEST_F(ReferenceTest, ArpReachesTheOwnerOfTheAddressOrFabrix) {
  net::Packet arp = walkthrough_.packet(Walkthrough::kA1, kWeb);
  arp.eth_type = net::kEthTypeArp;
  arp.protocol = 1;
  arp.arp_sender_mac = arp.src_mac;
  arp.src_ip = net::IpAddress::parse("172.0.0.1").value();
  const auto ask = [&](const char* target) {
    arp.dst_ip = net::IpAddress::parse(target).value();
    return send_to(Walkthrough::kA1, net::MacAddress::broadcast(), arp);
  };
  EXPECT_EQ(ask("172.0.0.2").router, Walkthrough::kB1);
  EXPECT_TRUE(ask("172.0.0.254").to_route_server);
  EXPECT_EQ(ask("172.0.128.9").reason, Reason::kAnsweredByFabrix);
  EXPECT_EQ(ask("172.0.0.99").reason, Reason::kUnknownDestination);
  arp.src_ip = net::IpAddress::parse("172.0.0.2").value();
  EXPECT_EQ(ask("172.0.0.2").reason, Reason::kSpoofedSource);
}

TEST_F(ReferenceTest, EveryReasonHasWords) {
  for (int i = 0; i <= static_cast<int>(Reason::kAnsweredByFabrix); ++i) {
    EXPECT_NE(describe(static_cast<Reason>(i)), "unknown");
  }
}

}  // namespace
}  // namespace fabrix::verify
