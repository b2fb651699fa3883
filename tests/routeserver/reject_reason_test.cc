#include "routeserver/reject_reason.h"

#include <set>

#include <gtest/gtest.h>

namespace fabrix::routeserver {
namespace {

TEST(RejectReasonTest, EachHasItsOwnNameAndWords) {
  std::set<std::string_view> names;
  std::set<std::string_view> descriptions;
  for (std::uint8_t i = 0; i < kRejectReasons; ++i) {
    names.insert(name_of(RejectReason{i}));
    descriptions.insert(describe(RejectReason{i}));
  }
  EXPECT_EQ(names.size(), kRejectReasons);
  EXPECT_EQ(descriptions.size(), kRejectReasons);
  EXPECT_FALSE(names.contains(name_of(RejectReason{kRejectReasons})));
}

TEST(RejectReasonTest, LookingGlassesKnowTheCodesOfIxpManager) {
  const struct {
    RejectReason reason;
    std::uint32_t code;
  } cases[] = {
      {RejectReason::kTooLong, 1},      {RejectReason::kTooShort, 2},
      {RejectReason::kBogonPrefix, 3},  {RejectReason::kBogonAsn, 4},
      {RejectReason::kPathTooLong, 5},  {RejectReason::kFirstAs, 7},
      {RejectReason::kNextHop, 8},      {RejectReason::kIrrPrefix, 9},
      {RejectReason::kIrrOrigin, 10},   {RejectReason::kRpkiInvalid, 13},
      {RejectReason::kTransitFree, 14}, {RejectReason::kTooManyCommunities, 15},
      {RejectReason::kAspaInvalid, 16}, {RejectReason::kRouteLeak, 0},
  };
  for (const auto& [reason, code] : cases) {
    SCOPED_TRACE(name_of(reason));
    EXPECT_EQ(looking_glass_code(reason), code);
  }
}

}  // namespace
}  // namespace fabrix::routeserver
