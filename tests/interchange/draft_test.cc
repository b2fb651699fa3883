#include "interchange/draft.h"

#include <gtest/gtest.h>

#include "tests/interchange/imports.h"

namespace fabrix::interchange {
namespace {

Draft small() {
  Draft draft;
  draft.source = "source";
  draft.name = "An Exchange";
  draft.asn = net::Asn{65000};
  draft.lan = {net::Prefix::parse("192.0.2.0/24").value()};
  draft.addresses = {*net::IpAddress::parse("192.0.2.250")};
  DraftParticipant member;
  member.name = "A";
  member.asn = net::Asn{65001};
  member.routers.push_back({.mac = net::MacAddress::parse("08:00:27:00:00:01"),
                            .addresses = {*net::IpAddress::parse("192.0.2.1")}});
  draft.participants = {member};
  return draft;
}

TEST(DraftTest, WhatIsKnownIsWrittenAsItIs) {
  const auto imported = finish(small());
  const exchange::Exchange exchange = loaded(imported);
  EXPECT_EQ(exchange.name, "An-Exchange");
  EXPECT_EQ(exchange.router_id.to_string(), "192.0.2.250");
  EXPECT_EQ(exchange.routers.front().mac.to_string(), "08:00:27:00:00:01");
  EXPECT_TRUE(imported->remarks.empty());
}

TEST(DraftTest, MacAddressesThatNoRouterMayHaveAreReplaced) {
  for (const std::string_view mac :
       {"02:00:00:00:00:01", "01:00:5e:00:00:01", "00:00:00:00:00:00"}) {
    Draft draft = small();
    draft.participants[0].routers[0].mac = net::MacAddress::parse(mac);
    const auto imported = finish(draft);
    EXPECT_TRUE(loaded(imported).routers.front().mac.to_string().starts_with("00:00:5e:f")) << mac;
    EXPECT_TRUE(mentions(imported->remarks, "1 MAC addresses"));
  }
}

TEST(DraftTest, OfTwoWithOneMacAddressTheSecondGetsAPlaceholder) {
  Draft draft = small();
  draft.participants.push_back(draft.participants[0]);
  draft.participants[1].routers[0].addresses = {*net::IpAddress::parse("192.0.2.2")};
  const exchange::Exchange exchange = loaded(finish(draft));
  EXPECT_EQ(exchange.routers[0].mac.to_string(), "08:00:27:00:00:01");
  EXPECT_TRUE(exchange.routers[1].mac.to_string().starts_with("00:00:5e:f"));
  EXPECT_EQ(exchange.participants[1].name, "A-2");
}

TEST(DraftTest, AnEmptyExchangeIsOneToo) {
  Draft draft;
  draft.asn = net::Asn{65000};
  const exchange::Exchange exchange = loaded(finish(draft));
  EXPECT_TRUE(exchange.participants.empty());
  EXPECT_EQ(exchange.peering_lan.front().to_string(), "192.0.2.0/24");
}

TEST(DraftTest, SettingsAreThoseOfTheConfiguration) {
  Draft draft = small();
  draft.preset = exchange::PolicyPreset::kIxp;
  draft.session = {{"gtsm", "true"}};
  draft.import = {{"max_prefix.ipv4", "7"}};
  draft.participants[0].import = {{"max_prefix.ipv4", "8"}};
  const exchange::Exchange exchange = loaded(finish(draft));
  EXPECT_TRUE(exchange.route_server.session.gtsm);
  EXPECT_EQ(exchange.route_server.import.limit.ipv4, 7U);
  EXPECT_EQ(exchange.participants[0].import.limit.ipv4, 8U);
}

TEST(DraftTest, AContradictionIsRefused) {
  Draft draft = small();
  draft.addresses = draft.participants[0].routers[0].addresses;
  const auto imported = finish(draft);
  ASSERT_FALSE(imported);
  EXPECT_TRUE(mentions(imported.error(), "192.0.2.1 is already that of the route server"));
}

}  // namespace
}  // namespace fabrix::interchange
