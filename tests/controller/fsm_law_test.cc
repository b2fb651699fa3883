// What holds for policies with many instances of fsms whatever events came before: rows are those
// of a controller that comes to the same states at once, and packets go where these say.
#include <random>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kMachines =
    "event authenticated : bool\n"
    "event infected : bool\n"
    "event scanned : bool\n"
    "event flooded : bool\n"
    "fsm auth per srcip {\n"
    "  var state : {out, in}\n"
    "  on authenticated when value { state = in }\n"
    "  on authenticated { state = out }\n"
    "  timeout 30m -> { state = out }\n"
    "  policy = case { state == in -> identity; else -> drop }\n"
    "}\n"
    "fsm ids per srcip {\n"
    "  var infected : bool\n"
    "  on infected { infected = value }\n"
    "  policy = case { infected -> match(dstport=80) >> drop; else -> identity }\n"
    "}\n"
    "fsm scan per dstport {\n"
    "  var closed : bool\n"
    "  on scanned { closed = value }\n"
    "  policy = case { closed -> drop; else -> identity }\n"
    "}\n"
    "fsm victim per dstip {\n"
    "  var hit : bool\n"
    "  on flooded { hit = value }\n"
    "  policy = case { hit -> match(protocol=6) >> drop; else -> identity }\n"
    "}\n";

class FsmLawTest : public ::testing::TestWithParam<std::string> {
 protected:
  static void prepare(World& world) {
    world.announce("b1", "140.0.0.0/24");
    world.announce("c1", "140.0.0.0/24", World::path({300, 9}));
    world.announce("b1", "2001:db8:1::/48");
    world.announce("c1", "2001:db8:1::/48", World::path({300, 9}));
    const std::string said = world.set_policy("A", std::string(kMachines) + GetParam());
    EXPECT_EQ(said.find("error"), std::string::npos) << said;
  }
  std::size_t below(std::size_t bound) { return random_() % bound; }
  std::string any_host4() { return fmt::format("100.0.{}.{}", below(2), below(256)); }
  // In one network, or in many of which each has the same few hosts.
  std::string any_host6() {
    if (below(2) == 0) return fmt::format("2001:db8:2::{:x}", below(99) + 1);
    return fmt::format("2001:db8:2:{:x}::{:x}", below(150), below(2) + 1);
  }
  std::string any_host() { return below(2) == 0 ? any_host6() : any_host4(); }
  std::string any_victim4() { return fmt::format("140.0.0.{}", below(40) + 1); }
  std::string any_victim6() { return fmt::format("2001:db8:1:{:x}::1", below(40)); }

  FsmEvent any_event() {
    const std::string value = below(3) > 0 ? "true" : "false";
    if (below(8) == 0) {
      return {"scanned", "", {{"dstport", std::to_string(below(100))}, {"value", value}}};
    }
    if (below(5) == 0) {
      const std::string victim = below(2) == 0 ? any_victim4() : any_victim6();
      return {"flooded", "", {{"dstip", victim}, {"value", value}}};
    }
    const char* name = below(3) == 0 ? "infected" : "authenticated";
    return {name, "", {{"srcip", any_host()}, {"value", value}}};
  }

  std::mt19937 random_{7};
};

TEST_P(FsmLawTest, RowsAreThoseOfTheStatesWhateverCameBefore) {
  World world;
  prepare(world);
  FsmTime now = Controller::Clock::now();
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 40; ++i) {
      now += std::chrono::seconds(10);
      ASSERT_TRUE(world.controller().event(world.id_of("A"), any_event(), now));
      world.settle();
      // send() compares the fabric with the trace, and that with the meaning.
      world.send("a1",
                 fmt::format("tcp {}:40000 -> {}:{}", any_host4(), any_victim4(), 79 + below(3)));
      world.send("a1", fmt::format("tcp [{}]:40000 -> [{}]:{}", any_host6(), any_victim6(),
                                   79 + below(3)));
    }
    World other;
    prepare(other);
    const auto view = world.controller().fsms(world.id_of("A"));
    EXPECT_EQ(other.controller().restore_states(other.id_of("A"), *view.states), "");
    other.settle();
    ASSERT_EQ(world.controller().installed()->tables, other.controller().installed()->tables);
    for (const auto& notice : world.take_notices()) ADD_FAILURE() << notice;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Policies, FsmLawTest,
    ::testing::Values("outbound = auth >> ids >> fwd(C)\n",
                      "outbound = auth >> ids >> (match(dstport=80) >> fwd(C) // fwd(B))\n",
                      "outbound = scan >> auth >> fwd(C)\ninbound = ids\n",
                      "outbound = auth >> scan >> fwd(C)\n",
                      "outbound = auth >> victim >> fwd(C)\n",
                      "outbound = victim >> fwd(C)\ninbound = auth >> victim\n",
                      "#pragma count = clauses\n"
                      "outbound = auth >> ids >> modify(dscp=46) >> police(5mbps) >> fwd(C)\n"));

}  // namespace
}  // namespace fabrix::controller
