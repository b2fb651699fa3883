#include "controller/controller.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kNet = "140.0.0.0/24";
constexpr const char* kWebToC = "outbound = match(dstport=80) >> fwd(C)";
constexpr const char* kWebToB = "outbound = match(dstport=80) >> fwd(B)";

// Routes of B (best) and C.
void announce_both(World& world) {
  world.announce("b1", kNet);
  world.announce("c1", kNet, World::path({300, 9}));
}

// Refusals.

TEST(ControllerTest, APolicyThatTheFabricRefusesIsTakenBack) {
  World world;
  announce_both(world);
  world.set_policy("A", kWebToC);
  world.fabric().refuse_next_install(Error{"table full"});
  world.set_policy("A", "outbound = match(dstport=443) >> fwd(C)");
  const auto notices = world.take_notices();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices.front(), "policy of A taken back, the fabric refused it: table full");
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
  EXPECT_EQ(world.send("a1", tcp_to(443)), "b1");
  EXPECT_EQ(*world.controller().policy_text(world.id_of("A")), kWebToC);
  EXPECT_FALSE(world.controller().suspended());

  world.set_policy("A", "outbound = match(dstport=443) >> fwd(C)");
  EXPECT_EQ(world.send("a1", tcp_to(443)), "c1") << "the next attempt is a new one";
}

// So many clauses that another thread proves them.
std::string large_policy(const std::string& target) {
  std::string text = "outbound = match(dstport=80) >> fwd(" + target + ")";
  for (std::size_t i = 0; i < kManyClauses; ++i) {
    text += " + match(srcport=" + std::to_string(1000 + i) + ", dstport=443) >> fwd(C)";
  }
  return text;
}

TEST(ControllerTest, ALargePolicyAppliesWhenItIsProvenAndAnotherThatIsRefusedIsTakenBack) {
  World world;
  announce_both(world);
  world.set_policy("A", large_policy("C"));
  EXPECT_EQ(world.take_notices().size(), 0U);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
  world.fabric().refuse_next_install(Error{"table full"});
  world.set_policy("A", large_policy("B"));
  const auto notices = world.take_notices();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices.front(), "policy of A taken back, the fabric refused it: table full");
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
  world.set_policy("A", large_policy("B"));
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1");
}

TEST(ControllerTest, RoutesThatCameWithARefusedPolicyAreNotHeldBack) {
  World world;
  world.hold();
  world.announce("b1", kNet);
  world.set_policy("A", kWebToB);
  world.fabric().refuse_next_install(Error{"table full"});
  world.release();
  EXPECT_EQ(world.controller().policy_text(world.id_of("A")), nullptr);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1");
  EXPECT_EQ(world.next_hop("a1", "140.0.0.1"), "172.0.0.11");
}

TEST(ControllerTest, AFabricThatRefusesWhatRoutesCausedGetsAPlainExchangeAndLaterThePolicies) {
  World world;
  world.set_policy("A", kWebToC);
  world.announce("b1", kNet);
  world.fabric().refuse_next_install(Error{"table full"});
  world.announce("c1", kNet, World::path({300, 9}));
  EXPECT_TRUE(world.controller().suspended());
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1") << "by the best route, without policies";
  EXPECT_EQ(world.next_hop("a1", "140.0.0.1"), "172.0.0.11");
  EXPECT_NE(world.controller().policy_text(world.id_of("A")), nullptr);

  world.announce("d1", "150.0.0.0/24");
  EXPECT_TRUE(world.controller().suspended()) << "too early";
  world.advance(kResumeAfter);
  world.announce("d1", "160.0.0.0/24");
  EXPECT_FALSE(world.controller().suspended());
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
  EXPECT_EQ(world.take_notices().back(), "policies apply again");
}

TEST(ControllerTest, SuspendedPoliciesComeBackWhenTheFabricConnectsAnew) {
  World world;
  world.set_policy("A", kWebToC);
  world.announce("b1", kNet);
  world.fabric().refuse_next_install(Error{"table full"});
  world.announce("c1", kNet, World::path({300, 9}));
  ASSERT_TRUE(world.controller().suspended());
  world.fabric().on_ready();
  world.settle();
  EXPECT_FALSE(world.controller().suspended());
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
}

TEST(ControllerTest, APolicyChangeIsReasonToTryAllAgain) {
  World world;
  world.set_policy("A", kWebToC);
  world.announce("b1", kNet);
  world.fabric().refuse_next_install(Error{"table full"});
  world.announce("c1", kNet, World::path({300, 9}));
  ASSERT_TRUE(world.controller().suspended());
  // Refused again, now with a change: that is taken back, the others stay suspended.
  world.fabric().refuse_next_install(Error{"table full"});
  world.set_policy("D", kWebToC);
  EXPECT_TRUE(world.controller().suspended());
  EXPECT_EQ(world.controller().policy_text(world.id_of("D")), nullptr);
  EXPECT_EQ(world.send("d1", tcp_to(80)), "b1");
  world.set_policy("D", kWebToC);
  EXPECT_FALSE(world.controller().suspended());
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
  EXPECT_EQ(world.send("d1", tcp_to(80)), "c1");
}

TEST(ControllerTest, ARefusedPlainProgramHoldsNobodyUp) {
  World world;
  world.fabric().refuse_next_install(Error{"no"});
  world.set_port("c2", false);
  world.announce("b1", kNet);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1");
  EXPECT_EQ(world.controller().counters().refused, 1U);
}

TEST(ControllerTest, ABadPolicyIsRefusedWithItsPlaceAndTheOldOneStays) {
  World world;
  announce_both(world);
  world.set_policy("A", kWebToC);
  EXPECT_NE(world.set_policy("A", "outbound = match(dstprt=80) >> fwd(B)").find("test.policy:1:18"),
            std::string::npos);
  EXPECT_NE(world.set_policy("A", "outbound = match(dstport=80) >> fwd(Z)").find("error"),
            std::string::npos);
  EXPECT_NE(world
                .set_policy("A",
                            "outbound = match(dstport=80) >> fwd(B) + match(srcport=1) >> "
                            "fwd(C)")
                .find("witness"),
            std::string::npos);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
}

// A fabric that answers when it is told to.
class SlowFabric : public fabric::Fabric {
 public:
  void install(program::ProgramPtr program, Done done) override {
    EXPECT_FALSE(done_) << "one at a time";
    asked.push_back(std::move(program));
    done_ = std::move(done);
  }
  void send_frame(net::PortNo /*port*/, std::span<const std::byte> /*frame*/) override {}
  std::string status() const override { return "slow"; }

  void answer(Result<void> outcome = {}) { std::exchange(done_, nullptr)(std::move(outcome)); }
  bool is_busy() const { return done_ != nullptr; }

  std::vector<program::ProgramPtr> asked;

 private:
  Done done_;
};

class SlowFabricTest : public testing::Test {
 protected:
  SlowFabricTest() {
    for (const routeserver::Peer& peer : controller_.route_server().peers()) {
      controller_.session_up(peer.id, {.bgp_identifier = peer.id.value + 1U,
                                       .families = {.ipv4 = true, .ipv6 = true},
                                       .asn_width = bgp::AsnWidth::kFourOctets});
    }
    finish();
    announce("172.0.0.11", 200);
    announce("172.0.0.21", 300);
    finish();
    drain();
  }

  routeserver::PeerId peer(std::string_view at) const {
    return *controller_.route_server().find_peer(World::address(at));
  }

  void announce(std::string_view from, std::uint32_t asn, std::string_view what = kNet) {
    bgp::UpdateMessage update;
    update.announced = {{.family = net::Family::kIpv4,
                         .next_hop = World::address(from),
                         .prefixes = {World::prefix(what)}}};
    update.attributes = std::make_shared<const bgp::PathAttributes>(World::path({asn}));
    controller_.update(peer(from), update);
  }

  void settle() { controller_.settle({}); }

  // Until nothing is left to do.
  void finish() {
    while (controller_.needs_settling() || fabric_.is_busy()) {
      settle();
      if (fabric_.is_busy()) fabric_.answer();
    }
  }

  void drain() {
    for (const routeserver::Peer& each : controller_.route_server().peers()) {
      while (!controller_.pull(each.id).empty()) {
      }
    }
  }

  void set_policy(std::string_view participant, const std::string& text) {
    const auto id = exchange_.find_participant(participant)->id;
    ASSERT_TRUE(controller_.set_policy(id, text, "test.policy"));
  }

  std::string policy_of(std::string_view participant) const {
    const auto* text = controller_.policy_text(exchange_.find_participant(participant)->id);
    return text == nullptr ? "none" : *text;
  }

  exchange::Exchange exchange_ = four_members();
  SlowFabric fabric_;
  Controller controller_{exchange_, fabric_};
};

TEST_F(SlowFabricTest, MembersHearOfChangesOnlyAfterTheFabricHasThem) {
  std::vector<routeserver::PeerId> told;
  controller_.on_output = [&](routeserver::PeerId id) { told.push_back(id); };
  set_policy("A", kWebToC);
  settle();
  ASSERT_TRUE(fabric_.is_busy());
  controller_.refresh(peer("172.0.0.1"), net::Family::kIpv4);
  EXPECT_TRUE(told.empty());
  EXPECT_TRUE(controller_.pull(peer("172.0.0.1")).empty());
  fabric_.answer();
  EXPECT_FALSE(told.empty());
  EXPECT_FALSE(controller_.pull(peer("172.0.0.1")).empty());
}

TEST_F(SlowFabricTest, ChangesDuringAnInstallWaitForTheNextRoundAndBecomeOne) {
  set_policy("A", kWebToC);
  settle();
  const auto asked = fabric_.asked.size();
  announce("172.0.0.31", 400, "150.0.0.0/24");
  set_policy("B", kWebToC);
  set_policy("D", kWebToC);
  settle();
  EXPECT_EQ(fabric_.asked.size(), asked);
  int calls = 0;
  controller_.on_change = [&] { ++calls; };
  fabric_.answer();
  EXPECT_EQ(calls, 1) << "asks to be settled";
  settle();
  EXPECT_EQ(fabric_.asked.size(), asked + 1);
  fabric_.answer();
  EXPECT_FALSE(controller_.needs_settling());
  EXPECT_FALSE(controller_.pull(peer("172.0.0.1")).empty());
}

TEST_F(SlowFabricTest, IsSettledWhenTheFabricHasIt) {
  set_policy("A", kWebToC);
  EXPECT_FALSE(controller_.is_settled());
  settle();
  EXPECT_FALSE(controller_.needs_settling());
  EXPECT_FALSE(controller_.is_settled());
  finish();
  EXPECT_TRUE(controller_.is_settled());
}

TEST_F(SlowFabricTest, ANewerPolicySurvivesTheRefusalOfAnOlderOne) {
  set_policy("A", kWebToC);
  settle();
  set_policy("A", kWebToB);
  fabric_.answer(fail(Error{"no"}));
  EXPECT_EQ(policy_of("A"), kWebToB);
  finish();
  EXPECT_EQ(policy_of("A"), kWebToB);
  EXPECT_FALSE(controller_.suspended());
}

TEST_F(SlowFabricTest, ARefusedNewerPolicyGoesBackToTheOneJustInstalled) {
  set_policy("A", kWebToC);
  settle();
  set_policy("A", kWebToB);
  fabric_.answer();
  settle();
  fabric_.answer(fail(Error{"no"}));
  EXPECT_EQ(policy_of("A"), kWebToC);
  finish();
  EXPECT_EQ(policy_of("A"), kWebToC);
  EXPECT_FALSE(controller_.suspended());
}

TEST_F(SlowFabricTest, ARefusedChangeGoesBackToTheOneBeforeIfBothWereRefused) {
  set_policy("A", kWebToC);
  finish();
  set_policy("A", kWebToB);
  settle();
  set_policy("A", "outbound = match(dstport=1) >> fwd(B)");
  fabric_.answer(fail(Error{"no"}));
  settle();
  fabric_.answer(fail(Error{"no"}));
  finish();
  EXPECT_EQ(policy_of("A"), kWebToC);
  EXPECT_FALSE(controller_.suspended());
}

TEST_F(SlowFabricTest, AnAnswerThatComesAfterTheControllerIsGoneIsIgnored) {
  SlowFabric fabric;
  {
    Controller controller(exchange_, fabric);
    controller.settle({});
    ASSERT_TRUE(fabric.is_busy());
  }
  fabric.answer();
}

// Ports.

TEST(ControllerTest, TrafficMovesToTheNextPortWhenOneGoesDown) {
  World world;
  world.announce("c1", kNet);
  world.set_policy("A", kWebToC);
  world.set_port("c1", false);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c2");
  EXPECT_EQ(world.send("a1", tcp_to(81)), "c2");
  world.set_port("c1", true);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c1");
}

TEST(ControllerTest, AParticipantWithoutAPortThatIsUpIsAsIfItHadWithdrawn) {
  World world;
  announce_both(world);
  world.set_policy("A", kWebToC);
  world.set_port("c1", false);
  world.set_port("c2", false);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1");
  world.set_port("b1", false);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "nowhere");
  EXPECT_EQ(world.next_hop("a1", "140.0.0.1"), "none");
  world.set_port("c2", true);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "c2");
}

// Things told once.

TEST(ControllerTest, AWarningIsGivenOnceWhileItLasts) {
  exchange::Exchange members = four_members();
  members.virtual_next_hops = {World::prefix("172.0.1.0/32")};
  World world(members);
  world.set_policy("A", "outbound = match(dstport=80) >> fwd(C) // match(dstport=443) >> fwd(B)");
  world.announce("b1", kNet);
  world.announce("c1", "150.0.0.0/24");
  world.announce("d1", "160.0.0.0/24");
  std::size_t warnings = 0;
  for (const std::string& notice : world.take_notices()) {
    if (notice.find("no virtual next hop is left") != std::string::npos) ++warnings;
  }
  EXPECT_EQ(warnings, 1U);
  EXPECT_EQ(world.send("a1", tcp_to(80)), "b1");
}

// The world's sessions are new, and say no End-of-RIB.
class FirstTablesOfAWorldTest : public testing::Test {
 protected:
  FirstTablesOfAWorldTest() {
    world_.controller().on_wait = [this](Controller::Clock::time_point at) { wake_at_ = at; };
  }
  void wake() {
    ASSERT_TRUE(wake_at_);
    while (wake_at_) world_.controller().wake(*std::exchange(wake_at_, std::nullopt));
    world_.settle();
  }

  World world_;
  std::optional<Controller::Clock::time_point> wake_at_;
};

TEST_F(FirstTablesOfAWorldTest, RoutesOfNewSessionsAreToldTogether) {
  world_.announce("c1", kNet, World::path({300, 9}));
  world_.announce("b1", kNet);
  EXPECT_EQ(world_.next_hop("a1", "140.0.0.1"), "none");
  wake();
  EXPECT_EQ(world_.next_hop("a1", "140.0.0.1"), "172.0.0.11");
  world_.announce("b1", "150.0.0.0/24");
  EXPECT_EQ(world_.next_hop("a1", "150.0.0.1"), "172.0.0.11")
      << "its table was over with the pause";
}

TEST_F(FirstTablesOfAWorldTest, AChangeOfAnOlderSessionDoesNotWait) {
  world_.announce("b1", kNet);
  wake();
  world_.announce("c1", kNet, World::path({300, 9}));
  world_.withdraw("b1", kNet);
  EXPECT_EQ(world_.next_hop("a1", "140.0.0.1"), "172.0.0.21") << "nor what waited there";
}

TEST_F(FirstTablesOfAWorldTest, AChangeOfAPolicyWaitsForNothingAndEndsTheWaiting) {
  world_.announce("b1", kNet);
  EXPECT_EQ(world_.next_hop("a1", "140.0.0.1"), "none");
  world_.set_policy("A", kWebToC);
  EXPECT_EQ(world_.next_hop("d1", "140.0.0.1"), "172.0.0.11");
}

TEST_F(FirstTablesOfAWorldTest, WhereThereArePoliciesTheyAreToldTogetherToo) {
  world_.set_policy("A", kWebToC);
  world_.announce("c1", kNet, World::path({300, 9}));
  world_.announce("b1", kNet);
  EXPECT_EQ(world_.next_hop("d1", "140.0.0.1"), "none");
  wake();
  EXPECT_EQ(world_.next_hop("d1", "140.0.0.1"), "172.0.0.11");
  EXPECT_EQ(world_.send("a1", tcp_to(80)), "c1");
}

TEST(ControllerTest, NothingChangesMeansNothingIsInstalled) {
  World world;
  announce_both(world);
  world.set_policy("A", kWebToC);
  const auto installs = world.fabric().installs();
  world.announce("c1", kNet, World::path({300, 8}));
  world.withdraw("d1", kNet);
  EXPECT_EQ(world.fabric().installs(), installs) << "BGP changes cause no rule changes";
}

// More prefixes than are told in one go.

class ManyPrefixesTest : public ::testing::Test {
 protected:
  ManyPrefixesTest() {
    for (std::size_t i = 0; i <= kPublishAtOnce; ++i) {
      prefixes_.push_back(World::prefix(fmt::format("4.{}.{}.0/24", i / 256, i % 256)));
    }
    world_.set_policy("A", kWebToB);
    world_.hold();
    world_.announce_all("b1", prefixes_);
    world_.controller().settle({});
  }

  bool is_told(const net::Prefix& prefix) {
    const auto& server = world_.controller().route_server();
    return server.told(*server.find_peer(World::address("172.0.0.31")), prefix).has_value();
  }

  std::vector<net::Prefix> prefixes_;
  World world_;
};

TEST_F(ManyPrefixesTest, TheRestIsToldWhenOthersHadTheirTurn) {
  EXPECT_TRUE(is_told(prefixes_.front()));
  EXPECT_FALSE(is_told(prefixes_.back()));
  EXPECT_FALSE(world_.controller().is_settled());
  const auto rounds = world_.controller().counters().rounds;
  int calls = 0;
  world_.controller().on_change = [&] { ++calls; };
  world_.controller().settle({});
  EXPECT_TRUE(is_told(prefixes_.back()));
  EXPECT_TRUE(world_.controller().is_settled());
  EXPECT_EQ(world_.controller().counters().rounds, rounds);
  EXPECT_EQ(calls, 0);
}

TEST_F(ManyPrefixesTest, AChangeThatComesMeanwhileHasItsRoundAfterwards) {
  world_.set_policy("A", kWebToC);
  world_.withdraw("b1", prefixes_.back().to_string());
  world_.controller().settle({});
  EXPECT_FALSE(is_told(prefixes_.back())) << "it is not there any more";
  EXPECT_FALSE(world_.controller().is_settled());
  world_.release();
  world_.announce("c1", prefixes_.front().to_string());
  EXPECT_EQ(world_.send("a1", tcp_to(80, "4.0.0.1")), "c1");
}

TEST_F(ManyPrefixesTest, ANewConfigurationTellsTheRestInItsOwnRound) {
  world_.reconfigure(four_members());
  EXPECT_FALSE(is_told(prefixes_.back()));
  world_.release();
  EXPECT_TRUE(is_told(prefixes_.back()));
}

}  // namespace
}  // namespace fabrix::controller
