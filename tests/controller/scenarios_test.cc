// The scenarios of the design's page on semantics, by their numbers, on the simulated fabric.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "program/tag.h"
#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kNet = "140.0.0.0/24";

TEST(Scenario01Test, WithoutPoliciesTheBestReceivesAndALongerPathMovesTheTraffic) {
  World world;
  world.announce("b1", kNet, World::path({200, 7}));
  world.announce("c1", kNet, World::path({300, 7, 8}));
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1");
  EXPECT_EQ(world.as_path("a1", kNet), "200 7");
  EXPECT_EQ(world.next_hop("a1", "140.0.0.1"), "172.0.0.11") << "the real next hop";

  world.announce("b1", kNet, World::path({200, 6, 7, 8}));
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
  EXPECT_EQ(world.as_path("a1", kNet), "300 7 8");
}

TEST(Scenario02Test, WithdrawalsAndAnnouncementsOfOneUpdateBothTakeEffect) {
  World world;
  world.announce("b1", kNet);
  world.replace("b1", kNet, "150.0.0.0/24");
  EXPECT_EQ(world.send("a1", tcp_to(80)), "nowhere");
  EXPECT_EQ(world.send("a1", tcp_to(80, "150.0.0.1")), "b1");
}

TEST(Scenario03Test, ALostSessionTakesOnlyItsOwnRoutes) {
  World world;
  world.announce("b1", kNet);
  world.announce("c1", kNet, World::path({300, 9}));
  world.announce("c1", "150.0.0.0/24");
  world.take_down("b1");
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
  EXPECT_EQ(world.send("a1", tcp_to(80, "150.0.0.1")), "c1");
  world.bring_up("b1");
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1") << "nothing is announced until it is";
}

TEST(Scenario04Test, APathHiddenFromAHidesNoOtherAndIsNoTarget) {
  World world;
  bgp::PathAttributes hidden = World::path({200});
  hidden.communities = {bgp::community(0, 100)};
  world.announce("b1", kNet, hidden);
  world.announce("c1", kNet, World::path({300, 9}));
  world.set_policy("A", "outbound = match(dstport=80) >> fwd(B)");
  EXPECT_EQ(world.as_path("a1", kNet), "300 9");
  EXPECT_EQ(world.as_path("d1", kNet), "200");
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
  EXPECT_EQ(world.send("d1", tcp_to(80)), "b1");
}

TEST(Scenario05Test, AClauseAppliesWhereItsTargetHasARouteAndInboundPolicyToTheRest) {
  World world;
  world.set_policy("A", "outbound = match(dstport=80) >> fwd(B)");
  world.set_policy("C", "inbound = match(dstport=80) >> fwd(C2)");
  world.announce("b1", kNet, World::path({200, 9}));
  world.announce("c1", kNet);
  world.announce("c1", "150.0.0.0/24");
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1");
  EXPECT_EQ(world.send("a1", tcp_to(81)), "c1");
  EXPECT_EQ(world.send("a1", tcp_to(80, "150.0.0.1")), "c2") << "best is C, whose policy applies";
  EXPECT_EQ(world.send("a1", tcp_to(81, "150.0.0.1")), "c1");
}

TEST(Scenario06Test, AWithdrawnTargetComesBackWithoutFlushingAnyCache) {
  World world;
  world.set_policy("A", "outbound = match(dstport=80) >> fwd(B)");
  world.announce("b1", kNet);
  world.announce("c1", kNet, World::path({300, 9}));
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1");
  const std::string before = world.next_hop("a1", "140.0.0.1");
  world.withdraw("b1", kNet);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
  world.announce("b1", kNet);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1");
  EXPECT_EQ(world.next_hop("a1", "140.0.0.1"), before);
}

TEST(Scenario07Test, AClauseAppliesAtOnceWhenItsTargetAnnouncesEvenIfNotBest) {
  World world;
  world.set_policy("A", "outbound = match(dstport=4321) >> fwd(C)");
  world.announce("b1", kNet);
  EXPECT_EQ(world.send("a1", tcp_to(4321)), "b1");
  world.announce("c1", kNet, World::path({300, 8, 9}));
  EXPECT_EQ(world.as_path("a1", kNet), "200") << "B stays best";
  EXPECT_EQ(world.send("a1", tcp_to(4321)), "c1");
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1");
}

TEST(Scenario08Test, ListOrderDecidesAndAnUnreachableTargetYields) {
  World world;
  EXPECT_EQ(world.set_policy("A",
                             "outbound = match(dstport=80) >> fwd(B)\n"
                             "        // match(dstport=80/443) >> fwd(C)"),
            "");
  world.announce("d1", kNet);
  world.announce("b1", kNet, World::path({200, 9}));
  world.announce("c1", kNet, World::path({300, 9}));
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1");
  EXPECT_EQ(world.send("a1", tcp_to(443)), "c1");
  world.withdraw("b1", kNet);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
  world.withdraw("c1", kNet);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "d1");
}

TEST(Scenario09Test, AClauseWithADestinationThatItsTargetDoesNotAnnounceDoesNotApply) {
  World world;
  world.announce("b1", kNet);
  world.announce("c1", "150.0.0.0/24");
  world.set_policy("A", "outbound = match(dstip=140.0.0.0/24) >> fwd(C)");
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1");
  world.announce("c1", kNet, World::path({300, 9}));
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
}

TEST(Scenario10Test, OtherProtocolsRangesSetsAndNegationsWorkAsTcpDoes) {
  World world;
  world.announce("b1", kNet);
  world.announce("c1", kNet, World::path({300, 9}));
  world.announce("b1", "2001:db8:1::/48");
  world.announce("c1", "2001:db8:1::/48", World::path({300, 9}));
  EXPECT_EQ(world.set_policy("A",
                             "outbound = match(dstport=1000-1999) >> fwd(C)\n"
                             "        // match(protocol=icmp) >> fwd(C)\n"
                             "        // (match(dstport=53/443) - match(protocol=tcp)) >> fwd(C)"),
            "");
  EXPECT_EQ(world.send("a1", "udp 100.0.0.1:1 -> 140.0.0.1:1500"), "c1");
  EXPECT_EQ(world.send("a1", "tcp [2001:db8:2::1]:1 -> [2001:db8:1::1]:1999"), "c1");
  EXPECT_EQ(world.send("a1", "tcp [2001:db8:2::1]:1 -> [2001:db8:1::1]:2000"), "b1");
  EXPECT_EQ(world.send("a1", "icmp 100.0.0.1 -> 140.0.0.1"), "c1");
  EXPECT_EQ(world.send("a1", "udp 100.0.0.1:1 -> 140.0.0.1:53"), "c1");
  EXPECT_EQ(world.send("a1", "tcp 100.0.0.1:1 -> 140.0.0.1:53"), "b1");
}

TEST(Scenario11Test, InboundPolicyChoosesThePortWhateverTheSendersDo) {
  World world;
  world.set_policy("C",
                   "inbound = match(dstport=4321) >> fwd(C1) + match(dstport=4322) >> fwd(C2)");
  world.announce("c2", kNet);
  world.announce("b1", kNet, World::path({200, 9}));
  world.set_policy("A", "outbound = match(dstport=4321/4322) >> fwd(C)");
  for (const char* sender : {"a1", "d1"}) {
    EXPECT_EQ(world.send(sender, tcp_to(4321)), "c1");
    EXPECT_EQ(world.send(sender, tcp_to(4322)), "c2");
    EXPECT_EQ(world.send(sender, tcp_to(80)), "c2") << "the router that announced the route";
  }
}

TEST(Scenario12Test, AnInboundDropMeetsOneSenderAndItsRemovalRestoresTheTraffic) {
  World world;
  world.announce("c1", kNet);
  EXPECT_EQ(world.set_policy("C", "inbound = from(A) >> drop"), "");
  EXPECT_EQ(world.send("a1", tcp_to(80)), "nowhere");
  EXPECT_EQ(world.send("b1", tcp_to(80)), "c1");
  world.remove_policy("C");
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
}

// The four, with a middlebox port of A's and one of C's.
exchange::Exchange with_middleboxes() {
  exchange::Exchange made = four_members();
  std::uint32_t port = 10;
  for (const std::string_view name : {"A", "C"}) {
    exchange::Router box;
    box.id = net::RouterId{static_cast<std::uint16_t>(made.routers.size())};
    box.participant = made.find_participant(name)->id;
    box.name = name == "A" ? "a-fw" : "c-fw";
    box.port = net::PortNo{port++};
    box.middlebox = true;
    made.participants[box.participant.index()].routers.push_back(box.id);
    made.routers.push_back(std::move(box));
  }
  return made;
}

// What the middlebox makes of a packet that `router` sends: it gives it back.
std::string given_back(World& world, std::string_view box, std::string_view router,
                       const std::string& text) {
  net::Packet packet = world.frame_of(router, text).value();
  packet.src_mac = world.find(router).mac;
  return world.send_frame(box, packet);
}

TEST(Scenario13Test, WhatComesBackFromTheSendersMiddleboxIsNotCapturedAgain) {
  World world(with_middleboxes());
  world.announce("b1", kNet);
  world.announce("c1", kNet, World::path({300, 9}));
  EXPECT_EQ(world.set_policy("A", "outbound = match(dstport=80) >> via(port[2]) >> fwd(C)"), "");
  for (const char* sender : {"a1", "a2"}) {
    EXPECT_EQ(world.send(sender, tcp_to(80)), "a-fw");
    EXPECT_EQ(given_back(world, "a-fw", sender, tcp_to(80)), "c1");
    EXPECT_EQ(world.send(sender, tcp_to(443)), "b1");
    EXPECT_EQ(given_back(world, "a-fw", sender, tcp_to(443)), "b1");
  }
  net::Packet foreign = world.frame_of("a1", tcp_to(80)).value();
  foreign.src_mac = world.find("b1").mac;
  EXPECT_EQ(world.send_frame("a-fw", foreign), "nowhere");
  const Trace traced =
      trace(world.controller(), world.find("a-fw").id, net::parse_packet(tcp_to(80)).value());
  EXPECT_TRUE(traced.agrees);
  EXPECT_EQ(traced.verdict, "delivered to c1");
  world.withdraw("c1", kNet);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1") << "the clause does not apply";
}

TEST(Scenario13Test, WhatComesBackFromTheReceiversMiddleboxReachesTheRouter) {
  World world(with_middleboxes());
  world.announce("c2", kNet);
  EXPECT_EQ(world.set_policy("C", "inbound = via(port[2]) + (match(dstport=25) >> fwd(C1))"), "");
  for (const auto& [port, router] : {std::pair{25U, "c1"}, std::pair{80U, "c2"}}) {
    net::Packet packet = world.frame_of("a1", tcp_to(port)).value();
    packet.in_port = world.find("a1").port;
    packet.src_mac = world.find("a1").mac;
    EXPECT_EQ(world.send("a1", tcp_to(port)), "c-fw");
    const auto outcome = world.fabric().send(packet);
    EXPECT_EQ(outcome.packet.dst_mac, world.find(router).mac);
    EXPECT_EQ(world.send_frame("c-fw", outcome.packet), router);
  }
}

TEST(Scenario13Test, WhileTheMiddleboxIsDownTrafficGoesOnWithoutIt) {
  World world(with_middleboxes());
  world.announce("b1", kNet);
  world.announce("c1", kNet, World::path({300, 9}));
  EXPECT_EQ(world.set_policy("A", "outbound = match(dstport=80) >> via(port[2]) >> fwd(C)"), "");
  EXPECT_EQ(world.set_policy("C", "inbound = via(port[2])"), "");
  EXPECT_EQ(given_back(world, "a-fw", "a1", tcp_to(80)), "c-fw");
  world.set_port("a-fw", false);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c-fw");
  world.set_port("c-fw", false);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
  world.set_port("a-fw", true);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "a-fw");
  world.set_port("c1", false);
  world.set_port("c2", false);
  world.set_port("c-fw", true);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1") << "a middlebox port stands for no router";
}

// Each with one more.
exchange::Exchange with_chains() {
  exchange::Exchange made = with_middleboxes();
  for (const std::string_view name : {"A", "C"}) {
    exchange::Router box = *made.find_router(name == "A" ? "a-fw" : "c-fw");
    box.id = net::RouterId{static_cast<std::uint16_t>(made.routers.size())};
    box.name = name == "A" ? "a-ids" : "c-ids";
    box.port = net::PortNo{box.port.value + 10};
    made.participants[box.participant.index()].routers.push_back(box.id);
    made.routers.push_back(std::move(box));
  }
  return made;
}

TEST(Scenario13Test, WhatComesBackGoesToTheNextOfTheSendersChain) {
  World world(with_chains());
  world.announce("b1", kNet);
  world.announce("c1", kNet, World::path({300, 9}));
  EXPECT_EQ(world.set_policy("A",
                             "chain web = port[2] >> port[3]\n"
                             "outbound = (match(dstport=80) >> via(web) >> fwd(C))"
                             " + (match(dstport=25) >> via(port[3]))"),
            "");
  EXPECT_EQ(world.send("a1", tcp_to(80)), "a-fw");
  EXPECT_EQ(given_back(world, "a-fw", "a1", tcp_to(80)), "a-ids");
  EXPECT_EQ(given_back(world, "a-ids", "a1", tcp_to(80)), "c1");
  EXPECT_EQ(world.send("a1", tcp_to(25)), "a-ids");
  EXPECT_EQ(given_back(world, "a-ids", "a1", tcp_to(25)), "b1");
  EXPECT_EQ(given_back(world, "a-fw", "a1", tcp_to(25)), "b1") << "of another chain";
  const Trace traced =
      trace(world.controller(), world.find("a-fw").id, net::parse_packet(tcp_to(80)).value());
  EXPECT_TRUE(traced.agrees);
  world.set_port("a-ids", false);
  EXPECT_EQ(given_back(world, "a-fw", "a1", tcp_to(80)), "c1");
  world.set_port("a-ids", true);
  world.set_port("a-fw", false);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "a-ids");
  world.withdraw("c1", kNet);
  EXPECT_EQ(given_back(world, "a-ids", "a1", tcp_to(80)), "b1") << "the clause does not apply";
}

TEST(Scenario13Test, WhatComesBackGoesToTheNextOfTheReceiversChain) {
  World world(with_chains());
  world.announce("c2", kNet);
  EXPECT_EQ(
      world.set_policy("C", "inbound = via(port[2], port[3]) + (match(dstport=25) >> fwd(C1))"),
      "");
  for (const auto& [port, router] : {std::pair{25U, "c1"}, std::pair{80U, "c2"}}) {
    net::Packet packet = world.frame_of("a1", tcp_to(port)).value();
    packet.in_port = world.find("a1").port;
    packet.src_mac = world.find("a1").mac;
    const auto outcome = world.fabric().send(packet);
    EXPECT_EQ(outcome.output, world.find("c-fw").port);
    EXPECT_EQ(outcome.packet.dst_mac, world.find(router).mac);
    EXPECT_EQ(world.send_frame("c-fw", outcome.packet), "c-ids");
    EXPECT_EQ(world.send_frame("c-ids", outcome.packet), router);
    world.set_port("c-ids", false);
    EXPECT_EQ(world.send_frame("c-fw", outcome.packet), router);
    world.set_port("c-ids", true);
  }
  EXPECT_EQ(world.set_policy("C", "inbound = via(port[2])"), "");
  net::Packet packet = net::parse_packet(tcp_to(80)).value();
  packet.dst_mac = world.find("c1").mac;
  packet.src_mac = world.find("a1").mac;
  EXPECT_EQ(world.send_frame("c-fw", packet), "c1") << "the chain is no more";
}

TEST(Scenario13Test, AMiddleboxPortSpeaksForNobody) {
  World world(with_middleboxes());
  const exchange::Router& router = world.find("a1");
  net::Packet question = net::parse_frame(net::build_arp_request(router.mac, router.addresses[0],
                                                                 World::address("172.0.0.11")))
                             .value();
  EXPECT_EQ(world.send_frame("a1", question), "b1");
  EXPECT_EQ(world.send_frame("a-fw", question), "nowhere");
}

TEST(Scenario14Test, SpoofedSourcesAreDroppedAndBilateralTrafficIsLeftAlone) {
  World world;
  world.announce("b1", kNet);
  world.announce("c1", kNet, World::path({300, 9}));
  world.set_policy("A", "outbound = match(dstport=80) >> fwd(C)");
  net::Packet packet = net::parse_packet(tcp_to(80)).value();
  packet.dst_mac = world.find("d1").mac;
  EXPECT_EQ(world.send_frame("a1", packet), "d1") << "a real MAC, no tag";
  packet.src_mac = world.find("b1").mac;
  EXPECT_EQ(world.send_frame("a1", packet), "nowhere");
}

// A tag of A's means nothing when another sends it.
TEST(Scenario14Test, ATagOfAnotherSenderMeansNothing) {
  World world;
  world.announce("c1", kNet);
  world.announce("d1", kNet, World::path({400, 9}));
  world.set_policy("A", "outbound = match(dstport=80) >> fwd(D)");
  const auto tag = world.ask(world.find("a1"), World::address(world.next_hop("a1", "140.0.0.1")));
  ASSERT_TRUE(tag);
  net::Packet packet = net::parse_packet(tcp_to(80)).value();
  packet.dst_mac = *tag;
  EXPECT_EQ(world.send_frame("a1", packet), "d1");
  EXPECT_NE(world.send_frame("b1", packet), "d1");
}

// An exchange of one sender A with `targets` members M1, M2, ...
exchange::Exchange wide_exchange(unsigned targets) {
  std::string text = R"(version: 1
exchange:
  name: wide
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16]
  virtual_next_hops: [172.0.64.0/18]
  route_server: {addresses: [172.0.255.254], policy: minimal}
participants:
  - name: A
    asn: 100
    routers: [{name: a1, mac: "08:00:27:00:ff:01", addresses: [172.0.2.1], port: 500}]
)";
  for (unsigned i = 1; i <= targets; ++i) {
    text += fmt::format(
        "  - {{name: M{0}, asn: {1}, routers: [{{name: m{0}, mac: \"08:00:27:00:01:{0:02x}\", "
        "addresses: [172.0.0.{0}], port: {0}}}]}}\n",
        i, 1000 + i);
  }
  return exchange::load(text, "wide.yaml").value();
}

// A's policy: port 7000 + i to Mi.
std::string one_port_each(unsigned targets) {
  std::string policy = "outbound = ";
  for (unsigned i = 1; i <= targets; ++i) {
    policy += fmt::format("{}match(dstport={}) >> fwd(M{})", i == 1 ? "" : " + ", 7000 + i, i);
  }
  return policy;
}

class ManyTargetsTest : public testing::TestWithParam<unsigned> {};

TEST_P(ManyTargetsTest, Scenario15TagsAreLocalUnicastMacsAnd16EachTargetGetsItsOwnTraffic) {
  const unsigned targets = GetParam();
  World world(wide_exchange(targets));
  world.set_policy("A", one_port_each(targets));
  world.hold();
  for (unsigned i = 1; i <= targets; ++i) {
    // Each announces a prefix of its own, which the first announces too.
    world.announce(fmt::format("m{}", i), fmt::format("140.0.{}.0/24", i));
    if (i > 1) world.announce("m1", fmt::format("140.0.{}.0/24", i));
  }
  world.release();
  EXPECT_EQ(world.take_notices(), std::vector<std::string>{});
  for (unsigned i = 1; i <= targets; ++i) {
    const auto destination = fmt::format("140.0.{}.1", i);
    EXPECT_EQ(world.send("a1", tcp_to(7000 + i, destination)), fmt::format("m{}", i));
    EXPECT_EQ(world.send("a1", tcp_to(7001, destination)), "m1");
  }
  ASSERT_FALSE(world.controller().installed()->neighbors.empty());
  for (const auto& neighbor : world.controller().installed()->neighbors) {
    EXPECT_EQ(neighbor.mac.octets()[0] & 3U, 2U) << neighbor.mac.to_string();
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, ManyTargetsTest, testing::Values(1U, 8U, 30U, 99U));

// More targets than tag bits: as they meet, codes are given anew, and prefixes whose routes did not
// change get other next hops. Their routers must hear of it.
TEST(Scenario16Test, PrefixesWhoseTagsAreCodedAnewAreAnnouncedAnew) {
  constexpr unsigned kTargets = 40;
  World world(wide_exchange(kTargets));
  world.set_policy("A", one_port_each(kTargets));
  const auto destination = [](unsigned i) { return fmt::format("140.0.{}.1", i); };
  std::map<unsigned, std::string> hops;
  unsigned renumbered = 0;
  for (unsigned i = 1; i <= kTargets; ++i) {
    for (const unsigned who : {i, 1 + i * 17 % kTargets}) {
      world.announce(fmt::format("m{}", who), fmt::format("140.0.{}.0/24", i));
    }
    for (auto& [j, hop] : hops) {
      const std::string now = world.next_hop("a1", destination(j));
      if (std::exchange(hop, now) == now) continue;
      ++renumbered;
      EXPECT_EQ(world.send("a1", tcp_to(7000 + j, destination(j))), fmt::format("m{}", j));
    }
    hops[i] = world.next_hop("a1", destination(i));
  }
  EXPECT_GT(renumbered, 0U);
  for (unsigned i = 1; i <= kTargets; ++i) {
    EXPECT_EQ(world.send("a1", tcp_to(7000 + i, destination(i))), fmt::format("m{}", i));
  }
}

// Targets whose tag bits would be the same: a packet with a tag of the old policy is not taken for
// one that may go to the new target.
TEST(Scenario17Test, TagsOfAnOldPolicyAreNotReadByANewOne) {
  World world(wide_exchange(40));
  for (unsigned i = 1; i <= 40; ++i) {
    world.announce(fmt::format("m{}", i), fmt::format("140.0.{}.0/24", i));
    world.announce("m1", fmt::format("140.0.{}.0/24", i));
  }
  for (unsigned i = 2; i <= 12; ++i) {
    world.set_policy("A", fmt::format("outbound = match(dstport=80) >> fwd(M{})", i));
    const auto frame = world.frame_of("a1", tcp_to(80, fmt::format("140.0.{}.1", i)));
    ASSERT_TRUE(frame);
    EXPECT_EQ(world.send_frame("a1", *frame), fmt::format("m{}", i));
    for (const unsigned j : {i + 1, 1 + (i + 29) % 40, 1 + (i + 9) % 40}) {
      if (j == i || j == 1) continue;
      world.set_policy("A", fmt::format("outbound = match(dstport=80) >> fwd(M{})", j));
      EXPECT_NE(world.send_frame("a1", *frame), fmt::format("m{}", j));
    }
  }
}

TEST(Scenario20Test, BothRoutersOfAParticipantHaveThePolicy) {
  World world;
  world.announce("b1", kNet);
  world.announce("c1", kNet, World::path({300, 9}));
  world.set_policy("A", "outbound = match(dstport=80) >> fwd(C)");
  for (const char* router : {"a1", "a2"}) {
    EXPECT_EQ(world.send(router, tcp_to(80)), "c1");
    EXPECT_EQ(world.send(router, tcp_to(81)), "b1");
  }
}

}  // namespace
}  // namespace fabrix::controller
