// What an OpenFlow switch is told of a Program before it is proven, and after.
#include <chrono>
#include <cstdint>
#include <optional>
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
  static program::ProgramPtr large(std::uint16_t from,
                                   std::size_t count = 2 * SwitchFlows::kBatch) {
    return in_a_block(priorities_from(from, count));
  }

  static std::vector<std::uint16_t> priorities_from(std::size_t from, std::size_t count) {
    std::vector<std::uint16_t> priorities;
    for (std::size_t i = 0; i < count; ++i) {
      priorities.push_back(static_cast<std::uint16_t>(from + i));
    }
    return priorities;
  }

  // As the compiler makes them.
  static program::ProgramPtr in_a_block(const std::vector<std::uint16_t>& priorities) {
    const program::Rows rows = program_of(priorities)->table(program::TableId::kAdmit);
    auto program = std::make_shared<program::Program>();
    program->tables[static_cast<std::size_t>(program::TableId::kAdmit)] =
        program::Rows(program::Rows::Directory{
            program::make_block(std::vector<program::Row>(rows.begin(), rows.end()))});
    return program;
  }

  void settle_with(const program::ProgramPtr& program) {
    connect_and_settle();
    install(program);
    exchange();
    take_mods();
  }

  using Verdict = std::optional<Result<void>>;
  using Patience = std::chrono::microseconds;
  static Verdict proven(Patience) { return Result<void>(); }
  static Verdict refuted(Patience) { return Result<void>(fail(Error{"A's packets go to B"})); }
  // Undecided when it is asked the first `times`.
  static Proof after(int times, const Proof& verdict) {
    return [left = times, verdict](Patience patience) mutable {
      return left-- > 0 ? Verdict() : verdict(patience);
    };
  }
};

TEST_F(OpenFlowCommitTest, ALargeProgramIsOnItsWayWhileItIsProven) {
  settle_with(large(1000));
  std::size_t before = 0;
  const auto answer = install_proven(large(10'000), [&](Patience) {
    switch_->feed(fabric_.take_output());
    before = switch_->flows.size();
    return Verdict(Result<void>());
  });
  EXPECT_GT(before, 0U);
  EXPECT_EQ(before % SwitchFlows::kBatch, 0U) << "batches that nobody sees";
  EXPECT_FALSE(switch_->take_output().empty()) << "the switch has answered";
  switch_->flows.clear();
  EXPECT_EQ(answer->calls, 0);
}

TEST_F(OpenFlowCommitTest, MoreOfItIsWrittenEachTimeTheProofIsNotMadeYet) {
  settle_with(large(1000, 1));
  std::vector<std::size_t> written;
  const auto to = large(10'000, 30 * SwitchFlows::kBatch);
  const auto answer = install_proven(to, after(100, [&](Patience patience) {
                                       for (auto out = fabric_.take_output(); !out.empty();
                                            out = fabric_.take_output()) {
                                         switch_->feed(out);
                                       }
                                       written.push_back(switch_->flows.size());
                                       return proven(patience);
                                     }));
  EXPECT_EQ(written, std::vector<std::size_t>{17 * SwitchFlows::kBatch}) << "a bound";
  exchange();
  EXPECT_TRUE(answer->succeeded());
  EXPECT_EQ(take_mods().size(), (30 * SwitchFlows::kBatch) + 2) << "the old one and the flip";
  EXPECT_TRUE(fabric_.in_sync());
}

TEST_F(OpenFlowCommitTest, AllThatIsOnItsWayGoesAgainWhenTheProofFails) {
  for (const int asked : {1, 3, 40}) {
    for (const bool is_sent : {false, true}) {
      SCOPED_TRACE(asked);
      settle_with(large(1000));
      fabric_.on_output = [&] {
        if (is_sent) switch_->feed(fabric_.take_output());
      };
      const auto answer =
          install_proven(large(10'000, 5 * SwitchFlows::kBatch), after(asked, refuted));
      fabric_.on_output = nullptr;
      EXPECT_TRUE(answer->failed());
      exchange();
      int left = 0;
      for (const int mod : take_mods()) left += mod > 0 ? 1 : -1;
      EXPECT_LE(left, 0) << "as much is removed as was written";
      EXPECT_TRUE(fabric_.in_sync());
      EXPECT_EQ(fabric_.status(), "openflow: connected, datapath 00000000000000f1, 2000 flows");
      const auto next = install_proven(large(20'000), proven);
      exchange();
      EXPECT_TRUE(next->succeeded());
      take_mods();
    }
  }
}

TEST_F(OpenFlowCommitTest, ARefusalOfWhatIsOnItsWayLeavesTheOldProgram) {
  settle_with(large(1000));
  // The second batch has it.
  auto priorities = priorities_from(40'000 - SwitchFlows::kBatch, 4 * SwitchFlows::kBatch);
  priorities.push_back(openflow::tests::kBadPriority);
  fabric_.on_output = [&] { switch_->feed(fabric_.take_output()); };
  const auto answer = install_proven(in_a_block(priorities), after(10, proven));
  fabric_.on_output = nullptr;
  exchange();
  EXPECT_TRUE(answer->failed());
  take_mods();
  EXPECT_TRUE(fabric_.in_sync());
  EXPECT_EQ(fabric_.status(), "openflow: connected, datapath 00000000000000f1, 2000 flows");
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
  const auto answer = install_proven(program_of({10, 30}), [&](Patience patience) {
    is_asked = true;
    EXPECT_TRUE(fabric_.take_output().empty());
    return refuted(patience);
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
  const auto answer = install_proven(program, [](Patience patience) {
    ADD_FAILURE() << "asked for a proof";
    return proven(patience);
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
