#include "analyzer/kernel_target.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "tests/io/world.h"

namespace fabrix::analyzer {
namespace {

using io::testing::ip;
using io::testing::prefix;
using Kind = telemetry::RouteChange::Kind;

class KernelTargetTest : public io::testing::CableTest {
 protected:
  void SetUp() override {
    CableTest::SetUp();
    if (IsSkipped()) return;
    auto target = KernelTarget::open({.table = 4243, .network_namespace = near_->name()});
    ASSERT_TRUE(target) << target.error().message;
    target_ = *std::move(target);
  }

  static telemetry::RouteChange change(Kind kind, const std::string& to, const std::string& by) {
    return {.kind = kind, .prefix = prefix(to), .next_hop = ip(by)};
  }

  std::string there() {
    auto list = target_->list();
    EXPECT_TRUE(list) << list.error().message;
    std::ranges::sort(*list);
    std::string text;
    for (const auto& [to, by] : *list) text += to.to_string() + " " + by.to_string() + "; ";
    return text;
  }

  std::unique_ptr<KernelTarget> target_;
};

TEST_F(KernelTargetTest, HasWhatItWasTold) {
  EXPECT_EQ(there(), "");
  EXPECT_TRUE(target_
                  ->change(std::vector{change(Kind::kAdd, "203.0.113.0/24", "192.0.2.2"),
                                       change(Kind::kAdd, "2001:db8:2::/48", "2001:db8::2")})
                  .empty());
  EXPECT_EQ(there(), "203.0.113.0/24 192.0.2.2; 2001:db8:2::/48 2001:db8::2; ");
  EXPECT_TRUE(target_
                  ->change(std::vector{change(Kind::kRemove, "2001:db8:2::/48", "::"),
                                       change(Kind::kReplace, "203.0.113.0/24", "192.0.2.3")})
                  .empty());
  EXPECT_EQ(there(), "203.0.113.0/24 192.0.2.3; ");
}

// What goes the wrong way is worse than the default route.
TEST_F(KernelTargetTest, WhatCannotBeReplacedGoes) {
  target_->change(std::vector{change(Kind::kAdd, "203.0.113.0/24", "192.0.2.2")});
  const auto refused =
      target_->change(std::vector{change(Kind::kReplace, "203.0.113.0/24", "172.16.0.1"),
                                  change(Kind::kAdd, "203.0.114.0/24", "172.16.0.1")});
  ASSERT_EQ(refused.size(), 2U);
  EXPECT_EQ(refused[0].prefix, prefix("203.0.113.0/24"));
  EXPECT_NE(refused[0].why, "");
  EXPECT_EQ(refused[1].prefix, prefix("203.0.114.0/24"));
  EXPECT_EQ(there(), "");
}

TEST_F(KernelTargetTest, NeedsItsNamespace) {
  EXPECT_FALSE(KernelTarget::open({.network_namespace = "fxt-there-is-none"}));
}

}  // namespace
}  // namespace fabrix::analyzer
