#include "bgp/session_negotiation.h"

#include <gtest/gtest.h>

#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

constexpr Multiprotocol kIpv4{.afi = 1, .safi = Safi::kUnicast};
constexpr Multiprotocol kIpv6{.afi = 2, .safi = Safi::kUnicast};

SessionConfig route_server() {
  return {.local_as = net::Asn{65000}, .bgp_identifier = 1, .peer_as = net::Asn{64500}};
}

OpenMessage open_of(std::vector<Capability> capabilities) {
  return {.my_as = net::Asn{64500},
          .four_octet_as = true,
          .hold_time = std::chrono::seconds(30),
          .bgp_identifier = 2,
          .capabilities = std::move(capabilities)};
}

TEST(SessionNegotiationTest, OffersWhatIsConfigured) {
  SessionConfig config = route_server();
  config.families.ipv6 = false;
  config.role = Role::kRouteServer;
  const OpenMessage open = open_for(config);
  EXPECT_EQ(open.my_as, net::Asn{65000});
  EXPECT_TRUE(open.four_octet_as);
  EXPECT_EQ(open.capabilities,
            (std::vector<Capability>{kIpv4, RouteRefresh{}, ExtendedMessage{},
                                     BgpRole{Role::kRouteServer}, EnhancedRouteRefresh{}}));
}

TEST(SessionNegotiationTest, Rfc4760_8_AgreesOnWhatBothOffer) {
  const struct {
    const char* what;
    std::vector<Capability> peer;
    FamilySet expected;
  } rows[] = {
      {"both", {kIpv4, kIpv6}, {true, true}},
      {"IPv6 only", {kIpv6}, {false, true}},
      {"nothing said means IPv4", {}, {true, false}},
      {"and more", {kIpv4, Multiprotocol{.afi = 25, .safi = Safi{70}}}, {true, false}},
  };
  for (const auto& [what, peer, expected] : rows) {
    SCOPED_TRACE(what);
    const auto negotiated = negotiate(route_server(), open_of(peer));
    ASSERT_TRUE(negotiated);
    EXPECT_EQ(negotiated->families, expected);
    EXPECT_FALSE(negotiated->route_refresh);
  }
}

TEST(SessionNegotiationTest, APeerOfOurAsIsInternalWhereThatIsWanted) {
  for (const bool is_wanted : {false, true}) {
    for (const std::uint32_t own : {64500U, 65000U}) {
      SessionConfig config = route_server();
      config.local_as = net::Asn{own};
      config.internal_peers = is_wanted;
      const auto negotiated = negotiate(config, open_of({kIpv4}));
      ASSERT_TRUE(negotiated);
      EXPECT_EQ(negotiated->internal, is_wanted && own == 64500);
      EXPECT_EQ(update_options(*negotiated).internal, negotiated->internal);
    }
  }
}

TEST(SessionNegotiationTest, Rfc4271_4_2_TakesTheSmallerHoldTime) {
  for (const auto& [ours, theirs, expected] :
       {std::tuple{90, 30, 30}, std::tuple{9, 30, 9}, std::tuple{90, 0, 0}, std::tuple{0, 30, 0}}) {
    SessionConfig config = route_server();
    config.hold_time = std::chrono::seconds(ours);
    OpenMessage open = open_of({});
    open.hold_time = std::chrono::seconds(theirs);
    EXPECT_EQ(negotiate(config, open)->hold_time, std::chrono::seconds(expected));
  }
}

TEST(SessionNegotiationTest, Rfc6793_4_1_TwoOctetPeersGetTwoOctets) {
  OpenMessage open = open_of({RouteRefresh{}});
  open.four_octet_as = false;
  const auto negotiated = negotiate(route_server(), open);
  ASSERT_TRUE(negotiated);
  EXPECT_EQ(negotiated->asn_width, AsnWidth::kTwoOctets);
  EXPECT_TRUE(negotiated->route_refresh);
}

TEST(SessionNegotiationTest, Rfc4271_6_2_RejectsWithTheCodeTheRfcsPrescribe) {
  SessionConfig config = route_server();
  OpenMessage stranger = open_of({kIpv4});
  stranger.my_as = net::Asn{64501};
  EXPECT_EQ(negotiate(config, stranger).error().code, (NotificationCode{2, 2}));

  config.families.ipv4 = false;
  const auto no_family = negotiate(config, open_of({kIpv4}));
  ASSERT_FALSE(no_family);
  EXPECT_EQ(no_family.error().code, (NotificationCode{2, 7}));
  EXPECT_EQ(no_family.error().data, bytes({1, 4, 0, 2, 0, 1}));
}

TEST(SessionNegotiationTest, AnyPeerWillDoWhenNoneIsConfigured) {
  SessionConfig config = route_server();
  config.peer_as.reset();
  EXPECT_TRUE(negotiate(config, open_of({})));
}

TEST(SessionNegotiationTest, Rfc9234_4_2_RolesMustFitEachOther) {
  using enum Role;
  const struct {
    Role ours;
    Role theirs;
    bool fits;
  } rows[] = {
      {kRouteServer, kRouteServerClient, true},
      {kRouteServerClient, kRouteServer, true},
      {kProvider, kCustomer, true},
      {kCustomer, kProvider, true},
      {kPeer, kPeer, true},
      {kRouteServer, kRouteServer, false},
      {kRouteServer, kCustomer, false},
      {kRouteServer, kPeer, false},
      {kPeer, kRouteServerClient, false},
      {kRouteServer, Role{77}, false},
  };
  for (const auto& [ours, theirs, fits] : rows) {
    SessionConfig config = route_server();
    config.role = ours;
    const auto negotiated = negotiate(config, open_of({BgpRole{theirs}}));
    EXPECT_EQ(negotiated.has_value(), fits);
    if (!fits) {
      EXPECT_EQ(negotiated.error().code, (NotificationCode{2, 11}));
    }
  }
}

TEST(SessionNegotiationTest, Rfc9234_4_2_APeerWithTwoDifferentRolesFitsNone) {
  SessionConfig config = route_server();
  config.role = Role::kRouteServer;
  EXPECT_TRUE(negotiate(config, open_of({})));
  EXPECT_TRUE(negotiate(
      config, open_of({BgpRole{Role::kRouteServerClient}, BgpRole{Role::kRouteServerClient}})));
  EXPECT_FALSE(
      negotiate(config, open_of({BgpRole{Role::kRouteServerClient}, BgpRole{Role::kPeer}})));
}

// RFC 9234 §4.2: "strict mode".
TEST(SessionNegotiationTest, Rfc9234_4_2_StrictModeRejectsAPeerWithoutARole) {
  SessionConfig config = route_server();
  config.role = Role::kRouteServer;
  config.role_mode = RoleMode::kStrict;
  const auto silent = negotiate(config, open_of({kIpv4}));
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().code, (NotificationCode{2, 11}));
  const auto client = negotiate(config, open_of({kIpv4, BgpRole{Role::kRouteServerClient}}));
  ASSERT_TRUE(client);
  EXPECT_EQ(client->peer_role, Role::kRouteServerClient);

  config.role.reset();  // we have none ourselves: nothing to be strict about
  EXPECT_TRUE(negotiate(config, open_of({kIpv4})));
}

}  // namespace
}  // namespace fabrix::bgp
