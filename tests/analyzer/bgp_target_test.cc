#include "analyzer/bgp_target.h"

#include <string>

#include <gtest/gtest.h>

#include "io/event_loop.h"

namespace fabrix::analyzer {
namespace {

using Kind = telemetry::RouteChange::Kind;

const net::IpAddress kRouter = net::IpAddress::v4({192, 0, 2, 1});

telemetry::RouteChange change(Kind kind, std::string_view to, std::string_view by = "0.0.0.0") {
  return {.kind = kind,
          .prefix = net::Prefix::parse(to).value(),
          .next_hop = net::IpAddress::parse(by).value()};
}

class BgpTargetTest : public testing::Test {
 protected:
  void add_neighbor() {
    const auto added =
        speaker_.add({.address = kRouter, .local_as = net::Asn{64500}, .identifier = 1});
    ASSERT_TRUE(added) << added.error().message;
  }

  std::string there() {
    std::string text;
    const auto list = target_.list();
    EXPECT_TRUE(list);
    for (const auto& [to, by] : *list) text += to.to_string() + " " + by.to_string() + "; ";
    return text;
  }

  io::EventLoop loop_;
  speaker::Speaker speaker_{loop_, {}};
  BgpTarget target_{speaker_, kRouter};
};

TEST_F(BgpTargetTest, TellsTheRouterAndNobodyElse) {
  add_neighbor();
  EXPECT_TRUE(target_
                  .change(std::vector{change(Kind::kAdd, "10.1.0.0/16", "192.0.2.7"),
                                      change(Kind::kAdd, "10.2.0.0/16", "192.0.2.7"),
                                      change(Kind::kReplace, "10.1.0.0/16", "192.0.2.8")})
                  .empty());
  EXPECT_EQ(there(), "10.1.0.0/16 192.0.2.8; 10.2.0.0/16 192.0.2.7; ");
  const auto* const told = speaker_.announced(kRouter, net::Prefix::parse("10.1.0.0/16").value());
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->next_hop, net::IpAddress::v4({192, 0, 2, 8}));
  EXPECT_EQ(told->attributes->communities, std::vector{bgp::kNoAdvertise});
  EXPECT_TRUE(target_.change(std::vector{change(Kind::kRemove, "10.1.0.0/16")}).empty());
  EXPECT_EQ(there(), "10.2.0.0/16 192.0.2.7; ");
  EXPECT_EQ(speaker_.route_count(kRouter), 1U);
}

TEST_F(BgpTargetTest, WhatTheRouterCannotBeToldIsRefused) {
  auto refused = target_.change(std::vector{change(Kind::kAdd, "10.1.0.0/16", "192.0.2.7")});
  ASSERT_EQ(refused.size(), 1U) << "there is no such router";
  add_neighbor();
  target_.change(std::vector{change(Kind::kAdd, "10.1.0.0/16", "192.0.2.7")});
  refused = target_.change(std::vector{change(Kind::kReplace, "10.1.0.0/16", "2001:db8::1")});
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_NE(refused[0].why, "");
  EXPECT_EQ(there(), "");
  EXPECT_EQ(speaker_.route_count(kRouter), 0U);
}

TEST_F(BgpTargetTest, ARouterThatWasAddedAnewIsToldNothing) {
  add_neighbor();
  target_.change(std::vector{change(Kind::kAdd, "10.1.0.0/16", "192.0.2.7")});
  speaker_.remove(kRouter);
  EXPECT_EQ(there(), "");
}

}  // namespace
}  // namespace fabrix::analyzer
