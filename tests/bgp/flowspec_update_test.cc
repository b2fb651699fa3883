#include "bgp/flowspec_update.h"

#include <gtest/gtest.h>

#include "bgp/attribute_encoder.h"
#include "bgp/flowspec_actions.h"
#include "bgp/flowspec_nlri.h"
#include "bgp/message_header.h"
#include "tests/bgp/flowspec_rules.h"

namespace fabrix::bgp {
namespace {

using enum FlowSpecType;
using enum FlowSpecRelation;
using enum net::Family;

constexpr UpdateOptions kFlowSpec{.families = {}, .flowspec = {.ipv4 = true, .ipv6 = true}};
constexpr std::size_t kSmallest = 4096;

Bytes attributes_block(const PathAttributes& attributes) {
  ByteWriter out;
  encode_attributes(attributes, {}, out);
  return out.take();
}

PathAttributes discard() {
  PathAttributes attributes;
  attributes.as_path.prepend(net::Asn{64500}, 1);
  attributes.extended_communities = {encode_flowspec_action(TrafficRate{})};
  return attributes;
}

// The messages in `octets`, each decoded.
std::vector<UpdateMessage> decode_all(std::span<const std::byte> octets, std::size_t max_size) {
  std::vector<UpdateMessage> updates;
  while (!octets.empty()) {
    const auto header = decode_header(octets.first<kHeaderSize>(), max_size).value();
    updates.push_back(
        decode_update(octets.subspan(kHeaderSize, header.body_size), kFlowSpec).value());
    octets = octets.subspan(kHeaderSize + header.body_size);
  }
  return updates;
}

std::vector<FlowSpecRule> distinct_rules(std::size_t count) {
  std::vector<FlowSpecRule> rules;
  for (std::size_t i = 0; i < count; ++i) {
    rules.push_back(flow_v4({dst("192.0.2.0/24"), numbers(kPort, {{.width = 2, .value = i}})}));
  }
  return rules;
}

const Bytes kThree = bytes({1, 2, 3});

TEST(FlowSpecUpdateTest, Rfc8955_4_AnnouncesWithoutNextHop) {
  const auto rule = flow_v4({numbers(kPort, {{.value = 25}})});
  ByteWriter out;
  ASSERT_TRUE(encode_flowspec_announcement(kIpv4, std::vector{rule}, {kThree}, kSmallest, out));
  const Bytes body = bytes({0, 0, 0, 16, 0x90, 14, 0, 9, 0, 1, 133, 0, 0, 3, 4, 0x81, 25, 1, 2, 3});
  EXPECT_EQ(out.take(), encode_message(MessageType::kUpdate, body));
}

// draft-simpson-idr-flowspec-redirect-02 §3: the next hop is the target, of 4 or 16 octets.
TEST(FlowSpecUpdateTest, AnnouncesWhereARedirectGoes) {
  const auto next_hop = [](std::string_view text) { return net::IpAddress::parse(text).value(); };
  const auto rule4 = flow_v4({numbers(kPort, {{.value = 25}})});
  ByteWriter out;
  ASSERT_TRUE(encode_flowspec_announcement(kIpv4, std::vector{rule4},
                                           {kThree, next_hop("192.0.2.66")}, kSmallest, out));
  const Bytes body4 = bytes(
      {0, 0, 0, 20, 0x90, 14, 0, 13, 0, 1, 133, 4, 192, 0, 2, 66, 0, 3, 4, 0x81, 25, 1, 2, 3});
  EXPECT_EQ(out.take(), encode_message(MessageType::kUpdate, body4));

  const auto rule6 = flow_v6({numbers(kPort, {{.value = 25}})});
  ASSERT_TRUE(encode_flowspec_announcement(kIpv6, std::vector{rule6}, {kThree, next_hop("100::1")},
                                           kSmallest, out));
  const Bytes body6 = bytes({0, 0, 0, 32, 0x90, 14, 0, 25, 0, 2, 133, 16, 1, 0,    0,  0, 0, 0,
                             0, 0, 0, 0,  0,    0,  0, 0,  0, 1, 0,   3,  4, 0x81, 25, 1, 2, 3});
  EXPECT_EQ(out.take(), encode_message(MessageType::kUpdate, body6));
}

TEST(FlowSpecUpdateTest, Withdraws) {
  const auto rule = flow_v6({numbers(kPort, {{.value = 25}})});
  ByteWriter out;
  encode_flowspec_withdrawal(kIpv6, std::vector{rule}, kSmallest, out);
  const Bytes body = bytes({0, 0, 0, 11, 0x90, 15, 0, 7, 0, 2, 133, 3, 4, 0x81, 25});
  EXPECT_EQ(out.take(), encode_message(MessageType::kUpdate, body));
}

TEST(FlowSpecUpdateTest, NothingNeedsNoMessage) {
  ByteWriter out;
  EXPECT_TRUE(encode_flowspec_announcement(kIpv4, {}, {}, kSmallest, out));
  encode_flowspec_withdrawal(kIpv4, {}, kSmallest, out);
  EXPECT_EQ(out.size(), 0U);
}

TEST(FlowSpecUpdateTest, Rfc4724_2_EndOfRibIsAnEmptyWithdrawal) {
  ByteWriter out;
  encode_flowspec_end_of_rib(kIpv6, out);
  const auto updates = decode_all(out.view(), kSmallest);
  ASSERT_EQ(updates.size(), 1U);
  const FlowSpecRoutes expected{
      .family = kIpv6, .announced = {}, .withdrawn = {}, .end_of_rib = true};
  EXPECT_EQ(updates[0].flowspec, std::vector{expected});
}

TEST(FlowSpecUpdateTest, ManyRulesTakeAsFewMessagesAsHoldThem) {
  const auto rules = distinct_rules(1000);  // of 10 octets each
  for (const std::size_t max_size : {kSmallest, kMaxExtendedMessageSize}) {
    SCOPED_TRACE(max_size);
    const Bytes block = attributes_block(discard());
    ByteWriter out;
    ASSERT_TRUE(encode_flowspec_announcement(kIpv4, rules, {block}, max_size, out));
    std::vector<FlowSpecRule> announced;
    const auto updates = decode_all(out.view(), max_size);
    EXPECT_EQ(updates.size(), max_size == kSmallest ? 3U : 1U);
    for (const UpdateMessage& update : updates) {
      ASSERT_EQ(update.flowspec.size(), 1U);
      const auto& part = update.flowspec[0].announced;
      announced.insert(announced.end(), part.begin(), part.end());
      EXPECT_EQ(*update.attributes, discard());
    }
    EXPECT_EQ(announced, rules);
  }
}

TEST(FlowSpecUpdateTest, ARuleThatFitsNoMessageIsNotAnnounced) {
  const auto long_rule =
      flow_v4({numbers(kPort, FlowSpecComponent::Numbers(2040, {.value = 1}))});  // 4081 octets
  const std::vector rules{distinct_rules(1)[0], long_rule};
  const Bytes block = attributes_block(discard());
  ByteWriter out;
  const auto encoded = encode_flowspec_announcement(kIpv4, rules, {block}, kSmallest, out);
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error(), EncodeError::kAttributesTooLarge);
  EXPECT_EQ(out.size(), 0U);
  encode_flowspec_withdrawal(kIpv4, rules, kSmallest, out);
  const auto updates = decode_all(out.view(), kSmallest);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_EQ(updates[0].flowspec[0].withdrawn, std::vector{rules[0]});
}

TEST(FlowSpecUpdateTest, AttributesMayLeaveNoRoom) {
  ByteWriter out;
  const auto rules = distinct_rules(1);
  for (const std::size_t size : {std::size_t{4054}, std::size_t{4055}, std::size_t{5000}}) {
    const Bytes block(size);
    const bool fits =
        encode_flowspec_announcement(kIpv4, rules, {block}, kSmallest, out).has_value();
    EXPECT_EQ(fits, size == 4054) << size;
  }
  EXPECT_EQ(out.size(), kSmallest);
}

// What decode_update makes of `attributes` alone.
Result<UpdateMessage, UpdateReset> decode_with(const Bytes& attributes) {
  return decode_update(update_body({}, attributes, {}), kFlowSpec);
}

TEST(FlowSpecUpdateTest, Rfc7606_3_j_RulesThatCannotBeToldApartReset) {
  const Bytes half_a_rule = bytes({5, 3, 0x81});
  const Bytes reach = attribute(0x80, 14, join({bytes({0, 1, 133, 0, 0}), half_a_rule}));
  const Bytes unreach = attribute(0x80, 15, join({bytes({0, 1, 133}), half_a_rule}));
  for (const Bytes& attributes : {join({reach, origin(), as_path()}), unreach}) {
    const auto update = decode_with(attributes);
    ASSERT_FALSE(update);
    EXPECT_EQ(update.error().notification.code, (NotificationCode{3, 9}));
  }
}

TEST(FlowSpecUpdateTest, AnAnnouncementOfNoRulesIsNone) {
  const auto update =
      decode_with(join({attribute(0x80, 14, bytes({0, 1, 133, 0, 0})), origin(), as_path()}));
  ASSERT_TRUE(update) << update.error().reason;
  EXPECT_EQ(*update, UpdateMessage{}) << "and no End-of-RIB: that is an empty withdrawal";
}

TEST(FlowSpecUpdateTest, Rfc4271_4_3_ARuleInBothFieldsCountsAsAnnounced) {
  const Bytes port_25 = bytes({3, 4, 0x81, 25});
  const Bytes port_53 = bytes({3, 4, 0x81, 53});
  const auto update = decode_with(
      join({attribute(0x80, 14, join({bytes({0, 1, 133, 0, 0}), port_25})), origin(), as_path(),
            attribute(0x80, 15, join({bytes({0, 1, 133}), port_25, port_53}))}));
  ASSERT_TRUE(update) << update.error().reason;
  const FlowSpecRoutes expected{.family = kIpv4,
                                .announced = {flow_v4({numbers(kPort, {{.value = 25}})})},
                                .withdrawn = {flow_v4({numbers(kPort, {{.value = 53}})})}};
  EXPECT_EQ(update->flowspec, std::vector{expected});
}

// Captured from gobgpd 3.10.0 (AS 64500, four-octet AS numbers), announcing
//   match destination 192.0.2.0/24 source 203.0.113.0/24 protocol ==tcp ==udp
//         destination-port '>=1024&<=2048' ==53 tcp-flags =S packet-length '>=100&<=1500'
//   then rate-limit 125000.5
TEST(FlowSpecUpdateTest, UnderstandsGoBgp) {
  const Bytes body =
      bytes({0x00, 0x00, 0x00, 0x42, 0x40, 0x01, 0x01, 0x02, 0x40, 0x02, 0x06, 0x02, 0x01, 0x00,
             0x00, 0xfb, 0xf4, 0x80, 0x0e, 0x27, 0x00, 0x01, 0x85, 0x00, 0x00, 0x21, 0x01, 0x18,
             0xc0, 0x00, 0x02, 0x02, 0x18, 0xcb, 0x00, 0x71, 0x03, 0x01, 0x06, 0x81, 0x11, 0x05,
             0x13, 0x04, 0x00, 0x55, 0x08, 0x00, 0x81, 0x35, 0x09, 0x81, 0x02, 0x0a, 0x03, 0x64,
             0xd5, 0x05, 0xdc, 0xc0, 0x10, 0x08, 0x80, 0x06, 0x00, 0x00, 0x47, 0xf4, 0x24, 0x40});
  const auto update = decode_update(body, kFlowSpec);
  ASSERT_TRUE(update) << update.error().reason;
  ASSERT_EQ(update->flowspec.size(), 1U);
  ASSERT_EQ(update->flowspec[0].announced.size(), 1U);
  EXPECT_EQ(update->flowspec[0].announced[0].to_string(),
            "dst 192.0.2.0/24, src 203.0.113.0/24, proto =6|=17, dstport >=1024&<=2048|=53, "
            "tcpflags all(SYN), length >=100&<=1500");
  const auto actions = decode_flowspec_actions(update->attributes->extended_communities);
  ASSERT_TRUE(actions);
  EXPECT_EQ(*actions, std::vector<FlowSpecAction>{TrafficRate{.limit = 125000.5F}});
}

// Likewise: destination 2001:db8:1::/48 label ==100000, where Fabrix sends the same NLRI.
TEST(FlowSpecUpdateTest, WritesIpv6AsGoBgpDoes) {
  const auto rule =
      flow_v6({dst("2001:db8:1::/48"), numbers(kFlowLabel, {{.width = 4, .value = 100000}})});
  ByteWriter out;
  encode_flowspec_nlri(rule, out);
  EXPECT_EQ(out.take(), bytes({0x0f, 0x01, 0x30, 0x00, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x01, 0x0d,
                               0xa1, 0x00, 0x01, 0x86, 0xa0}));
}

}  // namespace
}  // namespace fabrix::bgp
