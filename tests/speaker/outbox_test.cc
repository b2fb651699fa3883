#include "speaker/outbox.h"

#include <gtest/gtest.h>

#include "bgp/message_splitter.h"
#include "bgp/session_negotiation.h"
#include "tests/speaker/far_router.h"

namespace fabrix::speaker {
namespace {

using testing::attributes_of;
using testing::ip;
using testing::prefix;
using testing::rule_of;

constexpr bgp::FamilySet kBoth{.ipv4 = true, .ipv6 = true};

class OutboxTest : public ::testing::Test {
 protected:
  void begin(bgp::FamilySet families = kBoth, bgp::FamilySet flowspec = kBoth) {
    agreed_.families = families;
    agreed_.flowspec = flowspec;
    outbox_.begin(net::Asn{64500}, agreed_);
  }

  // All that is to be said, as texts; of a family's end "end".
  std::vector<std::string> said() {
    std::vector<std::string> texts;
    for (auto messages = outbox_.next(); !messages.empty(); messages = outbox_.next()) {
      std::span<const std::byte> rest = messages;
      for (auto message = splitter_.next(rest).value(); message;
           message = splitter_.next(rest).value()) {
        ++messages_;
        say(bgp::decode_update(message->body, bgp::update_options(agreed_)).value(), texts);
      }
    }
    return texts;
  }

  static void say(const bgp::UpdateMessage& update, std::vector<std::string>& texts) {
    for (const auto& gone : update.withdrawn) texts.push_back("-" + gone.to_string());
    for (const auto& announced : update.announced) {
      for (const auto& each : announced.prefixes) {
        texts.push_back(each.to_string() + " via " + announced.next_hop.to_string() + " by " +
                        update.attributes->as_path.to_string());
      }
    }
    for (const auto& rules : update.flowspec) {
      for (const auto& rule : rules.withdrawn) texts.push_back("-" + rule.to_string());
      for (const auto& rule : rules.announced) texts.push_back(rule.to_string());
      if (rules.end_of_rib) texts.emplace_back("end");
    }
    for (std::size_t i = 0; i < update.end_of_rib.size(); ++i) texts.emplace_back("end");
  }

  void announce(const char* what, const char* next_hop = "192.0.2.1") {
    outbox_.announce(prefix(what), {ip(next_hop), attributes_of({65001})});
  }

  bgp::Negotiated agreed_;
  Outbox outbox_;
  bgp::MessageSplitter splitter_;
  std::size_t messages_ = 0;
};

using Texts = std::vector<std::string>;

TEST_F(OutboxTest, NothingIsSaidBeforeASession) {
  announce("10.0.0.0/8");
  EXPECT_EQ(outbox_.route_count(), 1U);
  begin();
  EXPECT_EQ(said(), (Texts{"10.0.0.0/8 via 192.0.2.1 by 64500 65001", "end", "end", "end", "end"}));
  EXPECT_EQ(said(), Texts{});
}

TEST_F(OutboxTest, WhatChangesSeveralTimesIsSaidOnce) {
  begin();
  said();
  announce("10.0.0.0/8");
  announce("10.0.0.0/8", "192.0.2.2");
  announce("11.0.0.0/8");
  EXPECT_TRUE(outbox_.withdraw(prefix("11.0.0.0/8")));
  EXPECT_FALSE(outbox_.withdraw(prefix("12.0.0.0/8")));
  EXPECT_EQ(said(), (Texts{"10.0.0.0/8 via 192.0.2.2 by 64500 65001", "-11.0.0.0/8"}));
  EXPECT_EQ(outbox_.find(prefix("10.0.0.0/8"))->next_hop, ip("192.0.2.2"));
  EXPECT_EQ(outbox_.find(prefix("11.0.0.0/8")), nullptr);
}

TEST_F(OutboxTest, RoutesWithTheSameAttributesShareAMessage) {
  begin();
  said();
  for (int i = 0; i < 100; ++i) announce(("10." + std::to_string(i) + ".0.0/16").c_str());
  messages_ = 0;
  EXPECT_EQ(said().size(), 100U);
  EXPECT_EQ(messages_, 1U);
}

TEST_F(OutboxTest, RoutesComeBeforeRules) {
  begin();
  outbox_.announce_flow(rule_of("10.0.0.1/32"), {attributes_of({})});
  announce("10.0.0.0/8");
  announce("2001:db8::/32", "2001:db8::1");
  EXPECT_EQ(said().at(2), "dst 10.0.0.1/32, proto =17");
  EXPECT_TRUE(outbox_.has_flow(rule_of("10.0.0.1/32")));
  EXPECT_TRUE(outbox_.withdraw_flow(rule_of("10.0.0.1/32")));
  EXPECT_FALSE(outbox_.withdraw_flow(rule_of("10.0.0.1/32")));
  EXPECT_EQ(said(), Texts{"-dst 10.0.0.1/32, proto =17"});
  EXPECT_EQ(outbox_.flow_count(), 0U);
}

TEST_F(OutboxTest, ARouterHearsOnlyOfWhatItTakes) {
  begin({.ipv4 = true}, {});
  announce("10.0.0.0/8");
  announce("2001:db8::/32", "2001:db8::1");
  outbox_.announce_flow(rule_of("10.0.0.1/32"), {attributes_of({})});
  EXPECT_EQ(said(), (Texts{"10.0.0.0/8 via 192.0.2.1 by 64500 65001", "end"}));
}

TEST_F(OutboxTest, ANewSessionIsToldAllAgain) {
  begin();
  announce("10.0.0.0/8");
  outbox_.announce_flow(rule_of("10.0.0.1/32"), {attributes_of({})});
  const auto all = said();
  begin();
  EXPECT_EQ(said(), all);
}

TEST_F(OutboxTest, Rfc2918_AFamilyIsSaidAgain) {
  begin();
  announce("10.0.0.0/8");
  announce("2001:db8::/32", "2001:db8::1");
  outbox_.announce_flow(rule_of("10.0.0.1/32"), {attributes_of({})});
  said();
  outbox_.repeat(net::Family::kIpv4, bgp::Safi::kUnicast);
  EXPECT_EQ(said(), Texts{"10.0.0.0/8 via 192.0.2.1 by 64500 65001"});
  outbox_.repeat(net::Family::kIpv4, bgp::Safi::kFlowSpec);
  EXPECT_EQ(said(), Texts{"dst 10.0.0.1/32, proto =17"});
  outbox_.repeat(net::Family::kIpv4, bgp::Safi::kMulticast);
  EXPECT_EQ(said(), Texts{});
}

TEST_F(OutboxTest, MoreThanABatchIsSaidInTurns) {
  begin();
  said();
  for (std::uint32_t i = 0; i < 3 * Outbox::kBatch; ++i) {
    announce(("10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24").c_str());
  }
  EXPECT_EQ(said().size(), 3 * Outbox::kBatch);
}

}  // namespace
}  // namespace fabrix::speaker
