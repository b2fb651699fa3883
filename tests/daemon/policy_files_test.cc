#include "daemon/policy_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fabric/simulated.h"
#include "tests/daemon/members.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PolicyFilesTest : public ::testing::Test {
 protected:
  std::string text() const {
    const auto* text = controller_.policy_text(controller_.exchange().participants[1].id);
    return text == nullptr ? "none" : *text;
  }
  PolicyFiles read() { return read_policies(controller_, directory_.path()); }

  io::testing::TemporaryDirectory directory_;
  fabric::SimulatedFabric fabric_;
  controller::Controller controller_{loaded(two_members("    policy: B.policy\n")), fabric_};
};

TEST_F(PolicyFilesTest, SetsWhatTheConfigurationNames) {
  const std::string policy = "outbound = match(dstport=80) >> fwd(A)\n";
  write(directory_ / "B.policy", policy);
  EXPECT_THAT(read().refused, IsEmpty());
  EXPECT_EQ(text(), policy);
}

TEST_F(PolicyFilesTest, ABadOneLeavesThePresentOne) {
  const std::string policy = "outbound = match(dstport=80) >> fwd(A)\n";
  write(directory_ / "B.policy", policy);
  read();
  write(directory_ / "B.policy", "outbound = match(dstport=80) >> fwd(Z)\n");
  const auto bad = read();
  EXPECT_THAT(bad.refused, ElementsAre("B"));
  ASSERT_EQ(bad.problems.size(), 1U);
  EXPECT_THAT(bad.problems[0].text, HasSubstr(directory_ / "B.policy:1:"));
  EXPECT_EQ(text(), policy);
  std::filesystem::remove(directory_ / "B.policy");
  const auto gone = read();
  EXPECT_THAT(gone.refused, ElementsAre("B"));
  EXPECT_EQ(gone.problems.size(), 1U);
  EXPECT_EQ(text(), policy);
}

TEST_F(PolicyFilesTest, AnUnchangedOneIsLeftAlone) {
  write(directory_ / "B.policy", "outbound = match(dstport=80) >> fwd(A)\n");
  read();
  controller_.settle(controller::Controller::Clock::now());
  EXPECT_FALSE(controller_.needs_settling());
  read();
  EXPECT_FALSE(controller_.needs_settling());
}

}  // namespace
}  // namespace fabrix::daemon
