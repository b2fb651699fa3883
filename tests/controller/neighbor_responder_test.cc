#include "controller/neighbor_responder.h"

#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

#include "net/frame.h"
#include "program/drop.h"
#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

const net::MacAddress kTagOfA = net::MacAddress::from_u64(0x020000000aaa);
const net::MacAddress kTagOfB = net::MacAddress::from_u64(0x020000000bbb);

class NeighborResponderTest : public testing::Test {
 protected:
  NeighborResponderTest() {
    const auto a = exchange_.find_participant("A")->id;
    const auto b = exchange_.find_participant("B")->id;
    program_.neighbors = {{a, World::address("172.0.1.5"), kTagOfA},
                          {a, World::address("2001:db8:ff:0:1::5"), kTagOfA},
                          {b, World::address("172.0.1.5"), kTagOfB}};
    std::ranges::sort(program_.neighbors.edit());
  }

  // What a router hears when it asks by ARP.
  std::optional<net::Packet> ask(std::string_view router_name, std::string_view target,
                                 NeighborResponder::TimePoint now = {}) {
    const exchange::Router& router = *exchange_.find_router(router_name);
    return answer(router.port,
                  net::build_arp_request(router.mac, router.addresses[0], World::address(target)),
                  now);
  }

  std::optional<net::Packet> solicit(std::string_view router_name, std::string_view target) {
    const exchange::Router& router = *exchange_.find_router(router_name);
    return answer(
        router.port,
        net::build_neighbor_solicitation(router.mac, router.addresses[1], World::address(target)),
        {});
  }

  std::optional<net::Packet> answer(net::PortNo port, const std::vector<std::byte>& frame,
                                    NeighborResponder::TimePoint now) {
    const auto reply = responder_.answer(program_, port, frame, now);
    return reply ? net::parse_frame(*reply) : std::nullopt;
  }

  exchange::Exchange exchange_ = four_members();
  program::Program program_;
  NeighborResponder responder_{exchange_};
};

TEST_F(NeighborResponderTest, TheAnswerDependsOnWhoAsks) {
  const auto a = ask("a1", "172.0.1.5");
  ASSERT_TRUE(a);
  EXPECT_EQ(a->eth_type, net::kEthTypeArp);
  EXPECT_EQ(a->protocol, 2) << "a reply";
  EXPECT_EQ(a->arp_sender_mac, kTagOfA);
  EXPECT_EQ(a->src_ip, World::address("172.0.1.5"));
  EXPECT_EQ(a->dst_ip, World::address("172.0.0.1"));
  EXPECT_EQ(a->dst_mac, exchange_.find_router("a1")->mac);
  EXPECT_EQ(ask("a2", "172.0.1.5")->arp_sender_mac, kTagOfA);
  EXPECT_EQ(ask("b1", "172.0.1.5")->arp_sender_mac, kTagOfB);
}

TEST_F(NeighborResponderTest, NobodyLearnsOfAnothersNextHops) {
  EXPECT_FALSE(ask("c1", "172.0.1.5"));
  EXPECT_FALSE(solicit("b1", "2001:db8:ff:0:1::5"));
  EXPECT_FALSE(ask("a1", "172.0.1.6"));
  EXPECT_FALSE(ask("a1", "172.0.0.11")) << "a member's own address is the member's to answer";
}

TEST_F(NeighborResponderTest, AnswersSolicitations) {
  const auto advertisement = solicit("a1", "2001:db8:ff:0:1::5");
  ASSERT_TRUE(advertisement);
  EXPECT_EQ(advertisement->icmp_type, 136);
  EXPECT_EQ(advertisement->nd_target, World::address("2001:db8:ff:0:1::5"));
  EXPECT_EQ(advertisement->src_mac, kTagOfA);
  EXPECT_EQ(advertisement->dst_mac, exchange_.find_router("a1")->mac);
}

TEST_F(NeighborResponderTest, AnswersQuestionsOnly) {
  const exchange::Router& router = *exchange_.find_router("a1");
  const auto reply =
      net::build_arp_reply(router.mac, router.addresses[0], kTagOfB, World::address("172.0.1.5"));
  EXPECT_FALSE(answer(router.port, reply, {}));
  const auto advertisement = net::build_neighbor_advertisement(
      router.mac, World::address("2001:db8:ff:0:1::5"), kTagOfB, router.addresses[1]);
  EXPECT_FALSE(answer(router.port, advertisement, {}));
  EXPECT_FALSE(answer(router.port, std::vector<std::byte>(5), {}));
  const auto question =
      net::build_arp_request(router.mac, router.addresses[0], World::address("172.0.1.5"));
  EXPECT_FALSE(answer(net::PortNo{77}, question, {})) << "nobody's port";
}

TEST_F(NeighborResponderTest, TheSpongeAnswersForAddressesThatNobodyHas) {
  EXPECT_FALSE(ask("a1", "172.0.0.200"));
  exchange_.arp_sponge = true;
  const auto sponged = ask("a1", "172.0.0.200");
  ASSERT_TRUE(sponged);
  EXPECT_EQ(sponged->arp_sender_mac, program::sponge_mac());
  EXPECT_FALSE(ask("a1", exchange_.find_router("b1")->addresses[0].to_string()))
      << "its owner does";
  EXPECT_FALSE(ask("a1", exchange_.route_server.addresses[0].to_string()));
  EXPECT_FALSE(ask("a1", "172.0.1.77")) << "a virtual next hop that there is not";
  EXPECT_FALSE(ask("a1", "192.0.2.1")) << "not on the LAN";
}

TEST_F(NeighborResponderTest, EveryPortHasItsOwnBoundedRate) {
  using std::chrono::seconds;
  const NeighborResponder::TimePoint start{seconds(1000)};
  const auto answered = [&](NeighborResponder::TimePoint now) {
    int count = 0;
    for (int i = 0; i < 1000; ++i) count += ask("a1", "172.0.1.5", now) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(answered(start), static_cast<int>(NeighborResponder::kBurst));
  EXPECT_TRUE(ask("a2", "172.0.1.5", start));
  EXPECT_TRUE(ask("b1", "172.0.1.5", start));
  EXPECT_EQ(answered(start + seconds(1)), static_cast<int>(NeighborResponder::kAnswersPerSecond));
  EXPECT_EQ(answered(start + seconds(100)), static_cast<int>(NeighborResponder::kBurst));
}

}  // namespace
}  // namespace fabrix::controller
