#include "speaker/speaker.h"

#include <gtest/gtest.h>

#include "tests/speaker/speaker_world.h"

namespace fabrix::speaker {
namespace {

using testing::attributes_of;
using testing::far_config;
using testing::ip;
using testing::kRouter;
using testing::neighbor;
using testing::prefix;
using testing::rule_of;

using SpeakerTest = testing::SpeakerWorld;

TEST_F(SpeakerTest, HearsARoutersTable) {
  ASSERT_TRUE(speaker_->add(neighbor()));
  const auto far = dial(far_config(65001));
  ASSERT_TRUE(is_up(*far));
  far->announce(ip("192.0.2.1"), *attributes_of({65001}),
                {prefix("10.0.0.0/8"), prefix("11.0.0.0/8")});
  far->announce(ip("2001:db8::1"), *attributes_of({65001}), {prefix("2001:db8::/32")});
  ASSERT_TRUE(wait([&] { return heard_.size() == 3; }));
  bgp::UpdateMessage gone;
  gone.withdrawn = {prefix("10.0.0.0/8")};
  far->send(gone);
  EXPECT_TRUE(wait([&] { return heard_.size() == 2; }));
  const auto view = speaker_->view(kRouter);
  EXPECT_EQ(view->peer_as, 65001U);
  EXPECT_EQ(view->peer_identifier, 0x0a000002U);
  EXPECT_EQ(view->updates_in, 3U);
  EXPECT_EQ(view->families, (bgp::FamilySet{.ipv4 = true, .ipv6 = true}));
}

TEST_F(SpeakerTest, TellsARouterWhatIsAnnouncedToIt) {
  ASSERT_TRUE(speaker_->add(neighbor()));
  const auto route = Announcement{ip("192.0.2.9"), attributes_of({}, {bgp::kBlackhole})};
  ASSERT_TRUE(speaker_->announce(kRouter, prefix("198.51.100.7/32"), route));
  bgp::SessionConfig config = far_config(65001);
  config.flowspec = {.ipv4 = true};
  const auto far = dial(config);
  ASSERT_TRUE(wait([&] { return far->routes.contains(prefix("198.51.100.7/32")); }));
  const auto& told = far->routes.at(prefix("198.51.100.7/32"));
  EXPECT_EQ(told.next_hop, ip("192.0.2.9"));
  EXPECT_EQ(told.attributes, bgp::PathAttributes(*attributes_of({64500}, {bgp::kBlackhole})));

  ASSERT_TRUE(speaker_->announce_flow(kRouter, rule_of("198.51.100.7/32"), {attributes_of({})}));
  ASSERT_TRUE(wait([&] { return far->flows.contains("dst 198.51.100.7/32, proto =17"); }));
  EXPECT_EQ(speaker_->route_count(kRouter), 1U);
  EXPECT_EQ(speaker_->flow_count(kRouter), 1U);
  EXPECT_TRUE(speaker_->withdraw(kRouter, prefix("198.51.100.7/32")));
  EXPECT_TRUE(speaker_->withdraw_flow(kRouter, rule_of("198.51.100.7/32")));
  EXPECT_TRUE(wait([&] { return far->routes.empty() && far->flows.empty(); }));
  EXPECT_FALSE(speaker_->withdraw(kRouter, prefix("198.51.100.7/32")));
  EXPECT_EQ(speaker_->view(kRouter)->routes_added, 1U);
  EXPECT_EQ(speaker_->view(kRouter)->routes_removed, 1U);
}

TEST_F(SpeakerTest, ARouterOfOurOwnAsIsToldItsPreference) {
  ASSERT_TRUE(speaker_->add(neighbor()));
  bgp::PathAttributes attributes = *attributes_of({65009});
  attributes.local_pref = 250;
  attributes.med = 7;
  ASSERT_TRUE(speaker_->announce(
      kRouter, prefix("10.0.0.0/8"),
      {ip("192.0.2.9"), std::make_shared<const bgp::PathAttributes>(attributes)}));
  const auto far = dial(far_config(64500));
  ASSERT_TRUE(wait([&] { return far->routes.contains(prefix("10.0.0.0/8")); }));
  EXPECT_EQ(far->routes.at(prefix("10.0.0.0/8")).attributes, attributes);
}

TEST_F(SpeakerTest, WhatIsAnnouncedIsToldAgainInTheNextSession) {
  ASSERT_TRUE(speaker_->add(neighbor()));
  const auto first = dial(far_config(65001));
  ASSERT_TRUE(is_up(*first));
  for (int i = 0; i < 3000; ++i) {
    const auto each =
        prefix("10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24");
    ASSERT_TRUE(speaker_->announce(kRouter, each, {ip("192.0.2.9"), attributes_of({65009})}));
  }
  ASSERT_TRUE(wait([&] { return first->routes.size() == 3000; }));
  first->hang_up();
  ASSERT_TRUE(wait([&] { return log_.size() == 2; }));
  const auto second = dial(far_config(65001));
  ASSERT_TRUE(wait([&] { return second->routes.size() == 3000; }));
  second->refresh(net::Family::kIpv4);
  EXPECT_TRUE(wait([&] { return second->announced == 6000; }));
}

TEST_F(SpeakerTest, NobodyElseMayConnect) {
  const auto stranger = dial(far_config(65001));
  ASSERT_TRUE(wait([&] { return stranger->down().has_value(); }));
  EXPECT_FALSE(stranger->told().has_value());
  EXPECT_EQ(speaker_->view(kRouter), std::nullopt);
}

TEST_F(SpeakerTest, ARouterThatIsRemovedIsTold) {
  ASSERT_TRUE(speaker_->add(neighbor()));
  const auto far = dial(far_config(65001));
  ASSERT_TRUE(is_up(*far));
  EXPECT_TRUE(speaker_->remove(kRouter));
  EXPECT_FALSE(speaker_->remove(kRouter));
  EXPECT_EQ(log_.back(), "close 127.0.0.2");
  ASSERT_TRUE(wait([&] { return far->told().has_value(); }));
  EXPECT_EQ(far->told()->code, (bgp::NotificationCode{6, 3}));
  EXPECT_FALSE(
      speaker_->announce(kRouter, prefix("10.0.0.0/8"), {ip("192.0.2.9"), attributes_of({})}));
}

TEST_F(SpeakerTest, HandlersMayRemoveTheRouterThatTheyAreToldOf) {
  ASSERT_TRUE(speaker_->add(neighbor()));
  on_open_ = [this] { speaker_->remove(kRouter); };
  const auto far = dial(far_config(65001));
  ASSERT_TRUE(wait([&] { return far->told().has_value(); }));
  EXPECT_EQ(log_, (std::vector<std::string>{"open 127.0.0.2", "close 127.0.0.2"}));
}

TEST_F(SpeakerTest, RefusesWhatIsNoRouterAndWhatIsTooMuch) {
  const auto refused = [&](const std::function<void(NeighborOptions&)>& change) {
    NeighborOptions options = neighbor();
    change(options);
    return !speaker_->add(options);
  };
  EXPECT_TRUE(refused([](auto& options) { options.local_as = net::Asn{0}; }));
  EXPECT_TRUE(refused([](auto& options) { options.identifier = 0; }));
  EXPECT_TRUE(refused([](auto& options) { options.hold_time = std::chrono::seconds(2); }));
  EXPECT_TRUE(refused([](auto& options) { options.password = std::string(81, 'x'); }));
  EXPECT_TRUE(refused([](auto& options) { options.families = options.flowspec = {}; }));
  for (std::uint8_t i = 0; i < Speaker::kMaxNeighbors; ++i) {
    EXPECT_TRUE(speaker_->add(neighbor(net::IpAddress::v4({127, 0, 1, i}))));
  }
  EXPECT_FALSE(speaker_->add(neighbor()));
  EXPECT_EQ(speaker_->views().size(), Speaker::kMaxNeighbors);
}

TEST_F(SpeakerTest, FlowSpecificationsOfARouterAreBounded) {
  ASSERT_TRUE(speaker_->add(neighbor()));
  const auto rule = [](std::size_t i) {
    return rule_of("10." + std::to_string(i / 65536) + "." + std::to_string(i / 256 % 256) + "." +
                   std::to_string(i % 256) + "/32");
  };
  for (std::size_t i = 0; i < Speaker::kMaxFlows; ++i) {
    ASSERT_TRUE(speaker_->announce_flow(kRouter, rule(i), {attributes_of({})}));
  }
  EXPECT_FALSE(speaker_->announce_flow(kRouter, rule(Speaker::kMaxFlows), {attributes_of({})}));
  EXPECT_TRUE(speaker_->announce_flow(kRouter, rule(0), {attributes_of({65001})}));
}

TEST_F(SpeakerTest, ListensElsewhereAndSessionsStay) {
  ASSERT_TRUE(speaker_->add(neighbor()));
  const auto far = dial(far_config(65001));
  ASSERT_TRUE(is_up(*far));
  EXPECT_FALSE(speaker_->listen(io::IpEndpoint{.address = ip("192.0.2.200"), .port = 0}));
  EXPECT_TRUE(speaker_->listening().has_value());
  EXPECT_TRUE(speaker_->listen(std::nullopt));
  EXPECT_EQ(speaker_->listening(), std::nullopt);
  EXPECT_TRUE(far->is_established());
}

}  // namespace
}  // namespace fabrix::speaker
