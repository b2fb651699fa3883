#include "bgp/update_message.h"

#include <unordered_set>

#include <gtest/gtest.h>

#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

using enum AttributeError;

constexpr UpdateOptions kIpv4Only{.families = {.ipv4 = true, .ipv6 = false}};
constexpr UpdateOptions kIpv6Only{.families = {.ipv4 = false, .ipv6 = true}};

Result<UpdateMessage, UpdateReset> decode(const Bytes& body,
                                          const UpdateOptions& options = kBothFamilies) {
  return decode_update(body, options);
}

TEST(UpdateMessageTest, DecodesEveryAttributeOfAnIpv4Route) {
  const Bytes attributes = join({
      attribute(0x40, 1, bytes({2})),
      attribute(0x40, 2, bytes({2, 2, 0, 0, 0xfb, 0xf4, 0xfa, 0x56, 0xea, 0, 1, 1, 0, 0, 0, 7})),
      next_hop(),
      attribute(0x80, 4, bytes({0, 0, 0, 50})),
      attribute(0x40, 6, {}),
      attribute(0xc0, 7, bytes({0, 0, 0xfb, 0xf4, 192, 0, 2, 9})),
      attribute(0xc0, 8, bytes({0xfb, 0xf4, 0, 1, 0xff, 0xff, 0, 0})),
      attribute(0xc0, 16, bytes({0x43, 0, 0, 0, 0, 0, 0, 1})),
      attribute(0xc0, 32, bytes({0, 0, 0xfb, 0xf4, 0, 0, 0, 1, 0, 0, 0, 2})),
      attribute(0xc0, 35, bytes({0, 0, 0xfb, 0xf5})),
  });
  const auto update = decode(update_body({}, attributes, nlri()));
  ASSERT_TRUE(update) << update.error().reason;
  const Announcement expected{.family = net::Family::kIpv4,
                              .next_hop = address("192.0.2.1"),
                              .prefixes = {prefix("198.51.100.0/24")}};
  EXPECT_EQ(update->announced, std::vector{expected});
  ASSERT_TRUE(update->attributes);
  const PathAttributes& got = *update->attributes;
  EXPECT_EQ(got.origin, Origin::kIncomplete);
  EXPECT_EQ(got.as_path.to_string(), "64500 4200000000 {7}");
  EXPECT_EQ(got.med, 50U);
  EXPECT_TRUE(got.atomic_aggregate);
  EXPECT_EQ(got.aggregator, (Aggregator{net::Asn{64500}, address("192.0.2.9")}));
  EXPECT_EQ(got.communities, (std::vector{community(64500, 1), kGracefulShutdown}));
  EXPECT_EQ(got.extended_communities, std::vector{ExtendedCommunity{0x4300000000000001}});
  EXPECT_EQ(got.large_communities, (std::vector{LargeCommunity{64500, 1, 2}}));
  EXPECT_EQ(got.only_to_customer, net::Asn{64501});
  EXPECT_TRUE(update->discarded.empty());
}

TEST(UpdateMessageTest, Rfc4760_3_DecodesIpv6RoutesAndWithdrawals) {
  const auto update =
      decode(update_body({}, join({mp_reach(), origin(), as_path(), mp_unreach()}), {}));
  ASSERT_TRUE(update);
  const Announcement expected{.family = net::Family::kIpv6,
                              .next_hop = address("2001:db8::1"),
                              .prefixes = {prefix("2001:db8:1::/48")}};
  EXPECT_EQ(update->announced, std::vector{expected});
  EXPECT_EQ(update->withdrawn, std::vector{prefix("2001:db8:2::/48")});
}

TEST(UpdateMessageTest, DecodesIpv4RoutesInMpReach) {
  const Bytes value = bytes({0, 1, 1, 4, 192, 0, 2, 7, 0, 24, 203, 0, 113});
  const auto update =
      decode(update_body({}, join({attribute(0x80, 14, value), origin(), as_path()}), {}));
  ASSERT_TRUE(update);
  ASSERT_EQ(update->announced.size(), 1U);
  EXPECT_EQ(update->announced[0].next_hop, address("192.0.2.7"));
  EXPECT_EQ(update->announced[0].prefixes, std::vector{prefix("203.0.113.0/24")});
}

TEST(UpdateMessageTest, OneUpdateCarriesRoutesOfBothFamilies) {
  const auto update = decode(update_body({}, join({mp_reach(), mandatory()}), nlri()));
  ASSERT_TRUE(update);
  ASSERT_EQ(update->announced.size(), 2U);
  EXPECT_EQ(update->announced[0].family, net::Family::kIpv6);
  EXPECT_EQ(update->announced[1].family, net::Family::kIpv4);
}

TEST(UpdateMessageTest, WithdrawnAndAnnouncedRoutesBothTakeEffect) {
  const Bytes other = bytes({24, 203, 0, 113});
  const auto update = decode(update_body(other, mandatory(), nlri()));
  ASSERT_TRUE(update);
  EXPECT_EQ(update->withdrawn, std::vector{prefix("203.0.113.0/24")});
  ASSERT_EQ(update->announced.size(), 1U);
}

TEST(UpdateMessageTest, Rfc4271_4_3_APrefixInBothFieldsCountsAsAnnounced) {
  const Bytes other = bytes({24, 203, 0, 113});
  const auto update = decode(update_body(join({nlri(), other}), mandatory(), nlri()));
  ASSERT_TRUE(update);
  EXPECT_EQ(update->withdrawn, std::vector{prefix("203.0.113.0/24")});
}

TEST(UpdateMessageTest, Rfc7606_2_TreatAsWithdrawBeatsTheAnnouncementOfTheSamePrefix) {
  const auto update = decode(update_body(nlri(), join({as_path(), next_hop()}), nlri()));
  ASSERT_TRUE(update);
  EXPECT_TRUE(update->announced.empty());
  EXPECT_FALSE(update->withdrawn.empty());
}

TEST(UpdateMessageTest, Rfc7606_3_d_MissingMandatoryAttributesWithdraw) {
  const struct {
    const char* what;
    Bytes attributes;
    Bytes nlri;
    std::vector<int> missing;
  } rows[] = {
      {"ORIGIN", join({as_path(), next_hop()}), nlri(), {1}},
      {"AS_PATH", join({origin(), next_hop()}), nlri(), {2}},
      {"NEXT_HOP", join({origin(), as_path()}), nlri(), {3}},
      {"all", {}, nlri(), {1, 2, 3}},
      {"ORIGIN beside MP_REACH", join({mp_reach(), as_path()}), {}, {1}},
      {"NEXT_HOP beside MP_REACH", join({mp_reach(), origin(), as_path()}), nlri(), {3}},
  };
  for (const auto& [what, attributes, routes, missing] : rows) {
    SCOPED_TRACE(what);
    const auto update = decode(update_body({}, attributes, routes));
    ASSERT_TRUE(update);
    EXPECT_TRUE(update->announced.empty());
    EXPECT_FALSE(update->withdrawn.empty());
    std::vector<int> got;
    for (const AttributeProblem& problem : update->treated_as_withdraw) {
      EXPECT_EQ(problem.error, kMissing);
      got.push_back(problem.type);
    }
    EXPECT_EQ(got, missing);
  }
}

TEST(UpdateMessageTest, Rfc7606_5_3_ResetsWhenTheRoutesCannotBeTrusted) {
  const struct {
    const char* what;
    Bytes body;
    NotificationCode code;
  } rows[] = {
      {"empty body", {}, {3, 1}},
      {"withdrawn length exceeds the message", bytes({0, 1, 0, 0}), {3, 1}},
      {"withdrawn length leaves no attribute length", bytes({0, 2, 0, 0, 0}), {3, 1}},
      {"attribute length exceeds the message", bytes({0, 0, 0, 1}), {3, 1}},
      {"withdrawn prefix of 33 bits", update_body(bytes({33, 1, 2, 3, 4, 5}), {}, {}), {3, 10}},
      {"withdrawn prefix cut short", update_body(bytes({24, 1, 2}), {}, {}), {3, 10}},
      {"NLRI prefix of 33 bits", update_body({}, mandatory(), bytes({33, 1, 2, 3, 4, 5})), {3, 10}},
      {"NLRI prefix cut short", update_body({}, mandatory(), bytes({24, 1, 2})), {3, 10}},
      {"NLRI prefix of 255 bits", update_body({}, mandatory(), bytes({255})), {3, 10}},
      {"bad NLRI after a bad ORIGIN: the strongest wins",
       update_body({}, join({attribute(0x40, 1, bytes({9})), as_path(), next_hop()}), bytes({33})),
       {3, 10}},
  };
  for (const auto& [what, body, code] : rows) {
    SCOPED_TRACE(what);
    const auto update = decode(body);
    ASSERT_FALSE(update);
    EXPECT_EQ(update.error().notification.code, code);
  }
}

TEST(UpdateMessageTest, Rfc7606_4_AttributesThatEndEarlyWithdrawTheRoutesBehindThem) {
  const struct {
    const char* what;
    Bytes tail;
  } rows[] = {
      {"1 octet left", bytes({0xc0})},
      {"2 octets left", bytes({0xc0, 8})},
      {"3 octets left with an extended length", bytes({0xd0, 8, 0})},
      {"last attribute overruns by 1", bytes({0xc0, 8, 4, 1, 2, 3})},
      {"last attribute overruns by far", bytes({0xd0, 8, 0xff, 0xff, 1, 2, 3})},
  };
  for (const auto& [what, tail] : rows) {
    SCOPED_TRACE(what);
    const auto update = decode(update_body({}, join({mandatory(), tail}), nlri()));
    ASSERT_TRUE(update);
    ASSERT_EQ(update->treated_as_withdraw.size(), 1U);
    EXPECT_EQ(update->treated_as_withdraw[0].error, kMalformedList);
    EXPECT_EQ(update->withdrawn, std::vector{prefix("198.51.100.0/24")});
  }
}

TEST(UpdateMessageTest, Rfc7606_5_2_AttributeErrorsWithoutReachableRoutesReset) {
  // RFC 7606 §5.2: what should be withdrawn may be hidden by the error.
  const struct {
    const char* what;
    Bytes body;
    NotificationCode code;
  } rows[] = {
      {"cut short", update_body({}, join({mandatory(), bytes({0xc0})}), {}), {3, 1}},
      {"bad ORIGIN", update_body({}, attribute(0x40, 1, bytes({9})), {}), {3, 6}},
      {"bad flags", update_body({}, attribute(0x00, 1, bytes({0})), {}), {3, 4}},
      {"bad MED", update_body({}, attribute(0x80, 4, bytes({0})), {}), {3, 5}},
      {"bad AS_PATH", update_body({}, attribute(0x40, 2, bytes({9})), {}), {3, 11}},
      {"unknown well-known", update_body({}, attribute(0x40, 77, {}), {}), {3, 2}},
      {"only withdrawals",
       update_body(nlri(), join({mp_unreach(), attribute(0x40, 1, bytes({9}))}), {}),
       {3, 6}},
  };
  for (const auto& [what, body, code] : rows) {
    SCOPED_TRACE(what);
    const auto update = decode(body);
    ASSERT_FALSE(update);
    EXPECT_EQ(update.error().notification.code, code);
  }
}

TEST(UpdateMessageTest, Rfc4271_6_3_AResetCarriesTheAttributeItIsAboutAndNoOther) {
  const Bytes bad = attribute(0x40, 1, bytes({9}));
  const Bytes med = attribute(0x80, 4, Bytes(4));
  for (const Bytes& attributes : {bad, join({med, bad}), join({bad, med})}) {
    const auto update = decode(update_body({}, attributes, {}));
    ASSERT_FALSE(update);
    EXPECT_EQ(update.error().notification.data, bad);
  }
}

TEST(UpdateMessageTest, DiscardedAttributesWithoutRoutesAreNoReasonToReset) {
  const auto update = decode(update_body({}, attribute(0xc0, 99, Bytes(20)), {}));
  ASSERT_TRUE(update);
  EXPECT_EQ(update->discarded.size(), 1U);
  EXPECT_TRUE(update->end_of_rib.empty());
}

TEST(UpdateMessageTest, Rfc4724_2_RecognizesEndOfRib) {
  using net::Family;
  const Bytes empty_unreach = attribute(0x80, 15, bytes({0, 2, 1}));
  const struct {
    const char* what;
    Bytes body;
    UpdateOptions options;
    std::vector<Family> expected;
  } rows[] = {
      {"IPv4", update_body({}, {}, {}), kBothFamilies, {Family::kIpv4}},
      {"IPv6", update_body({}, empty_unreach, {}), kBothFamilies, {Family::kIpv6}},
      {"IPv4 in MP_UNREACH",
       update_body({}, attribute(0x80, 15, bytes({0, 1, 1})), {}),
       kBothFamilies,
       {Family::kIpv4}},
      {"IPv4 not negotiated", update_body({}, {}, {}), kIpv6Only, {}},
      {"IPv6 not negotiated", update_body({}, empty_unreach, {}), kIpv4Only, {}},
      {"with another attribute",
       update_body({}, join({empty_unreach, origin()}), {}),
       kBothFamilies,
       {}},
      {"with a withdrawn route", update_body(nlri(), empty_unreach, {}), kBothFamilies, {}},
  };
  for (const auto& [what, body, options, expected] : rows) {
    SCOPED_TRACE(what);
    const auto update = decode(body, options);
    ASSERT_TRUE(update);
    EXPECT_EQ(update->end_of_rib, expected);
  }
}

TEST(UpdateMessageTest, Rfc4724_2_AnEndOfRibCutShortIsNone) {
  const Bytes empty_unreach = attribute(0x80, 15, bytes({0, 2, 1}));
  const auto update = decode(update_body({}, join({empty_unreach, bytes({0x40})}), {}));
  ASSERT_FALSE(update);
  EXPECT_EQ(update.error().notification.code, (NotificationCode{3, 1}));
}

TEST(UpdateMessageTest, AFamilyThatIsIgnoredTwiceIsNamedOnce) {
  const auto update =
      decode(update_body({}, join({mp_reach(), origin(), as_path(), mp_unreach()}), {}), kIpv4Only);
  ASSERT_TRUE(update);
  const Multiprotocol ipv6{.afi = 2, .safi = Safi::kUnicast};
  EXPECT_EQ(update->ignored_families, std::vector{ipv6});
}

TEST(UpdateMessageTest, EqualsWhatSaysTheSameWhereverItsAttributesAre) {
  const auto one = [](const Bytes& withdrawn, const Bytes& attributes, const Bytes& routes) {
    return decode(update_body(withdrawn, attributes, routes)).value();
  };
  const UpdateMessage route = one({}, mandatory(), nlri());
  EXPECT_EQ(route, one({}, mandatory(), nlri()));
  const UpdateMessage others[] = {
      one({}, {}, {}),
      one({}, join({mandatory(), attribute(0x80, 4, Bytes(4))}), nlri()),
      one(bytes({8, 10}), mandatory(), nlri()),
      one({}, mandatory(), bytes({8, 10})),
      one({}, join({mandatory(), attribute(0xc0, 99, {})}), nlri()),
  };
  for (const UpdateMessage& other : others) EXPECT_FALSE(route == other);
  // The same withdrawal, asked for and as the reaction to a missing attribute (RFC 7606 §2).
  const UpdateMessage withdrawal = one(nlri(), {}, {});
  EXPECT_FALSE(withdrawal == one({}, join({as_path(), next_hop()}), nlri()));
  const UpdateMessage ipv4_done = one({}, {}, {});
  EXPECT_FALSE(ipv4_done == one({}, attribute(0x80, 15, bytes({0, 2, 1})), {}));
  EXPECT_FALSE(UpdateMessage{} == decode(update_body({}, mp_unreach(), {}), kIpv4Only).value());
  EXPECT_FALSE(UpdateMessage{} == UpdateMessage{.flowspec = {FlowSpecRoutes{}}});
}

TEST(UpdateMessageTest, Rfc4760_7_RoutesOfFamiliesNotNegotiatedAreIgnoredAndNamed) {
  const Multiprotocol ipv4{.afi = 1, .safi = Safi::kUnicast};
  const Multiprotocol ipv6{.afi = 2, .safi = Safi::kUnicast};
  const Multiprotocol flow{.afi = 1, .safi = Safi::kFlowSpec};
  const Bytes flow_reach = attribute(0x80, 14, bytes({0, 1, 133, 0, 0, 3, 1, 8, 10}));
  const Bytes flow_all = attribute(0x80, 14, bytes({0, 1, 133, 0, 0, 0}));
  const struct {
    const char* what;
    Bytes body;
    UpdateOptions options;
    Multiprotocol ignored;
  } rows[] = {
      {"IPv6 routes", update_body({}, join({mp_reach(), origin(), as_path()}), {}), kIpv4Only,
       ipv6},
      {"IPv6 withdrawals", update_body({}, mp_unreach(), {}), kIpv4Only, ipv6},
      {"IPv4 routes", update_body({}, mandatory(), nlri()), kIpv6Only, ipv4},
      {"IPv4 withdrawals", update_body(nlri(), {}, {}), kIpv6Only, ipv4},
      {"flow specification", update_body({}, join({flow_reach, origin(), as_path()}), {}),
       kBothFamilies, flow},
      {"flow specification that matches all",
       update_body({}, join({flow_all, origin(), as_path()}), {}), kBothFamilies, flow},
      {"with a bad ORIGIN",
       update_body({}, join({mp_reach(), attribute(0x40, 1, {}), as_path()}), {}), kIpv4Only, ipv6},
  };
  for (const auto& [what, body, options, ignored] : rows) {
    SCOPED_TRACE(what);
    const auto update = decode(body, options);
    ASSERT_TRUE(update) << update.error().reason;
    EXPECT_EQ(update->ignored_families, std::vector{ignored});
    EXPECT_TRUE(update->announced.empty());
    EXPECT_TRUE(update->withdrawn.empty());
    EXPECT_EQ(update->attributes, nullptr);
  }
}

TEST(UpdateMessageTest, Rfc4271_4_3_HostBitsOfPrefixesAreMaskedOff) {
  const auto update = decode(update_body({}, mandatory(), bytes({20, 198, 51, 0xff, 0})));
  ASSERT_TRUE(update);
  EXPECT_EQ(update->announced[0].prefixes,
            (std::vector{prefix("198.51.240.0/20"), prefix("0.0.0.0/0")}));
}

TEST(UpdateMessageTest, ANextHopWithoutRoutesThatUseItIsNotJudged) {
  const Bytes loopback = attribute(0x40, 3, bytes({127, 0, 0, 1}));
  const auto update =
      decode(update_body({}, join({mp_reach(), origin(), as_path(), loopback}), {}));
  ASSERT_TRUE(update);
  EXPECT_EQ(update->announced.size(), 1U);
}

TEST(UpdateMessageTest, ABadOriginWithdrawsAllOfManyPrefixes) {
  Bytes many;
  for (int i = 0; i < 2000; ++i) many = join({many, bytes({8, i % 200 + 1})});
  const auto update =
      decode(update_body({}, join({attribute(0x40, 1, bytes({9})), as_path(), next_hop()}), many));
  ASSERT_TRUE(update);
  EXPECT_EQ(update->withdrawn.size(), 2000U);
}

TEST(UpdateMessageTest, EveryErrorHasATextAndACode) {
  std::unordered_set<std::string_view> texts;
  for (int error = 0; error <= static_cast<int>(kNotAllowed); ++error) {
    texts.insert(describe(AttributeError{static_cast<std::uint8_t>(error)}));
    EXPECT_EQ(notification_for(AttributeError{static_cast<std::uint8_t>(error)}).code, 3);
  }
  EXPECT_EQ(texts.size(), static_cast<std::size_t>(kNotAllowed) + 1);
  EXPECT_EQ(notification_for(kRepeated), (NotificationCode{3, 1}));
  EXPECT_EQ(notification_for(kNotAllowed), (NotificationCode{3, 9}));
  EXPECT_EQ(to_string(AttributeProblem{1, kLength}), "attribute 1: wrong length");
}

}  // namespace
}  // namespace fabrix::bgp
