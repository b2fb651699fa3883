#include "policy/route_text.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

// What is written is read as the same test.
TEST(RouteTextTest, ReadsBackAsTheSameTest) {
  for (const char* test :
       {"prefix in set([10.0.0.0/8]) - [10.1.0.0/16]", "prefix in [2001:db8::/32]",
        "prefix_len=8..24", "as_path =~ '^64500_(1|2)$'", "as_path_len={1, 3..5}",
        "origin_as=4200000000", "neighbor_as=64500", "community={64500:1, 65535:666}",
        "community =~ '^64500:'", "large_community={1:2:3, 4:5:6}", "large_community =~ '3$'",
        "ext_community='rt:70000:5'", "ext_community='ro:1:70000'",
        "ext_community=0x4300000000000001", "ext_community =~ 'rt'", "origin={igp, incomplete}",
        "med=0", "rpki=unknown"}) {
    SCOPED_TRACE(test);
    const auto once = route_tests_of(
        parsed("outbound = rib(" + std::string(test) + ") >> fwd(B)").policy.outbound);
    ASSERT_EQ(once.size(), 1U);
    const auto again = route_tests_of(
        parsed("outbound = rib(" + once[0].tests->text + ") >> fwd(B)").policy.outbound);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(*once[0].tests, *again[0].tests) << once[0].tests->text;
    EXPECT_EQ(once[0].tests->text, again[0].tests->text);
  }
}

}  // namespace
}  // namespace fabrix::policy
