// RFC 7606 attribute by attribute: each row is one malformation and its prescribed reaction.
#include "bgp/attribute_decoder.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

using enum AttributeError;

// Attributes that make one IPv4 route valid, the one of `type` replaced by, or joined by, `other`.
Bytes with(int type, const Bytes& other) {
  Bytes result;
  for (const auto& [own_type, own] :
       {std::pair{1, origin()}, std::pair{2, as_path()}, std::pair{3, next_hop()}}) {
    if (own_type != type) result = join({result, own});
  }
  return join({result, other});
}

Result<UpdateMessage, UpdateReset> decode(const Bytes& attributes,
                                          const UpdateOptions& options = kBothFamilies) {
  return decode_update(update_body({}, attributes, nlri()), options);
}

AttributeProblem problem(int type, AttributeError error) {
  return {static_cast<std::uint8_t>(type), error};
}

struct Row {
  const char* what;
  int flags;
  int type;
  Bytes value;
  AttributeError error;
};

TEST(AttributeDecoderTest, Rfc7606_7_TreatsAsWithdraw) {
  const Row rows[] = {
      {"ORIGIN of 0 octets", 0x40, 1, {}, kLength},
      {"ORIGIN of 2 octets", 0x40, 1, bytes({0, 0}), kLength},
      {"ORIGIN 3", 0x40, 1, bytes({3}), kInvalidOrigin},
      {"ORIGIN 255", 0x40, 1, bytes({255}), kInvalidOrigin},
      {"ORIGIN optional", 0xc0, 1, bytes({0}), kFlags},
      {"ORIGIN not transitive", 0x00, 1, bytes({0}), kFlags},
      {"AS_PATH optional", 0xc0, 2, bytes({2, 1, 0, 0, 0xfb, 0xf4}), kFlags},
      {"AS_PATH segment type 0", 0x40, 2, bytes({0, 1, 0, 0, 0xfb, 0xf4}), kMalformedAsPath},
      {"AS_PATH segment type 5", 0x40, 2, bytes({5, 1, 0, 0, 0xfb, 0xf4}), kMalformedAsPath},
      {"AS_PATH segment of no AS", 0x40, 2, bytes({2, 0}), kMalformedAsPath},
      {"AS_PATH overrun", 0x40, 2, bytes({2, 2, 0, 0, 0xfb, 0xf4}), kMalformedAsPath},
      {"AS_PATH underrun", 0x40, 2, bytes({2, 1, 0, 0, 0xfb, 0xf4, 2}), kMalformedAsPath},
      {"AS_PATH with CONFED_SEQUENCE", 0x40, 2, bytes({3, 1, 0, 0, 0xfb, 0xf4}), kMalformedAsPath},
      {"AS_PATH with CONFED_SET", 0x40, 2, bytes({4, 1, 0, 0, 0xfb, 0xf4}), kMalformedAsPath},
      {"AS_PATH with AS 0", 0x40, 2, bytes({2, 1, 0, 0, 0, 0}), kMalformedAsPath},
      {"NEXT_HOP of 3 octets", 0x40, 3, bytes({192, 0, 2}), kLength},
      {"NEXT_HOP of 5 octets", 0x40, 3, bytes({192, 0, 2, 1, 0}), kLength},
      {"NEXT_HOP optional", 0xc0, 3, bytes({192, 0, 2, 1}), kFlags},
      {"NEXT_HOP 0.0.0.0", 0x40, 3, bytes({0, 0, 0, 0}), kInvalidNextHop},
      {"NEXT_HOP in 0/8", 0x40, 3, bytes({0, 1, 2, 3}), kInvalidNextHop},
      {"NEXT_HOP loopback", 0x40, 3, bytes({127, 0, 0, 1}), kInvalidNextHop},
      {"NEXT_HOP multicast", 0x40, 3, bytes({224, 0, 0, 1}), kInvalidNextHop},
      {"NEXT_HOP reserved", 0x40, 3, bytes({240, 0, 0, 1}), kInvalidNextHop},
      {"NEXT_HOP broadcast", 0x40, 3, bytes({255, 255, 255, 255}), kInvalidNextHop},
      {"MED of 3 octets", 0x80, 4, bytes({0, 0, 0}), kLength},
      {"MED of 5 octets", 0x80, 4, bytes({0, 0, 0, 0, 0}), kLength},
      {"MED transitive", 0xc0, 4, bytes({0, 0, 0, 0}), kFlags},
      {"LOCAL_PREF optional", 0xc0, 5, bytes({0, 0, 0, 100}), kFlags},
      {"ATOMIC_AGGREGATE optional", 0xc0, 6, {}, kFlags},
      {"AGGREGATOR not transitive", 0x80, 7, bytes({0, 0, 0xfb, 0xf4, 192, 0, 2, 1}), kFlags},
      {"COMMUNITIES of 0 octets", 0xc0, 8, {}, kLength},
      {"COMMUNITIES of 5 octets", 0xc0, 8, bytes({0, 0, 0, 0, 0}), kLength},
      {"COMMUNITIES not transitive", 0x80, 8, bytes({0, 0, 0, 0}), kFlags},
      {"EXTENDED COMMUNITIES of 0 octets", 0xc0, 16, {}, kLength},
      {"EXTENDED COMMUNITIES of 7 octets", 0xc0, 16, Bytes(7), kLength},
      {"EXTENDED COMMUNITIES well-known", 0x40, 16, Bytes(8), kFlags},
      {"IPv6 EXTENDED COMMUNITIES of 0 octets", 0xc0, 25, {}, kLength},
      {"IPv6 EXTENDED COMMUNITIES of 19 octets", 0xc0, 25, Bytes(19), kLength},
      {"LARGE_COMMUNITY of 0 octets", 0xc0, 32, {}, kLength},
      {"LARGE_COMMUNITY of 13 octets", 0xc0, 32, Bytes(13), kLength},
      {"LARGE_COMMUNITY not optional", 0x40, 32, Bytes(12), kFlags},
      {"OTC of 3 octets", 0xc0, 35, Bytes(3), kLength},
      {"OTC of 1024 octets", 0xd0, 35, Bytes(1024), kLength},
      {"OTC not transitive", 0x80, 35, bytes({0, 0, 0xfb, 0xf4}), kFlags},
      {"unknown well-known attribute", 0x40, 77, bytes({1}), kUnknownWellKnown},
      {"attribute 0, well-known", 0x40, 0, {}, kUnknownWellKnown},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    const auto update = decode(with(row.type, attribute(row.flags, row.type, row.value)));
    ASSERT_TRUE(update) << update.error().reason;
    EXPECT_EQ(update->treated_as_withdraw, std::vector{problem(row.type, row.error)});
    EXPECT_EQ(update->withdrawn, std::vector{prefix("198.51.100.0/24")});
    EXPECT_TRUE(update->announced.empty());
    EXPECT_EQ(update->attributes, nullptr);
  }
}

TEST(AttributeDecoderTest, Rfc7606_7_DiscardsTheAttributeAndKeepsTheRoute) {
  const Row rows[] = {
      {"LOCAL_PREF", 0x40, 5, bytes({0, 0, 0, 100}), kNotAllowed},
      {"LOCAL_PREF of 3 octets", 0x40, 5, bytes({0, 0, 0}), kNotAllowed},
      {"LOCAL_PREF of 0 octets", 0x40, 5, {}, kNotAllowed},
      {"ORIGINATOR_ID", 0x80, 9, bytes({192, 0, 2, 1}), kNotAllowed},
      {"ORIGINATOR_ID of 3 octets", 0x80, 9, bytes({192, 0, 2}), kNotAllowed},
      {"CLUSTER_LIST", 0x80, 10, bytes({192, 0, 2, 1}), kNotAllowed},
      {"CLUSTER_LIST of 5 octets", 0x80, 10, Bytes(5), kNotAllowed},
      {"ATOMIC_AGGREGATE of 1 octet", 0x40, 6, bytes({0}), kLength},
      {"AGGREGATOR of 6 octets", 0xc0, 7, bytes({0xfb, 0xf4, 192, 0, 2, 1}), kMalformedValue},
      {"AGGREGATOR of 9 octets", 0xc0, 7, Bytes(9, std::byte{1}), kMalformedValue},
      {"AGGREGATOR of AS 0", 0xc0, 7, bytes({0, 0, 0, 0, 192, 0, 2, 1}), kMalformedValue},
      {"AS4_PATH", 0xc0, 17, bytes({2, 1, 0, 1, 0, 0}), kNotAllowed},
      {"AS4_PATH malformed", 0xc0, 17, bytes({2, 9}), kNotAllowed},
      {"AS4_PATH flags", 0x40, 17, bytes({2, 1, 0, 1, 0, 0}), kFlags},
      {"AS4_AGGREGATOR", 0xc0, 18, bytes({0, 1, 0, 0, 192, 0, 2, 1}), kNotAllowed},
      {"AS4_AGGREGATOR of 1 octet", 0xc0, 18, bytes({0}), kNotAllowed},
      {"IPv6 EXTENDED COMMUNITIES", 0xc0, 25, Bytes(20), kNotAllowed},
      {"unknown optional transitive", 0xc0, 77, bytes({1, 2, 3}), kNotAllowed},
      {"unknown optional, not transitive", 0x80, 77, bytes({1, 2, 3}), kNotAllowed},
      {"attribute 99 of 3000 octets", 0xd0, 99, Bytes(3000, std::byte{0xee}), kNotAllowed},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    const auto update = decode(with(row.type, attribute(row.flags, row.type, row.value)));
    ASSERT_TRUE(update) << update.error().reason;
    EXPECT_EQ(update->discarded, std::vector{problem(row.type, row.error)});
    EXPECT_TRUE(update->treated_as_withdraw.empty());
    ASSERT_EQ(update->announced.size(), 1U);
    EXPECT_EQ(*update->attributes, *decode(mandatory())->attributes);
  }
}

TEST(AttributeDecoderTest, Rfc7606_7_5_AnInternalPeersPreferenceIsKept) {
  UpdateOptions internal = kBothFamilies;
  internal.internal = true;
  const auto update = decode(with(5, attribute(0x40, 5, bytes({0, 0, 1, 0x2c}))), internal);
  ASSERT_TRUE(update);
  EXPECT_EQ(update->attributes->local_pref, 300U);
  EXPECT_TRUE(update->discarded.empty());
  for (const std::size_t size : {0U, 3U, 5U}) {
    const auto bad = decode(with(5, attribute(0x40, 5, Bytes(size))), internal);
    ASSERT_TRUE(bad);
    EXPECT_EQ(bad->treated_as_withdraw, std::vector{problem(5, kLength)});
  }
}

void expect_scrubbed(int type, int flags) {
  for (const std::size_t size : {0U, 1U, 3U, 37U}) {
    SCOPED_TRACE(std::to_string(type) + " with flags " + std::to_string(flags));
    const auto update = decode(with(type, attribute(flags, type, Bytes(size, std::byte{0xff}))));
    ASSERT_TRUE(update);
    EXPECT_EQ(update->announced.size(), 1U);
    EXPECT_EQ(update->discarded, std::vector{problem(type, kNotAllowed)});
  }
}

TEST(AttributeDecoderTest, Rfc4271_5_GarbageInAttributesOfOthersNeverResets) {
  for (const int type : {20, 21, 22, 23, 24, 26, 27, 28,  29,  30,  33, 34,
                         36, 37, 38, 39, 40, 41, 99, 128, 129, 254, 255}) {
    for (const int flags : {0x80, 0xc0, 0xe0, 0xef}) expect_scrubbed(type, flags);
  }
}

TEST(AttributeDecoderTest, Rfc7606_5_3_ResetsOnMalformedMultiprotocolAttributes) {
  const struct {
    const char* what;
    Bytes attribute;
    NotificationCode code;
  } rows[] = {
      {"MP_REACH of 4 octets", attribute(0x80, 14, bytes({0, 2, 1, 0})), {3, 9}},
      {"MP_REACH of 0 octets", attribute(0x80, 14, {}), {3, 9}},
      {"MP_REACH next hop of 15 octets",
       attribute(0x80, 14, join({bytes({0, 2, 1, 15}), Bytes(16)})),
       {3, 9}},
      {"MP_REACH next hop of 0 octets", attribute(0x80, 14, bytes({0, 2, 1, 0, 0})), {3, 9}},
      {"MP_REACH next hop of 24 octets",
       attribute(0x80, 14, join({bytes({0, 2, 1, 24}), Bytes(25)})),
       {3, 9}},
      {"MP_REACH next hop longer than the attribute",
       attribute(0x80, 14, join({bytes({0, 2, 1, 255}), Bytes(20)})),
       {3, 9}},
      {"MP_REACH IPv4 with an IPv6 next hop",
       attribute(0x80, 14, join({bytes({0, 1, 1, 16}), Bytes(17)})),
       {3, 9}},
      {"MP_REACH prefix of 129 bits",
       attribute(0x80, 14, join({mp_reach_value(), bytes({129}), Bytes(17)})),
       {3, 9}},
      {"MP_REACH prefix cut short",
       attribute(0x80, 14, join({mp_reach_value(), bytes({48, 0x20})})),
       {3, 9}},
      {"MP_REACH transitive", attribute(0xc0, 14, mp_reach_value()), {3, 4}},
      {"MP_REACH well-known", attribute(0x40, 14, mp_reach_value()), {3, 4}},
      {"MP_UNREACH of 2 octets", attribute(0x80, 15, bytes({0, 2})), {3, 9}},
      {"MP_UNREACH prefix of 129 bits",
       attribute(0x80, 15, join({bytes({0, 2, 1, 129}), Bytes(17)})),
       {3, 9}},
      {"MP_UNREACH prefix cut short", attribute(0x80, 15, bytes({0, 2, 1, 48, 1})), {3, 9}},
      {"MP_UNREACH transitive", attribute(0xc0, 15, bytes({0, 2, 1})), {3, 4}},
      {"MP_REACH twice", join({mp_reach(), mp_reach()}), {3, 1}},
      {"MP_UNREACH twice", join({mp_unreach(), mp_unreach()}), {3, 1}},
      {"MP_REACH twice, the second cut short", join({mp_reach(), bytes({0x80, 14})}), {3, 1}},
  };
  for (const auto& [what, attributes, code] : rows) {
    SCOPED_TRACE(what);
    const auto update = decode(join({mandatory(), attributes}));
    ASSERT_FALSE(update);
    EXPECT_EQ(update.error().notification.code, code) << update.error().reason;
  }
}

TEST(AttributeDecoderTest, Rfc7606_3_g_ASecondMultiprotocolAttributeCountsEvenAfterOtherErrors) {
  // RFC 7606 §3.g is decided at the second one, although the walk could not go on after it.
  const Bytes bad_origin = attribute(0x40, 1, bytes({9}));
  const auto update = decode(join({mp_reach(), bad_origin, bytes({0x80, 14, 200, 0})}));
  ASSERT_FALSE(update);
  EXPECT_EQ(update.error().notification.code, (NotificationCode{3, 1}));
}

TEST(AttributeDecoderTest, Rfc7606_3_g_KeepsTheFirstOfRepeatedAttributes) {
  const auto update =
      decode(join({mandatory(), attribute(0x40, 1, bytes({2})), attribute(0x40, 2, bytes({9, 9})),
                   attribute(0x80, 4, bytes({0, 0, 0, 5})), attribute(0x80, 4, bytes({1}))}));
  ASSERT_TRUE(update);
  EXPECT_EQ(update->discarded,
            (std::vector{problem(1, kRepeated), problem(2, kRepeated), problem(4, kRepeated)}));
  EXPECT_EQ(update->attributes->origin, Origin::kIgp);
  EXPECT_EQ(update->attributes->med, 5U);
}

TEST(AttributeDecoderTest, Rfc7606_3_c_IgnoresThePartialBitAndTheReservedBits) {
  const auto plain = decode(join({mandatory(), attribute(0xc0, 8, bytes({0, 1, 0, 2}))}));
  const auto odd = decode(join({attribute(0x4f, 1, bytes({0})), as_path(), next_hop(),
                                attribute(0xef, 8, bytes({0, 1, 0, 2}))}));
  ASSERT_TRUE(plain);
  ASSERT_TRUE(odd);
  EXPECT_EQ(*odd, *plain);
}

TEST(AttributeDecoderTest, ReservedBitsInAggregatorAreNoReasonForAnything) {
  // The incident of 2010 in which a neighbour's neighbour's flag bits took sessions down.
  const auto update =
      decode(join({mandatory(), attribute(0xc1, 7, bytes({0, 0, 0xfb, 0xf4, 192, 0, 2, 9}))}));
  ASSERT_TRUE(update);
  ASSERT_TRUE(update->attributes->aggregator);
  EXPECT_EQ(update->attributes->aggregator->address, address("192.0.2.9"));
}

TEST(AttributeDecoderTest, Rfc8092_5_RemovesRedundantLargeCommunitiesOnly) {
  const Bytes a = bytes({0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1});
  const Bytes b = bytes({0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1});
  const auto update = decode(join({mandatory(), attribute(0xc0, 8, bytes({0, 1, 0, 2, 0, 1, 0, 2})),
                                   attribute(0xc0, 32, join({a, b, a, b, a}))}));
  ASSERT_TRUE(update);
  EXPECT_EQ(update->attributes->communities, (std::vector{community(1, 2), community(1, 2)}));
  EXPECT_EQ(update->attributes->large_communities,
            (std::vector{LargeCommunity{9, 1, 1}, LargeCommunity{1, 1, 1}}));
}

// An UPDATE of one IPv6 route whose next hop field is `next_hop`.
UpdateMessage ipv6_route(const Bytes& next_hop) {
  const Bytes value = join(
      {bytes({0, 2, 1, static_cast<int>(next_hop.size())}), next_hop, bytes({0, 16, 0x20, 1})});
  const Bytes attributes = join({attribute(0x80, 14, value), origin(), as_path()});
  const auto update = decode_update(update_body({}, attributes, {}), kBothFamilies);
  EXPECT_TRUE(update);
  return *update;
}

TEST(AttributeDecoderTest, Rfc2545_3_RejectsNextHopsOfNoIpv6Host) {
  const struct {
    const char* next_hop;
    bool valid;
  } rows[] = {{"2001:db8::1", true}, {"fd00::1", true},  {"::2", true},
              {"::", false},         {"::1", false},     {"ff02::1", false},
              {"fe80::1", false},    {"febf::1", false}, {"fec0::1", true}};
  const Bytes link_local = join({bytes({0xfe, 0x80}), Bytes(13), bytes({1})});
  for (const auto& [text, valid] : rows) {
    SCOPED_TRACE(text);
    const net::IpAddress next_hop = address(text);
    const auto octets = std::as_bytes(next_hop.octets());
    const Bytes global(octets.begin(), octets.end());
    for (const Bytes& field : {global, join({global, link_local})}) {
      const UpdateMessage update = ipv6_route(field);
      EXPECT_EQ(update.treated_as_withdraw.empty(), valid);
      ASSERT_EQ(update.announced.size(), valid ? 1U : 0U);
      EXPECT_TRUE(!valid || update.announced[0].next_hop == next_hop);
    }
  }
}

}  // namespace
}  // namespace fabrix::bgp
