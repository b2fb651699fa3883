// What becomes of two speakers' capabilities, RFC by RFC: session_negotiation.h.
#include <gtest/gtest.h>

#include "bgp/session_negotiation.h"
#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

using std::chrono::seconds;

constexpr Multiprotocol kIpv4{.afi = 1, .safi = Safi::kUnicast};
constexpr Multiprotocol kIpv6{.afi = 2, .safi = Safi::kUnicast};
constexpr Multiprotocol kFlow4{.afi = 1, .safi = Safi::kFlowSpec};
constexpr Multiprotocol kFlow6{.afi = 2, .safi = Safi::kFlowSpec};
constexpr FamilySet kBoth{.ipv4 = true, .ipv6 = true};

// Offers everything.
SessionConfig generous() {
  SessionConfig config{.local_as = net::Asn{65000}, .bgp_identifier = 1};
  config.flowspec = kBoth;
  config.add_path = kBoth;
  config.extended_next_hop = true;
  config.graceful_restart = GracefulRestartOffer{.restart_time = seconds(90), .restarted = true};
  config.long_lived = LongLivedOffer{.families = {.ipv4 = true}, .stale_time = seconds(3600)};
  return config;
}

// Offers the families and nothing that is optional.
SessionConfig frugal() {
  SessionConfig config{.local_as = net::Asn{65000}, .bgp_identifier = 1};
  config.enhanced_refresh = false;
  config.extended_messages = false;
  return config;
}

OpenMessage open_of(std::vector<Capability> capabilities) {
  OpenMessage open{.my_as = net::Asn{64500}, .bgp_identifier = 2};
  open.capabilities = {kIpv4, kIpv6};
  open.capabilities.insert(open.capabilities.end(), capabilities.begin(), capabilities.end());
  return open;
}

Negotiated agreed(const SessionConfig& config, std::vector<Capability> capabilities) {
  return negotiate(config, open_of(std::move(capabilities))).value();
}

template <typename Kind>
const Kind* find(const OpenMessage& open) {
  for (const Capability& capability : open.capabilities) {
    if (const auto* const found = std::get_if<Kind>(&capability)) return found;
  }
  return nullptr;
}

GracefulRestart restart_of(std::vector<GracefulRestart::Entry> families) {
  return {.restarted = true,
          .notification = true,
          .restart_time = seconds(60),
          .families = std::move(families)};
}

TEST(CapabilityNegotiationTest, SafeCapabilitiesAreOfferedOthersOnRequest) {
  const OpenMessage plain = open_for({.local_as = net::Asn{1}, .bgp_identifier = 1});
  EXPECT_NE(find<ExtendedMessage>(plain), nullptr);
  EXPECT_NE(find<EnhancedRouteRefresh>(plain), nullptr);
  EXPECT_EQ(plain.capabilities.size(), 5U);  // two families and ROUTE-REFRESH
  EXPECT_EQ(open_for(frugal()).capabilities.size(), 3U);
}

TEST(CapabilityNegotiationTest, NothingIsAgreedThatOneSideDoesNotOffer) {
  const OpenMessage everything = open_for(generous());
  EXPECT_EQ(negotiate(frugal(), everything).value(),
            (Negotiated{.families = kBoth, .route_refresh = true}));
  EXPECT_EQ(agreed(generous(), {}), (Negotiated{.families = kBoth}));
}

TEST(CapabilityNegotiationTest, Rfc8955_4_FlowSpecIsAFamilyOfItsOwn) {
  EXPECT_EQ(agreed(generous(), {kFlow6}).flowspec, (FamilySet{.ipv6 = true}));
  EXPECT_EQ(agreed(generous(), {kFlow4, kFlow6}).flowspec, kBoth);

  SessionConfig only_rules = generous();
  only_rules.families = {};
  OpenMessage peer = open_of({});
  peer.capabilities = {kFlow4};
  EXPECT_EQ(negotiate(only_rules, peer)->families, FamilySet{});
  peer.capabilities = {kIpv4};
  EXPECT_EQ(negotiate(only_rules, peer).error().data,
            bytes({1, 4, 0, 1, 0, 133, 1, 4, 0, 2, 0, 133}));
}

TEST(CapabilityNegotiationTest, Rfc8654_4_WeSendLargeMessagesOnlyToWhoOffersTheCapability) {
  EXPECT_EQ(max_message_size(agreed(generous(), {})), 4096U);
  EXPECT_EQ(max_message_size(agreed(frugal(), {ExtendedMessage{}})), 4096U);
  EXPECT_EQ(max_message_size(agreed(generous(), {ExtendedMessage{}})), 65535U);
}

TEST(CapabilityNegotiationTest, Rfc7911_4_WeSendPathsWhereThePeerReceives) {
  using enum AddPath::Mode;
  const struct {
    const char* what;
    std::vector<AddPath::Entry> peer;
    FamilySet expected;
  } rows[] = {
      {"receives", {{kIpv4, kReceive}}, {.ipv4 = true}},
      {"both", {{kIpv6, kBoth}}, {.ipv6 = true}},
      {"sends only", {{kIpv4, kSend}}, {}},
      {"another family", {{kFlow4, kBoth}}, {}},
      {"nothing", {}, {}},
      {"an unknown direction spoils all of it", {{kIpv4, kBoth}, {kIpv6, AddPath::Mode{4}}}, {}},
      {"direction 0", {{kIpv4, AddPath::Mode{0}}}, {}},
  };
  for (const auto& [what, peer, expected] : rows) {
    SCOPED_TRACE(what);
    EXPECT_EQ(agreed(generous(), {AddPath{peer}}).add_path, expected);
  }
}

TEST(CapabilityNegotiationTest, Rfc7911_4_WeOfferToSendInOneCapability) {
  const OpenMessage open = open_for(generous());
  const auto* const offered = find<AddPath>(open);
  ASSERT_NE(offered, nullptr);
  EXPECT_EQ(*offered, (AddPath{{{kIpv4, AddPath::Mode::kSend}, {kIpv6, AddPath::Mode::kSend}}}));
}

TEST(CapabilityNegotiationTest, Rfc8950_4_NeedsTheVeryTuple) {
  EXPECT_TRUE(agreed(generous(), {ExtendedNextHop{{{1, 128, 2}, {1, 1, 2}}}}).extended_next_hop);
  EXPECT_FALSE(agreed(generous(), {ExtendedNextHop{{{1, 128, 2}}}}).extended_next_hop);
  EXPECT_FALSE(agreed(generous(), {ExtendedNextHop{{{1, 1, 1}}}}).extended_next_hop);
  EXPECT_FALSE(agreed(generous(), {ExtendedNextHop{}}).extended_next_hop);
  // Several capabilities add up (RFC 5492 §4).
  EXPECT_TRUE(agreed(generous(), {ExtendedNextHop{{{1, 1, 2}}}, ExtendedNextHop{{{1, 2, 2}}}})
                  .extended_next_hop);
  SessionConfig ipv6_only = generous();
  ipv6_only.families.ipv4 = false;
  EXPECT_FALSE(agreed(ipv6_only, {ExtendedNextHop{{{1, 1, 2}}}}).extended_next_hop);
  EXPECT_EQ(find<ExtendedNextHop>(open_for(ipv6_only)), nullptr);
}

TEST(CapabilityNegotiationTest, Rfc4724_4_1_OurRestartSaysThatForwardingWentOn) {
  const OpenMessage open = open_for(generous());
  const auto* const restart = find<GracefulRestart>(open);
  ASSERT_NE(restart, nullptr);
  EXPECT_TRUE(restart->restarted);
  EXPECT_TRUE(restart->notification);
  EXPECT_EQ(restart->restart_time, seconds(90));
  EXPECT_EQ(restart->families, (std::vector<GracefulRestart::Entry>{{kIpv4, true}, {kIpv6, true}}));
}

TEST(CapabilityNegotiationTest, Rfc4724_4_2_TheRestartBitIsNotSetUnlessWeHaveRestarted) {
  SessionConfig config = generous();
  config.graceful_restart->restarted = false;
  EXPECT_FALSE(find<GracefulRestart>(open_for(config))->restarted);
}

TEST(CapabilityNegotiationTest, Rfc4724_3_ThePeersRestartIsKnownForNegotiatedFamilies) {
  SessionConfig config = generous();
  config.families.ipv6 = false;
  const auto restart =
      agreed(config, {restart_of({{kIpv4, true}, {kIpv6, true}, {kFlow4, true}})}).graceful_restart;
  ASSERT_TRUE(restart);
  EXPECT_EQ(*restart, (PeerRestart{.restart_time = seconds(60),
                                   .restarted = true,
                                   .notification = true,
                                   .families = {.ipv4 = true},
                                   .forwarding_kept = {.ipv4 = true}}));
}

TEST(CapabilityNegotiationTest, Rfc4724_3_OfSeveralInstancesTheLastCounts) {
  const auto restart =
      agreed(generous(), {restart_of({{kIpv4, true}}), restart_of({{kIpv6, false}})})
          .graceful_restart;
  ASSERT_TRUE(restart);
  EXPECT_EQ(restart->families, (FamilySet{.ipv6 = true}));
  EXPECT_EQ(restart->forwarding_kept, FamilySet{});
}

TEST(CapabilityNegotiationTest, Rfc8538_2_TheNBitCountsWhenBothSetIt) {
  GracefulRestart peer = restart_of({{kIpv4, true}});
  SessionConfig config = generous();
  EXPECT_TRUE(agreed(config, {peer}).graceful_restart->notification);
  config.graceful_restart->notification = false;
  EXPECT_FALSE(agreed(config, {peer}).graceful_restart->notification);
  peer.notification = false;
  EXPECT_FALSE(agreed(generous(), {peer}).graceful_restart->notification);
}

TEST(CapabilityNegotiationTest, Rfc9494_4_5_LongLivedNeedsGracefulRestart) {
  const LongLivedGracefulRestart long_lived{{{kIpv4, true, seconds(7200)}}};
  EXPECT_TRUE(agreed(generous(), {long_lived}).long_lived.empty());
  EXPECT_EQ(agreed(generous(), {long_lived, restart_of({})}).long_lived,
            (std::vector<LongLivedFamily>{{net::Family::kIpv4, seconds(7200), true}}));
}

TEST(CapabilityNegotiationTest, Rfc9494_3_1_GracefulRestartIsOfferedBesideLongLived) {
  const OpenMessage open = open_for(generous());
  EXPECT_NE(find<GracefulRestart>(open), nullptr);
  EXPECT_EQ(*find<LongLivedGracefulRestart>(open),
            (LongLivedGracefulRestart{{{kIpv4, true, seconds(3600)}}}));
}

TEST(CapabilityNegotiationTest, Rfc9494_5_LongLivedIsPerFamilyAndNeverByDefault) {
  SessionConfig config = generous();
  const LongLivedGracefulRestart peer{{{kIpv4, true, seconds(1)}, {kIpv6, true, seconds(2)}}};
  EXPECT_EQ(agreed(config, {restart_of({}), peer}).long_lived.size(),
            1U);  // IPv6 is not configured
  config.long_lived->families = {};
  EXPECT_EQ(find<LongLivedGracefulRestart>(open_for(config)), nullptr);
  config.long_lived.reset();
  EXPECT_EQ(find<LongLivedGracefulRestart>(open_for(config)), nullptr);
  EXPECT_TRUE(agreed(config, {restart_of({}), peer}).long_lived.empty());
}

TEST(CapabilityNegotiationTest, CodecOptionsFollowFromWhatIsAgreed) {
  const Negotiated everything =
      negotiate(generous(), open_of({ExtendedMessage{}, ExtendedNextHop{{{1, 1, 2}}},
                                     AddPath{{{kIpv4, AddPath::Mode::kBoth}}}, kFlow4}))
          .value();
  const EncodeOptions ipv4 = encode_options(everything, net::Family::kIpv4);
  EXPECT_EQ(ipv4.max_message, 65535U);
  EXPECT_TRUE(ipv4.add_path);
  EXPECT_TRUE(ipv4.ipv4_over_ipv6_next_hop);
  EXPECT_FALSE(encode_options(everything, net::Family::kIpv6).add_path);
  const UpdateOptions in = update_options(everything);
  EXPECT_EQ(in.families, kBoth);
  EXPECT_EQ(in.flowspec, (FamilySet{.ipv4 = true}));
  EXPECT_TRUE(in.ipv4_over_ipv6_next_hop);
}

}  // namespace
}  // namespace fabrix::bgp
