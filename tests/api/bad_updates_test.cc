#include "api/bad_updates.h"

#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::api {
namespace {

using Reaction = bgp::BadUpdateReaction;

bgp::BadUpdate bad(Reaction reaction, std::size_t octets, std::uint8_t mark = 0) {
  return {.reaction = reaction,
          .faults = {{"ORIGIN (1): wrong length", "RFC 7606 §7.1"}},
          .message = std::vector<std::byte>(octets, std::byte{mark})};
}

class BadUpdatesTest : public ::testing::Test {
 protected:
  testing::World world_;
  BadUpdates bad_{world_.controller};
  routeserver::PeerId b_{1};
};

TEST_F(BadUpdatesTest, CountsByReactionAndKeepsTheMessages) {
  EXPECT_EQ(bad_.of(b_), nullptr);
  bad_.note(b_, bad(Reaction::kAttributeDiscard, 23));
  bad_.note(b_, bad(Reaction::kTreatAsWithdraw, 50));
  bad_.note(b_, bad(Reaction::kTreatAsWithdraw, 60));
  const auto* const record = bad_.of(b_);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->counts, (std::array<std::uint64_t, 3>{1, 2, 0}));
  EXPECT_EQ(record->count(), 3U);
  EXPECT_EQ(record->octets, 133U);
  EXPECT_EQ(bad_.of(routeserver::PeerId{0}), nullptr) << "another neighbor";
}

TEST_F(BadUpdatesTest, TheOldestGoFirstWhenThereAreTooMany) {
  for (std::uint8_t i = 0; i < 100; ++i) bad_.note(b_, bad(Reaction::kSessionReset, 23, i));
  const auto& kept = bad_.of(b_)->kept;
  ASSERT_EQ(kept.size(), BadUpdates::kMostEntries);
  EXPECT_EQ(kept.back().update.message.front(), std::byte{99});
  EXPECT_EQ(kept.front().update.message.front(), std::byte{100 - BadUpdates::kMostEntries});
  EXPECT_EQ(bad_.of(b_)->count(), 100U);
}

TEST_F(BadUpdatesTest, TheOctetsKeptAreBoundedAndTheLargestMessageFits) {
  constexpr std::size_t kLargest = 65'535;  // RFC 8654
  for (int i = 0; i < 5; ++i) {
    bad_.note(b_, bad(Reaction::kTreatAsWithdraw, kLargest));
    EXPECT_EQ(bad_.of(b_)->kept.size(), 1U);
    EXPECT_EQ(bad_.of(b_)->octets, kLargest);
  }
  bad_.note(b_, bad(Reaction::kTreatAsWithdraw, 23));
  EXPECT_EQ(bad_.of(b_)->octets, 23U) << "the two together are too large";
}

TEST_F(BadUpdatesTest, TheLogHasTenLinesASecondAndSaysHowManyItLeftOut) {
  ::testing::internal::CaptureStderr();
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) bad_.note(b_, bad(Reaction::kTreatAsWithdraw, 23));
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begun);
  const std::string log = ::testing::internal::GetCapturedStderr();
  const auto lines = static_cast<std::size_t>(std::count(log.begin(), log.end(), '\n'));
  EXPECT_GE(lines, BadUpdates::kLinesPerSecond);
  EXPECT_LE(lines, BadUpdates::kLinesPerSecond * static_cast<std::size_t>(seconds.count() + 2));
  EXPECT_NE(log.find("malformed update peer=172.0.0.2 as=200 reaction=\"treat as withdraw\" "
                     "what=\"ORIGIN (1): wrong length (RFC 7606 §7.1)\" octets=23"),
            std::string::npos)
      << log;
}

}  // namespace
}  // namespace fabrix::api
