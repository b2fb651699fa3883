// What an OpenFlow switch is told of a Program before it is proven, and after.
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fabric/openflow_world.h"

namespace fabrix::fabric {
namespace {

using Mods = std::vector<int>;
using Proof = Fabric::Proof;

class OpenFlowCommitTest : public OpenFlowFabricTest {
 protected:
  std::shared_ptr<Answer> install_proven(program::ProgramPtr program, const Proof& proof) {
    auto answer = std::make_shared<Answer>();
    fabric_.install_proven(std::move(program), proof, [answer](Result<void> outcome) {
      ++answer->calls;
      answer->outcome = std::move(outcome);
    });
    return answer;
  }

  // More than a switch takes in place.
  static program::ProgramPtr large(std::uint16_t from) {
    std::vector<std::uint16_t> priorities;
    for (std::uint16_t i = 0; i < 2 * SwitchFlows::kBatch; ++i) {
      priorities.push_back(static_cast<std::uint16_t>(from + i));
    }
    return program_of(priorities);
  }

  void settle_with(const program::ProgramPtr& program) {
    connect_and_settle();
    install(program);
    exchange();
    take_mods();
  }

  static Result<void> proven() { return {}; }
  static Result<void> refuted() { return fail(Error{"A's packets go to B"}); }
};

TEST_F(OpenFlowCommitTest, ALargeProgramIsOnItsWayWhileItIsProven) {
  settle_with(large(1000));
  std::size_t before = 0;
  const auto answer = install_proven(large(10'000), [&]() -> Result<void> {
    switch_->feed(fabric_.take_output());
    before = switch_->flows.size();
    return {};
  });
  EXPECT_EQ(before, 0U) << "a bundle that is not committed";
  EXPECT_FALSE(switch_->take_output().empty()) << "the switch has answered";
  switch_->flows.clear();
  EXPECT_EQ(answer->calls, 0);
}

TEST_F(OpenFlowCommitTest, AProvenLargeProgramComesIntoForce) {
  settle_with(large(1000));
  const auto answer = install_proven(large(10'000), proven);
  exchange();
  EXPECT_TRUE(answer->succeeded());
  EXPECT_EQ(answer->calls, 1);
  EXPECT_EQ(take_mods().size(), 4 * SwitchFlows::kBatch + 1) << "the new, the old and the flip";
  EXPECT_TRUE(fabric_.in_sync());
}

TEST_F(OpenFlowCommitTest, ARefutedLargeProgramGoesAgainAndTheOldOneStays) {
  const auto old = large(1000);
  settle_with(old);
  const auto answer = install_proven(large(10'000), refuted);
  ASSERT_EQ(answer->calls, 1);
  EXPECT_EQ(answer->outcome->error().message, "A's packets go to B");
  exchange();
  EXPECT_EQ(answer->calls, 1);
  EXPECT_TRUE(fabric_.in_sync());
  for (const int mod : take_mods()) {
    EXPECT_TRUE(mod >= 10'000 || mod <= -10'000) << "only what was written beside: " << mod;
  }
  EXPECT_EQ(fabric_.status(), "openflow: connected, datapath 00000000000000f1, 2000 flows");
  const auto next = install_proven(large(20'000), proven);
  exchange();
  EXPECT_TRUE(next->succeeded());
}

TEST_F(OpenFlowCommitTest, OfARefutedSmallProgramNothingIsWritten) {
  settle_with(program_of({10, 20}));
  bool is_asked = false;
  const auto answer = install_proven(program_of({10, 30}), [&] {
    is_asked = true;
    EXPECT_TRUE(fabric_.take_output().empty());
    return refuted();
  });
  EXPECT_TRUE(is_asked);
  EXPECT_TRUE(answer->failed());
  exchange();
  EXPECT_EQ(take_mods(), Mods{});
  EXPECT_TRUE(fabric_.in_sync());
  const auto next = install_proven(program_of({10, 40}), proven);
  exchange();
  EXPECT_TRUE(next->succeeded());
  EXPECT_EQ(take_mods(), (Mods{-20, 40}));
}

TEST_F(OpenFlowCommitTest, AnInstallThatFollowsARefutedOneWaitsUntilThatIsGone) {
  settle_with(large(1000));
  install_proven(large(10'000), refuted);
  const auto next = install_proven(program_of({10}), proven);
  EXPECT_EQ(next->calls, 0);
  exchange();
  EXPECT_TRUE(next->succeeded());
  EXPECT_TRUE(fabric_.in_sync());
}

TEST_F(OpenFlowCommitTest, AProgramThatCannotBeTranslatedNeedsNoProof) {
  settle_with(program_of({10}));
  auto program = std::make_shared<program::Program>();
  program::Row row;
  row.set_fields = {{net::Field::kDstIp6High, 1}};
  program->table(program::TableId::kOutbound).push_back(row);
  const auto answer = install_proven(program, [] {
    ADD_FAILURE() << "asked for a proof";
    return proven();
  });
  EXPECT_TRUE(answer->failed());
}

TEST_F(OpenFlowCommitTest, WithoutASwitchOnlyWhatIsProvenIsRemembered) {
  EXPECT_FALSE(install_proven(program_of({10}), refuted)->succeeded());
  EXPECT_TRUE(install_proven(program_of({20}), proven)->succeeded());
  EXPECT_FALSE(install_proven(program_of({30}), refuted)->succeeded());
  connect();
  exchange();
  EXPECT_EQ(take_mods(), Mods{20});
}

TEST_F(OpenFlowCommitTest, ASwitchThatIsGoneWhileItIsWrittenToGetsWhatIsProvenWhenItIsBack) {
  for (const bool is_good : {true, false}) {
    settle_with(large(1000));
    fabric_.on_output = [this] { fabric_.disconnected(); };
    const auto answer = install_proven(large(10'000), is_good ? proven : refuted);
    fabric_.on_output = nullptr;
    EXPECT_EQ(answer->succeeded(), is_good);
    EXPECT_EQ(answer->calls, 1);
    connect();
    exchange();
    EXPECT_EQ(take_mods().back(), is_good ? 11'999 : 2999);
  }
}

}  // namespace
}  // namespace fabrix::fabric
