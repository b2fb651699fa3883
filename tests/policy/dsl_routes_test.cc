#include "policy/dsl_routes.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::dsl_test {
namespace {

// NOLINTNEXTLINE(google-build-using-namespace): what the header asks for.
using namespace policy::dsl;

void expect_same(const Filter& built, const std::string& text) {
  SCOPED_TRACE(text);
  const Sections sections{.outbound = built >> fwd("B")};
  const auto checked = check(sections, "A", policy::world("A"));
  ASSERT_TRUE(checked) << policy::rendered(checked.error(), to_text(sections));
  EXPECT_EQ(policy::clauses_of(checked->policy.outbound), policy::outbound(text + " >> fwd(B)"));
}

TEST(DslRoutesTest, AskRoutesAsTheTextDoes) {
  expect_same(rib(route::community = "64500:666"), "rib(community=64500:666)");
  expect_same(rib(route::as_path.matches("_64501_"), route::rpki != "invalid"),
              "rib(as_path =~ \"_64501_\", rpki!=invalid)");
  expect_same(rib(route::community.matches("^64500:'")), "rib(community =~ \"^64500:'\")");
  expect_same(rib(route::large_community = "64500:1:2"), "rib(large_community=64500:1:2)");
  expect_same(rib(route::ext_community = "rt:64500:1"), "rib(ext_community=\"rt:64500:1\")");
  expect_same(rib(route::med <= 99, route::as_path_len < 5), "rib(med<=99, as_path_len<5)");
  expect_same(rib(route::origin_as = {64500, 64501}), "rib(origin_as={64500, 64501})");
  expect_same(rib(route::neighbor_as = "AS64500"), "rib(neighbor_as=AS64500)");
  expect_same(rib(route::origin = "igp", route::prefix_len >= 24),
              "rib(origin=igp, prefix_len>=24)");
  expect_same(rib(route::prefix.in({"10.0.0.0/8", "2001:db8::/32"})),
              "rib(prefix in [10.0.0.0/8, 2001:db8::/32])");
  expect_same(match(dstport = 80) & ~src_rib(route::rpki = "invalid"),
              "(match(dstport=80) & ~src_rib(rpki=invalid))");
  expect_same(best_via("C"), "best_via(C)");
}

TEST(DslRoutesTest, AreRefusedAsTheTextIs) {
  const auto checked =
      check({.outbound = rib(route::as_path.matches("12[3")) >> drop}, "A", policy::world("A"));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().front().code, "P0222");
}

}  // namespace
}  // namespace fabrix::dsl_test
