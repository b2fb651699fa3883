// The scenarios of the design's page on semantics that are about change, by their numbers, on the
// simulated fabric: what becomes of packets that are under way, or whose routers have not yet
// heard.
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "program/delta.h"
#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kNet = "140.0.0.0/24";

// Frames as A's routers send them with what they know at one moment, and where they come out.
class Traffic {
 public:
  void record(World& world) {
    frames_.clear();
    for (unsigned port = 79; port <= 85; ++port) {
      for (const char* destination : {"140.0.0.1", "141.0.0.1", "142.0.0.1"}) {
        if (const auto frame = world.frame_of("a1", tcp_to(port, destination))) {
          frames_.push_back(*frame);
        }
      }
    }
  }
  std::vector<std::string> send(World& world) const {
    std::vector<std::string> seen;
    for (const net::Packet& frame : frames_) seen.push_back(world.send_frame("a1", frame));
    return seen;
  }
  const std::vector<net::Packet>& frames() const { return frames_; }

 private:
  std::vector<net::Packet> frames_;
};

void announce_three_nets(World& world) {
  for (const char* router : {"b1", "c1", "d1"}) world.announce(router, kNet);
  for (const char* router : {"b1", "c1"}) world.announce(router, "141.0.0.0/24");
  world.announce("d1", "142.0.0.0/24");
}

// Some of the ports 80 to 84 to one of three members each, or dropped.
std::string random_policy(std::mt19937& random, const std::vector<std::string>& actions) {
  std::string policy = "outbound = ";
  for (unsigned port = 80; port < 85; ++port) {
    policy += fmt::format("{}(match(dstport={}) >> {})", port == 80 ? "" : " + ", port,
                          actions[random() % actions.size()]);
  }
  return policy;
}

// While routers have not heard of new next hops, each packet goes by the old list or by the new
// one.
void expect_strict_change(World& world, const std::string& policy) {
  Traffic traffic;
  traffic.record(world);
  const auto before = traffic.send(world);
  world.set_policy("A", policy);
  const auto under_way = traffic.send(world);
  Traffic told;
  told.record(world);
  const auto after = told.send(world);
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t k = 0; k < before.size(); ++k) {
    EXPECT_TRUE(under_way[k] == before[k] || under_way[k] == after[k])
        << net::to_string(traffic.frames()[k]) << " was " << before[k] << ", is " << after[k]
        << ", and went to " << under_way[k];
  }
}

// Every frame by the old list or by the new one: what routers still say with the tags that they
// know is told by both in the same way.
TEST(Scenario17Test, APacketGoesByTheOldPolicyOrByTheNewOne) {
  std::mt19937 random(17);
  World world;
  announce_three_nets(world);
  // All targets are in each list, so that tags of both say of all whether they are reachable.
  const std::string all =
      " // (match(dstport=99) >> fwd(B)) // (match(dstport=99) >> fwd(C))"
      " // (match(dstport=99) >> fwd(D))";
  const std::vector<std::string> actions{"fwd(B)", "fwd(C)", "fwd(D)", "drop"};
  ASSERT_EQ(world.set_policy("A", random_policy(random, actions) + all), "");
  for (int i = 0; i < 40; ++i) {
    expect_strict_change(world, random_policy(random, actions) + all);
  }
}

// So it is with a list that names no target that the old one does not, where targets keep their
// bits in tags (compiler/codebook.h): the old tags say it all.
TEST(Scenario17Test, AListWithFewerTargetsIsStrictToo) {
  std::mt19937 random(19);
  World world;
  announce_three_nets(world);
  const std::vector<std::vector<std::string>> choices{
      {"fwd(B)", "fwd(C)", "fwd(D)"}, {"fwd(C)", "fwd(D)"}, {"fwd(D)"}, {}};
  const auto policy_of = [&](std::vector<std::string> actions) {
    std::string each_named;
    for (const std::string& action : actions) {
      each_named += " // (match(dstport=99) >> " + action + ")";
    }
    actions.emplace_back("drop");
    return random_policy(random, actions) + each_named;
  };
  for (int i = 0; i < 15; ++i) {
    world.set_policy("A", policy_of(choices.front()));
    for (const auto& actions : choices) {
      expect_strict_change(world, policy_of(actions));
    }
  }
}

// A list with other targets is not strict: of those the routers' tags say nothing until BGP has
// told the new ones. Such a packet goes by the old list, by the new one, or to its best route.
TEST(Scenario17Test, APacketWithAnOldTagGoesByOneOfTheListsOrToItsBestRoute) {
  std::mt19937 random(20);
  World world;
  announce_three_nets(world);
  const std::vector<std::vector<std::string>> choices{
      {"fwd(B)"}, {"fwd(C)"}, {"fwd(D)"}, {"fwd(B)", "fwd(D)"}, {"fwd(C)", "drop"}};
  std::size_t by_default = 0;
  world.set_policy("A", random_policy(random, choices.front()));
  for (int i = 0; i < 60; ++i) {
    Traffic traffic;
    traffic.record(world);
    const auto before = traffic.send(world);
    world.set_policy("A", random_policy(random, choices[random() % choices.size()]));
    const auto under_way = traffic.send(world);
    Traffic told;
    told.record(world);
    const auto after = told.send(world);
    ASSERT_EQ(before.size(), after.size());
    for (std::size_t k = 0; k < before.size(); ++k) {
      if (under_way[k] == before[k] || under_way[k] == after[k]) continue;
      ++by_default;
      const auto destination = traffic.frames()[k].dst_ip.to_string();
      EXPECT_EQ(under_way[k], world.send("a1", tcp_to(79, destination)))
          << net::to_string(traffic.frames()[k]);
    }
  }
  EXPECT_GT(by_default, 0U) << "it has become strict: say so";
}

// With other targets the tags that routers know say less: what they say nothing of takes its
// default route. It never reaches a member without a route for it.
TEST(Scenario17Test, APacketWithAnOldTagReachesNobodyWithoutARoute) {
  std::mt19937 random(18);
  World world;
  announce_three_nets(world);
  const std::map<std::string, std::set<std::string>> routers{
      {"140.0.0.1", {"b1", "c1", "d1"}}, {"141.0.0.1", {"b1", "c1"}}, {"142.0.0.1", {"d1"}}};
  const std::vector<std::vector<std::string>> choices{
      {"fwd(B)"}, {"fwd(C)"}, {"fwd(D)"}, {"fwd(B)", "fwd(D)"}, {"fwd(C)", "drop"}};
  std::vector<Traffic> known;
  for (int i = 0; i < 60; ++i) {
    const auto& actions = choices[random() % choices.size()];
    world.set_policy("A", random_policy(random, actions));
    for (const Traffic& traffic : known) {
      const auto seen = traffic.send(world);
      for (std::size_t k = 0; k < seen.size(); ++k) {
        const auto& allowed = routers.at(traffic.frames()[k].dst_ip.to_string());
        EXPECT_TRUE(seen[k] == "nowhere" || allowed.contains(seen[k]))
            << net::to_string(traffic.frames()[k]) << " reached " << seen[k];
      }
    }
    if (known.size() == 2) known.erase(known.begin());
    known.emplace_back().record(world);
  }
}

// Forwarding does not depend on the controller, nor on what the next one has heard so far.
TEST(Scenario18Test, ARestartedControllerLosesNoPacketThatARunningOneWouldDeliver) {
  World world;
  const std::string policy =
      "outbound = (match(dstport=80) >> fwd(C)) + (match(dstport=81) >> drop)";
  announce_three_nets(world);
  world.set_policy("A", policy);
  Traffic traffic;
  traffic.record(world);
  const auto before = traffic.send(world);
  EXPECT_NE(std::ranges::find(before, "c1"), before.end());

  world.restart([&] { EXPECT_EQ(traffic.send(world), before); });
  EXPECT_EQ(traffic.send(world), before);
  world.hold();
  world.set_policy("A", policy);
  for (const char* router : {"a1", "a2", "b1", "c1", "c2", "d1"}) {
    world.bring_up(router);
    EXPECT_EQ(traffic.send(world), before);
  }
  world.release();
  EXPECT_EQ(traffic.send(world), before);
  announce_three_nets(world);
  EXPECT_EQ(traffic.send(world), before);
  Traffic again;
  again.record(world);
  EXPECT_EQ(again.frames(), traffic.frames()) << "the same tags as before";
}

TEST(Scenario19Test, ManyWithdrawalsChangeFewRules) {
  constexpr unsigned kPrefixes = 100'000;
  World world;
  world.set_policy("A", "outbound = (match(dstport=80) >> fwd(B)) + (match(dstport=81) >> fwd(C))");
  world.set_policy("D", "outbound = match(dstport=80) >> fwd(B)");
  std::vector<net::Prefix> all;
  std::vector<net::Prefix> every_second;
  for (unsigned i = 0; i < kPrefixes; ++i) {
    all.push_back(
        World::prefix(fmt::format("{}.{}.{}.0/24", 20 + i / 65536, i / 256 % 256, i % 256)));
    if (i % 2 == 0) every_second.push_back(all.back());
  }
  world.hold();
  world.announce_all("b1", all);
  world.announce_all("c1", every_second);
  world.release();
  ASSERT_EQ(world.send("a1", tcp_to(80, "20.0.1.1")), "b1");
  const auto before = world.controller().installed();

  world.take_down("b1");
  const auto changes = program::difference(*before, *world.controller().installed());
  EXPECT_LE(changes.size(), world.exchange().participants.size());
  EXPECT_EQ(world.send("a1", tcp_to(80, "20.0.1.1")), "nowhere");
  EXPECT_EQ(world.send("a1", tcp_to(80, "20.0.2.1")), "c1");
}

}  // namespace
}  // namespace fabrix::controller
