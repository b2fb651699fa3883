#include "policy/targets.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

std::string sent_to(std::string_view target) {
  return outbound("fwd(" + std::string(target) + ")");
}

std::string received_on(std::string_view target) {
  return inbound("xfwd(" + std::string(target) + ")");
}

TEST(TargetsTest, NamesParticipantsInEveryForm) {
  for (const std::string_view each :
       {"B", "'B'", "participant.peers['B']", "participant.peers[B]", "sdx.participants['B']"}) {
    EXPECT_EQ(sent_to(each), "any -> B\n") << each;
  }
}

TEST(TargetsTest, NamesPortsInEveryForm) {
  for (const std::string_view each :
       {"C2", "c2", "C[1]", "C.phys_ports[1]", "participant.peers['C'].phys_ports[1]"}) {
    EXPECT_EQ(sent_to(each), "any -> c2\n") << each;
  }
  for (const std::string_view each :
       {"C2", "c2", "C[1]", "port[1]", "phys_ports[1]", "participant.phys_ports[1]"}) {
    EXPECT_EQ(received_on(each), "any -> c2\n") << each;
  }
}

TEST(TargetsTest, ASinglePortNeedsNoNumber) {
  EXPECT_EQ(clauses_of(parsed("inbound = fwd(A)").policy.inbound), "any -> a1\n");
}

TEST(TargetsTest, RefusesWhatIsNoTarget) {
  EXPECT_EQ(codes("outbound = fwd(80)"), "P0204");
  EXPECT_EQ(codes("outbound = fwd(B.speed)"), "P0204");
  EXPECT_EQ(codes("outbound = fwd(C0)"), "P0202");
  EXPECT_EQ(codes("outbound = fwd(port[0])"), "P0304");
  EXPECT_EQ(codes("outbound = fwd(participant.peers['D'])"), "P0303");
  EXPECT_EQ(codes("outbound = fwd()"), "P0211");
}

}  // namespace
}  // namespace fabrix::policy
