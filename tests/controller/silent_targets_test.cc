#include "controller/silent_targets.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

class SilentTargetsTest : public testing::Test {
 protected:
  // Of A's policy of this text: where each note stands, and what it says.
  std::vector<std::string> notes(const std::string& text) {
    world_.set_policy("A", text);
    const Controller& controller = world_.controller();
    std::vector<std::string> said;
    for (const Diagnostic& each :
         silent_targets(controller.exchange(), controller.route_server(),
                        *controller.world().policies[world_.id_of("A").index()], "A.policy")) {
      EXPECT_EQ(each.severity, Severity::kNote);
      EXPECT_EQ(each.code, "P0317");
      said.push_back(fmt::format("{}:{} {}", each.at.line, each.at.column, each.message));
    }
    return said;
  }

  World world_;
};

TEST_F(SilentTargetsTest, TellsEachOnceWhereItIsFirstNamed) {
  world_.announce("d1", "140.0.0.0/24");
  EXPECT_EQ(
      notes("outbound = (match(dstport=80) >> fwd(B))\n"
            " // (match(dstport=81) >> multicast(C, D))\n"
            " // (match(dstport=82) >> fwd(C1)) // fwd(D)\n"),
      (std::vector<std::string>{"1:13 B announces nothing now", "2:6 C announces nothing now"}));
}

TEST_F(SilentTargetsTest, OneRouteOfEitherFamilyIsEnough) {
  world_.announce("b1", "140.0.0.0/24");
  world_.announce("c2", "2001:db8:140::/48");
  EXPECT_EQ(notes("outbound = (match(dstport=80) >> fwd(B)) // fwd(C)\n"),
            std::vector<std::string>{});
  world_.withdraw("b1", "140.0.0.0/24");
  EXPECT_EQ(notes("outbound = (match(dstport=80) >> fwd(B)) // fwd(C)\n"),
            std::vector<std::string>{"1:13 B announces nothing now"});
}

TEST_F(SilentTargetsTest, ARouteThatIsFilteredIsNone) {
  world_.announce("b1", "140.0.0.0/24", World::path({666}));  // not its own AS
  EXPECT_EQ(notes("outbound = fwd(B)\n"), std::vector<std::string>{"1:12 B announces nothing now"});
}

TEST_F(SilentTargetsTest, LooksIntoStatesThatAreYetToCome) {
  EXPECT_EQ(notes("event low : bool\n"
                  "fsm gate {\n"
                  "  var shut : bool\n"
                  "  on low { shut = value }\n"
                  "  policy = case { shut -> fwd(D); else -> drop }\n"
                  "}\n"
                  "outbound = gate\n"),
            std::vector<std::string>{"5:27 D announces nothing now"});
}

TEST_F(SilentTargetsTest, WhatIsReceivedNeedsNoRoute) {
  EXPECT_EQ(notes("inbound = fwd(A2)\n"), std::vector<std::string>{});
}

}  // namespace
}  // namespace fabrix::controller
