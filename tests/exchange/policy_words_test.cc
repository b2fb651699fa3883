#include "exchange/policy_words.h"

#include <gtest/gtest.h>

namespace fabrix::exchange {
namespace {

TEST(PolicyWordsTest, AreThoseOfTheConfiguration) {
  EXPECT_EQ(name_of(Dialling::kPassive), "passive");
  EXPECT_EQ(name_of(Dialling::kActive), "active");
  EXPECT_EQ(name_of(NextHopRule::kStrict), "strict");
  EXPECT_EQ(name_of(NextHopRule::kSameAs), "same-as");
  EXPECT_EQ(name_of(NextHopRule::kAnyOnLan), "any");
  EXPECT_EQ(name_of(LimitAction::kWarn), "warn");
  EXPECT_EQ(name_of(LimitAction::kBlock), "block");
  EXPECT_EQ(name_of(LimitAction::kShutdown), "shutdown");
  EXPECT_EQ(name_of(LimitAction::kRestart), "restart");
  EXPECT_EQ(name_of(RpkiRule::kOff), "off");
  EXPECT_EQ(name_of(RpkiRule::kMark), "mark");
  EXPECT_EQ(name_of(RpkiRule::kRejectInvalid), "reject-invalid");
  EXPECT_EQ(name_of(PolicyPreset::kNone), "none");
  EXPECT_EQ(name_of(PolicyPreset::kMinimal), "minimal");
  EXPECT_EQ(name_of(PolicyPreset::kIxp), "ixp");
  EXPECT_EQ(name_of(PolicyPreset::kStrict), "strict");
  EXPECT_EQ(name_of(FlowSpecScope::kNobody), "nobody");
  EXPECT_EQ(name_of(FlowSpecScope::kEveryone), "everyone");
  EXPECT_EQ(name_of(FabricType::kOpenFlow), "openflow");
  EXPECT_EQ(name_of(FabricType::kLinux), "linux");
  EXPECT_EQ(name_of(SourceCheck::kOff), "off");
  EXPECT_EQ(name_of(SourceCheck::kCount), "count");
  EXPECT_EQ(name_of(SourceCheck::kDrop), "drop");
}

}  // namespace
}  // namespace fabrix::exchange
