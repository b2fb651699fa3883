// Where members' packets may come from, as the controller has it checked: with what they announce,
// at restarts, and where there is no room for it.
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

using exchange::SourceCheck;
using exchange::SourceRule;

// Its ports, but B's, check sources; those of C only count.
exchange::Exchange checked_members() {
  exchange::Exchange members = four_members();
  for (exchange::Router& router : members.routers) {
    const std::string& owner = members.owner(router.id).name;
    if (owner == "B") continue;
    router.sources.mode = owner == "C" ? SourceCheck::kCount : SourceCheck::kDrop;
    router.sources.max_prefixes = 4;
  }
  return members;
}

class SourceChecksTest : public ::testing::Test {
 protected:
  SourceChecksTest() {
    world_.announce("b1", "140.0.0.0/24");
    world_.announce("b1", "2001:db8:140::/48");
  }

  std::string from(std::string_view router, const std::string& source) {
    return world_.send(router, "tcp " + source + ":1 -> 140.0.0.1:80");
  }
  std::uint64_t dropped(program::DropReason reason) {
    world_.controller().read_drops();
    std::uint64_t packets = 0;
    for (const DropReport& each : world_.controller().drops()) {
      if (each.drop.reason == reason) packets += each.total.packets;
    }
    return packets;
  }

  World world_{checked_members()};
};

TEST_F(SourceChecksTest, FollowWhatAMemberAnnouncesByAnyOfItsRouters) {
  EXPECT_EQ(from("a1", "100.0.0.1"), "nowhere");
  EXPECT_EQ(from("b1", "100.0.0.1"), "nowhere") << "has no route, but is not checked";
  world_.announce("a2", "100.0.0.0/24");
  EXPECT_EQ(from("a1", "100.0.0.1"), "b1");
  EXPECT_EQ(from("a1", "100.0.1.1"), "nowhere");
  EXPECT_EQ(from("d1", "100.0.0.1"), "nowhere");
  world_.set_policy("A", "outbound = match(dstport=80) >> fwd(B)");
  EXPECT_EQ(from("a1", "100.0.0.1"), "b1") << "by a tag";
  EXPECT_EQ(from("a1", "100.0.1.1"), "nowhere");
  world_.withdraw("a2", "100.0.0.0/24");
  EXPECT_EQ(from("a1", "100.0.0.1"), "nowhere");
  EXPECT_GE(dropped(program::DropReason::kUnannounced), 4U);
  EXPECT_EQ(dropped(program::DropReason::kUnannouncedPassed), 0U);
}

TEST_F(SourceChecksTest, AreOfBothFamilies) {
  world_.announce("a1", "2001:db8:100::/48");
  EXPECT_EQ(world_.send("a1", "tcp [2001:db8:100::1]:1 -> [2001:db8:140::1]:80"), "b1");
  EXPECT_EQ(world_.send("a1", "tcp [2001:db8:101::1]:1 -> [2001:db8:140::1]:80"), "nowhere");
}

TEST_F(SourceChecksTest, MayOnlyCount) {
  EXPECT_EQ(from("c1", "100.0.0.1"), "b1");
  EXPECT_EQ(dropped(program::DropReason::kUnannouncedPassed), 1U);
  world_.announce("c2", "100.0.0.0/24");
  EXPECT_EQ(from("c1", "100.0.0.1"), "b1");
  EXPECT_EQ(dropped(program::DropReason::kUnannouncedPassed), 1U);
  EXPECT_EQ(dropped(program::DropReason::kUnannounced), 0U);
}

TEST_F(SourceChecksTest, LeaveAloneWhoAnnouncesTooMuch) {
  world_.announce("a1", "100.0.0.0/24");
  world_.take_notices();
  for (const char* text : {"101.0.0.0/24", "102.0.0.0/24"}) world_.announce("a1", text);
  EXPECT_EQ(from("a1", "9.0.0.1"), "nowhere");
  world_.announce("a1", "103.0.0.0/24");
  EXPECT_EQ(from("a1", "9.0.0.1"), "b1");
  EXPECT_EQ(from("d1", "9.0.0.1"), "nowhere");
  const auto notices = world_.take_notices();
  EXPECT_EQ(std::ranges::count_if(
                notices,
                [](const auto& text) { return text.starts_with("where packets of A come from"); }),
            1);
  world_.withdraw("a1", "102.0.0.0/24");
  EXPECT_EQ(from("a1", "9.0.0.1"), "nowhere");
}

TEST_F(SourceChecksTest, AreHeldUntilItIsKnownWhatMembersAnnounce) {
  world_.controller().hold_checks();
  world_.settle();
  EXPECT_EQ(from("a1", "100.0.0.1"), "b1");
  world_.controller().release_checks();
  world_.settle();
  EXPECT_EQ(from("a1", "100.0.0.1"), "nowhere");
}

// As many as a port may tell apart by default: the verifier can tell, too.
TEST(SourceChecksOfManyTest, AreOfAsManyBlocksAsThereMayBe) {
  exchange::Exchange members = four_members();
  for (exchange::Router& router : members.routers) {
    router.sources = {
        .mode = SourceCheck::kDrop, .allowed = {}, .max_prefixes = SourceRule{}.max_prefixes};
  }
  World world(members);
  world.set_policy("A", "outbound = match(dstport=80) >> fwd(B)");
  std::vector<net::Prefix> blocks;
  for (std::uint32_t i = 0; blocks.size() + 10 < SourceRule{}.max_prefixes; ++i) {
    const auto high = static_cast<std::uint8_t>(20 + i / 100);
    const auto low = static_cast<std::uint8_t>(2 * (i % 100));
    blocks.push_back(*net::Prefix::containing(net::IpAddress::v4({high, low, 0, 0}), 16 + i % 9));
  }
  world.announce_all("a1", blocks);
  world.announce("b1", "140.0.0.0/24");
  EXPECT_EQ(world.controller().counters().refused, 0U);
  EXPECT_TRUE(world.controller().terms().shortfalls.empty());
  EXPECT_EQ(world.send("a2", "tcp 20.0.0.1:1 -> 140.0.0.1:80"), "b1");
  EXPECT_EQ(world.send("a2", "tcp 20.1.0.1:1 -> 140.0.0.1:80"), "nowhere");
  world.withdraw("a1", "20.0.0.0/16");
  EXPECT_EQ(world.controller().counters().refused, 0U);
  EXPECT_EQ(world.send("a2", "tcp 20.0.0.1:1 -> 140.0.0.1:80"), "nowhere");
}

TEST_F(SourceChecksTest, AReloadChangesWhoIsChecked) {
  exchange::Exchange next = checked_members();
  for (exchange::Router& router : next.routers) {
    router.sources.mode = router.name == "a1" ? SourceCheck::kOff : SourceCheck::kDrop;
    router.sources.allowed = {World::prefix("100.0.0.0/24")};
  }
  EXPECT_EQ(from("d1", "100.0.0.1"), "nowhere");
  world_.reconfigure(next);
  world_.announce("b1", "140.0.0.0/24");
  EXPECT_EQ(from("a1", "9.0.0.1"), "b1");
  EXPECT_EQ(from("c1", "9.0.0.1"), "nowhere");
  EXPECT_EQ(from("d1", "100.0.0.1"), "b1");
  EXPECT_EQ(from("d1", "100.0.1.1"), "nowhere");
}

// A switch with room for so many rows.
class SmallFabric : public fabric::SimulatedFabric {
 public:
  void install(program::ProgramPtr program, Done done) override {
    if (program->row_count() > room) return done(fail(Error{"table full"}));
    SimulatedFabric::install(std::move(program), std::move(done));
  }

  std::size_t room = SIZE_MAX;
};

TEST(SourceChecksWithoutRoomTest, AreSuspendedBeforePoliciesAndTriedAgain) {
  exchange::Exchange members = four_members();
  members.routers.front().sources.mode = SourceCheck::kDrop;
  SmallFabric fabric;
  Controller controller(members, fabric);
  auto now = Controller::Clock::now();
  const auto settle = [&] {
    for (int i = 0; i < 10 && controller.needs_settling(); ++i) controller.settle(now);
    EXPECT_FALSE(controller.needs_settling());
  };
  ASSERT_TRUE(controller.set_policy(members.participants.front().id,
                                    "outbound = match(dstport=80) >> fwd(B)", "A.policy"));
  settle();
  const std::size_t checked = controller.installed()->row_count();
  const auto peer = *controller.route_server().find_peer(members.routers.front().addresses.front());
  controller.session_up(peer, {.bgp_identifier = 1,
                               .families = {.ipv4 = true, .ipv6 = true},
                               .asn_width = bgp::AsnWidth::kFourOctets});
  const auto announce = [&](const char* text) {
    bgp::UpdateMessage update;
    bgp::PathAttributes attributes = World::path({100});
    update.announced = {{.family = net::Family::kIpv4,
                         .next_hop = members.routers.front().addresses.front(),
                         .prefixes = {World::prefix(text)}}};
    update.attributes = std::make_shared<const bgp::PathAttributes>(std::move(attributes));
    controller.update(peer, update);
    settle();
  };
  const auto is_checked = [&] { return controller.terms().shortfalls.empty(); };

  fabric.room = checked + 3;  // rows for one prefix
  announce("100.0.0.0/24");
  EXPECT_TRUE(is_checked());
  announce("101.0.0.0/24");
  EXPECT_FALSE(is_checked());
  EXPECT_FALSE(controller.suspended()) << "policies have room";
  EXPECT_TRUE(std::ranges::any_of(controller.notices(), [](const Notice& notice) {
    return notice.severity == Severity::kError &&
           notice.text.starts_with("where packets come from is not checked, ");
  }));

  fabric.room = SIZE_MAX;
  now += kResumeAfter;
  announce("102.0.0.0/24");
  EXPECT_TRUE(is_checked());
}

}  // namespace
}  // namespace fabrix::controller
