// What the lines of a script do. The command that runs scripts is tested in tests/app.
#include "lab/simulation.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/load.h"

namespace fabrix::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kExchange = R"(version: 1
exchange:
  name: simulated
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16, "2001:db8:0:172::/64"]
  virtual_next_hops: [172.0.1.0/24, "2001:db8:0:172:1::/80"]
  route_server: {addresses: [172.0.255.254, "2001:db8:0:172::fffe"], policy: minimal}
participants:
  - name: A
    asn: 100
    policy: A.policy
    routers:
      - {name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1, "2001:db8:0:172::1"], port: 1}
  - name: B
    asn: 200
    routers:
      - {name: b1, mac: "08:00:27:00:00:02", addresses: [172.0.0.11, "2001:db8:0:172::11"], port: 2}
  - name: C
    asn: 300
    routers:
      - {name: c1, mac: "08:00:27:00:00:03", addresses: [172.0.0.21], port: 3}
      - {name: c2, mac: "08:00:27:00:00:04", addresses: [172.0.0.22], port: 4}
)";

class SimulationTest : public ::testing::Test {
 protected:
  SimulatedStep run(const std::string& line) {
    auto step = simulation_.run(line);
    EXPECT_TRUE(step) << line << ": " << step.error().message;
    return step ? *std::move(step) : SimulatedStep{};
  }
  std::string error(const std::string& line) {
    const auto step = simulation_.run(line);
    return step ? "" : step.error().message;
  }
  // Where a packet of a1 arrives.
  std::string arrives(const std::string& packet) { return run("packet a1 " + packet).delivered; }

  std::map<std::string, std::string> files_{
      {"A.policy", "outbound = (match(dstport=80) >> fwd(C))\n"},
      {"C.policy", "inbound = (match(dstport=80) >> fwd(C2)) + (match(dstport=25) >> drop)\n"},
      {"bad.policy", "outbound = match(dstprt=80) >> fwd(C)\n"}};
  exchange::Exchange exchange_ = *exchange::load(kExchange, "exchange.yaml");
  Simulation simulation_{exchange_, [this](const std::string& file) -> Result<std::string> {
                           const auto found = files_.find(file);
                           if (found == files_.end()) return fail(Error{file + " is missing"});
                           return found->second;
                         }};
};

TEST_F(SimulationTest, StartsWithSessionsUpAndNothingAnnounced) {
  for (const auto& peer : simulation_.controller().route_server().peers()) {
    EXPECT_TRUE(simulation_.controller().route_server().is_up(peer.id));
  }
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:80"), "nowhere");
  EXPECT_EQ(run("expect nowhere a1 tcp 1.1.1.1 -> 140.0.0.1:80").ok, true);
}

TEST_F(SimulationTest, DoesNothingForABlankLine) {
  EXPECT_EQ(run("").command, "");
  EXPECT_EQ(run("   # announce b1 140.0.0.0/24").command, "");
}

TEST_F(SimulationTest, FollowsAnnouncementsAndWithdrawals) {
  run("announce b1 140.0.0.0/24 150.0.0.0/24");
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:80"), "b1");
  run("withdraw b1 140.0.0.0/24");
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:80"), "nowhere");
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 150.0.0.1:80"), "b1");
  run("withdraw b1 140.0.0.0/24");  // again: nothing to do
}

TEST_F(SimulationTest, LoadsThePoliciesOfTheConfiguration) {
  const auto steps = simulation_.load_policies();
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_TRUE(steps[0].ok);
  EXPECT_EQ(steps[0].participant, "A");
  run("announce b1 140.0.0.0/24");
  run("announce c1 140.0.0.0/24");
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:80"), "c1");
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:22"), "b1");
}

TEST_F(SimulationTest, SaysWhichPolicyOfTheConfigurationIsMissingOrBad) {
  files_.erase("A.policy");
  auto step = simulation_.load_policies().front();
  EXPECT_FALSE(step.ok);
  EXPECT_EQ(step.participant, "A");
  EXPECT_THAT(step.notices, ElementsAre("A.policy is missing"));
  files_["A.policy"] = "outbound = fwd(Z)\n";
  step = simulation_.load_policies().front();
  EXPECT_FALSE(step.ok);
  EXPECT_EQ(step.diagnostics.front().code, "P0202");
  EXPECT_TRUE(run("session b1 up").notices.empty());
}

TEST_F(SimulationTest, ReplacesAndRemovesPoliciesAndKeepsTheOldOneWhenTheNewOneIsBad) {
  run("announce b1 140.0.0.0/24");
  run("announce c1 140.0.0.0/24");
  EXPECT_TRUE(run("policy A A.policy").ok);
  const auto bad = run("policy A bad.policy");
  EXPECT_FALSE(bad.ok);
  EXPECT_EQ(bad.diagnostics.front().code, "P0201");
  EXPECT_EQ(bad.policy_text, files_["bad.policy"]);
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:80"), "c1");
  EXPECT_TRUE(run("policy C C.policy").ok);
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:80"), "c2");
  EXPECT_TRUE(run("policy A none").ok);
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:80"), "b1");
}

TEST_F(SimulationTest, InboundPoliciesDropWhatTheyDrop) {
  run("policy C C.policy");
  run("announce c1 140.0.0.0/24");
  const auto step = run("packet a1 tcp 1.1.1.1 -> 140.0.0.1:25");
  EXPECT_EQ(step.delivered, "nowhere");
  EXPECT_THAT(step.trace->verdict, HasSubstr("dropped: C's inbound clause 2"));
}

TEST_F(SimulationTest, LosesWhatASessionThatGoesDownAnnounced) {
  run("announce b1 140.0.0.0/24 2001:db8:140::/48");
  run("session b1 down");
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:80"), "nowhere");
  EXPECT_EQ(arrives("tcp [2001:db8::1] -> [2001:db8:140::1]:80"), "nowhere");
  EXPECT_EQ(error("announce b1 140.0.0.0/24"), "the session of b1 is down");
  run("session b1 up");
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:80"), "nowhere");
  run("announce b1 140.0.0.0/24");
  run("session b1 up");  // It is: nothing is lost.
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:80"), "b1");
}

TEST_F(SimulationTest, GoesAroundPortsThatAreDown) {
  run("announce c1 140.0.0.0/24");
  run("announce b1 140.0.0.0/24 as-path \"200 1\"");
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:22"), "c1");
  EXPECT_THAT(run("port c1 down").notices, ElementsAre("port of c1 is down"));
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:22"), "c2");
  run("port c2 down");
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:22"), "b1");
  run("port c1 up");
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:22"), "c1");
}

TEST_F(SimulationTest, SendsNothingThroughAPortThatIsDown) {
  run("announce b1 140.0.0.0/24");
  run("port a1 down");
  EXPECT_EQ(arrives("tcp 1.1.1.1 -> 140.0.0.1:22"), "nowhere");
}

TEST_F(SimulationTest, AnnouncesEachFamilyOverItsSession) {
  run("announce b1 140.0.0.0/24 2001:db8:140::/48");
  EXPECT_EQ(arrives("udp [2001:db8::1]:5 -> [2001:db8:140::1]:53"), "b1");
  EXPECT_EQ(arrives("icmp6 2001:db8::1 -> 2001:db8:140::1"), "b1");
  EXPECT_EQ(error("announce c1 2001:db8:150::/48"),
            "c1 has no address of the family of 2001:db8:150::/48");
}

TEST_F(SimulationTest, TellsWhichRoutesAreRejected) {
  EXPECT_THAT(run("announce b1 140.0.0.0/24 as-path \"300 1\"").notices,
              ElementsAre("the route server rejects 140.0.0.0/24 from b1: the first AS of the path "
                          "is not the member's"));
  EXPECT_TRUE(run("announce b1 140.0.0.0/24").notices.empty());
}

TEST_F(SimulationTest, ReachesAddressesOfTheLanDirectly) {
  EXPECT_EQ(arrives("tcp 172.0.0.1 -> 172.0.0.22:179"), "c2");
}

TEST_F(SimulationTest, ExpectationsHoldOrFailWithTheWay) {
  run("announce b1 140.0.0.0/24");
  const auto met = run("expect b1 a1 tcp 1.1.1.1 -> 140.0.0.1:80");
  EXPECT_TRUE(met.ok);
  const auto failed = run("expect c1 a1 tcp 1.1.1.1 -> 140.0.0.1:80");
  EXPECT_FALSE(failed.ok);
  EXPECT_EQ(failed.expected, "c1");
  EXPECT_EQ(failed.delivered, "b1");
  EXPECT_EQ(failed.from, "a1");
  EXPECT_EQ(failed.trace->verdict, "delivered to b1");
}

}  // namespace
}  // namespace fabrix::lab
