#include "policy/prefix_sets.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

std::string same(std::string_view set) {
  return outbound("dst_in(" + std::string(set) + ") >> fwd(B)");
}

TEST(PrefixSetsTest, OperateOnWhatIsWrittenOut) {
  EXPECT_EQ(same("[10.0.0.0/8] - [10.128.0.0/9]"), same("[10.0.0.0/9]"));
  EXPECT_EQ(same("[10.0.0.0/9] | [10.128.0.0/9]"), same("[10.0.0.0/8]"));
  EXPECT_EQ(same("[10.0.0.0/8] & {10.1.0.0/16, 11.0.0.0/8}"), same("set([10.1.0.0/16])"));
}

TEST(PrefixSetsTest, OperateOnWhatIsAnnounced) {
  EXPECT_EQ(same("prefixes(B)"), same("bgp_get_announced_routes(sdx, B)"));
  EXPECT_EQ(same("prefixes(B)"), outbound("announced_by(B) >> fwd(B)"));
  EXPECT_NE(same("prefixes(B) - [10.0.0.0/8]"), same("prefixes(B)"));
}

TEST(PrefixSetsTest, SayWhatIsNone) {
  const auto first = [](std::string_view set) {
    return reported("outbound = dst_in(" + std::string(set) + ") >> fwd(B)\n").at(0).code;
  };
  EXPECT_EQ(first("fwd(B)"), "P0204");
  EXPECT_EQ(first("prefixes(B, C)"), "P0211");
  EXPECT_EQ(first("prefixes(Z)"), "P0202");
}

}  // namespace
}  // namespace fabrix::policy
