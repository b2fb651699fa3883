#include "controller/admission.h"

#include <gtest/gtest.h>

namespace fabrix::controller {
namespace {

constexpr Admission::TimePoint kNow{std::chrono::hours(1)};
constexpr std::chrono::seconds kMinute{60};

TEST(AdmissionTest, EverybodyIsWelcomeAtFirst) {
  const Admission admission;
  EXPECT_EQ(admission.bar(kNow), Bar::kNone);
  EXPECT_EQ(admission.bar_ends(), std::nullopt);
}

TEST(AdmissionTest, ADisabledSessionStaysSoUntilEnabled) {
  Admission admission;
  admission.disable();
  EXPECT_EQ(admission.bar(kNow), Bar::kDisabled);
  admission.clear();
  EXPECT_EQ(admission.bar(kNow), Bar::kDisabled) << "clear() is for limits";
  admission.enable();
  EXPECT_EQ(admission.bar(kNow), Bar::kNone);
}

TEST(AdmissionTest, APassedLimitBarsForItsTime) {
  Admission admission;
  admission.pass_limit(kNow + kMinute);
  EXPECT_EQ(admission.bar(kNow + kMinute - std::chrono::nanoseconds(1)), Bar::kPrefixLimit);
  EXPECT_EQ(admission.bar_ends(), kNow + kMinute);
  EXPECT_EQ(admission.bar(kNow + kMinute), Bar::kNone);
}

TEST(AdmissionTest, APassedLimitWithoutTimeBarsUntilCleared) {
  Admission admission;
  admission.pass_limit(std::nullopt);
  EXPECT_EQ(admission.bar(kNow + std::chrono::hours(1000)), Bar::kPrefixLimit);
  EXPECT_EQ(admission.bar_ends(), std::nullopt);
  admission.clear();
  EXPECT_EQ(admission.bar(kNow), Bar::kNone);
}

TEST(AdmissionTest, AnswersSoManyConnectionsInATimeAndNoMore) {
  Admission admission;
  for (std::size_t i = 0; i < Admission::kMostInWindow; ++i) {
    EXPECT_TRUE(admission.answers_one_more(kNow + std::chrono::milliseconds(i)));
  }
  EXPECT_FALSE(admission.answers_one_more(kNow + std::chrono::milliseconds(100)));
  EXPECT_TRUE(admission.answers_one_more(kNow + Admission::kWindow)) << "the first is long ago";
  EXPECT_FALSE(admission.answers_one_more(kNow + Admission::kWindow)) << "but not the second";
}

TEST(AdmissionTest, BarsHaveNames) {
  EXPECT_EQ(to_string(Bar::kNone), "none");
  EXPECT_EQ(to_string(Bar::kDisabled), "disabled");
  EXPECT_EQ(to_string(Bar::kPrefixLimit), "prefix limit");
}

}  // namespace
}  // namespace fabrix::controller
