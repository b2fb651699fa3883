#include "bgp/update_encoder.h"

#include <random>

#include <gtest/gtest.h>

#include "bgp/message_header.h"
#include "bgp/message_splitter.h"
#include "bgp/update_check.h"
#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

constexpr auto kFour = AsnWidth::kFourOctets;
constexpr auto kTwo = AsnWidth::kTwoOctets;

PathAttributes simple_attributes() {
  PathAttributes attributes;
  attributes.as_path.prepend(net::Asn{64500}, 1);
  return attributes;
}

Bytes announced(const PathAttributes& attributes, std::string_view next_hop,
                const std::vector<net::Prefix>& prefixes, AsnWidth width = kFour) {
  ByteWriter out;
  EXPECT_TRUE(encode_announcement(attributes, address(next_hop), prefixes, width, out));
  return out.take();
}

Bytes withdrawn(net::Family family, const std::vector<net::Prefix>& prefixes) {
  ByteWriter out;
  encode_withdrawal(family, prefixes, out);
  return out.take();
}

Bytes message(const Bytes& body) {
  return encode_message(MessageType::kUpdate, body);
}

std::vector<std::size_t> message_sizes(std::span<const std::byte> messages) {
  std::vector<std::size_t> sizes;
  MessageSplitter splitter;
  while (!messages.empty()) {
    const auto next = splitter.next(messages);
    if (!next || !*next) return {};
    sizes.push_back(kHeaderSize + (*next)->body.size());
  }
  return sizes;
}

std::vector<net::Prefix> random_prefixes(net::Family family, std::size_t count,
                                         std::mt19937& random) {
  std::vector<net::Prefix> prefixes;
  for (std::size_t i = 0; i < count; ++i) {
    std::array<std::uint8_t, 16> octets{};
    for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(random());
    const auto where = family == net::Family::kIpv4
                           ? net::IpAddress::v4({octets[0], octets[1], octets[2], octets[3]})
                           : net::IpAddress::v6(octets);
    const auto length = static_cast<unsigned>(random() % (net::width_of(family) + 1));
    prefixes.push_back(*net::Prefix::containing(where, length));
  }
  return prefixes;
}

net::Asn random_asn(std::mt19937& random) {
  const bool wide = random() % 2 == 0;
  return {static_cast<std::uint32_t>(wide ? random() | 1U : random() % 65535 + 1)};
}

PathAttributes random_attributes(std::mt19937& random) {
  PathAttributes attributes;
  const auto chance = [&random] { return random() % 2 == 0; };
  attributes.origin = Origin{static_cast<std::uint8_t>(random() % 3)};
  for (std::size_t i = random() % 4; i > 0; --i) {
    AsPathSegment segment;
    if (random() % 4 == 0) segment.kind = AsPathSegment::Kind::kSet;
    const std::size_t size = random() % 20 == 0 ? 255 : random() % 6 + 1;
    for (std::size_t k = 0; k < size; ++k) segment.asns.push_back(random_asn(random));
    attributes.as_path.segments.push_back(segment);
  }
  if (chance()) attributes.med = static_cast<std::uint32_t>(random());
  attributes.atomic_aggregate = chance();
  if (chance()) attributes.aggregator = {random_asn(random), address("192.0.2.77")};
  for (std::size_t i = random() % 80; i > 0 && chance(); --i) {
    attributes.communities.push_back({static_cast<std::uint32_t>(random())});
  }
  for (std::size_t i = random() % 40; i > 0 && chance(); --i) {
    attributes.extended_communities.push_back({std::uint64_t{random()} << 32U | random()});
  }
  for (auto i = static_cast<std::uint32_t>(random() % 30); i > 0; --i) {
    attributes.large_communities.push_back({i, static_cast<std::uint32_t>(random()), 0});
  }
  if (chance()) attributes.only_to_customer = random_asn(random);
  return attributes;
}

TEST(UpdateEncoderTest, EncodesAnIpv4RouteAsRfc4271Says) {
  const Bytes expected = message(update_body({}, mandatory(), nlri()));
  EXPECT_EQ(announced(simple_attributes(), "192.0.2.1", {prefix("198.51.100.0/24")}), expected);
}

TEST(UpdateEncoderTest, Rfc7606_5_1_EncodesAnIpv6RouteWithItsRoutesInFront) {
  const Bytes expected = message(update_body({}, join({mp_reach(), origin(), as_path()}), {}));
  EXPECT_EQ(announced(simple_attributes(), "2001:db8::1", {prefix("2001:db8:1::/48")}), expected);
}

TEST(UpdateEncoderTest, Rfc4271_5_EncodesEveryAttributeInOrderOfItsType) {
  PathAttributes attributes = simple_attributes();
  attributes.origin = Origin::kIncomplete;
  attributes.med = 50;
  attributes.atomic_aggregate = true;
  attributes.aggregator = {net::Asn{64500}, address("192.0.2.9")};
  attributes.communities = {community(64500, 1)};
  attributes.extended_communities = {{0x4300000000000001}};
  attributes.large_communities = {{64500, 1, 2}};
  attributes.only_to_customer = net::Asn{64501};
  const Bytes expected = message(
      update_body({},
                  join({attribute(0x40, 1, bytes({2})), as_path(), next_hop(),
                        attribute(0x80, 4, bytes({0, 0, 0, 50})), attribute(0x40, 6, {}),
                        attribute(0xc0, 7, bytes({0, 0, 0xfb, 0xf4, 192, 0, 2, 9})),
                        attribute(0xc0, 8, bytes({0xfb, 0xf4, 0, 1})),
                        attribute(0xc0, 16, bytes({0x43, 0, 0, 0, 0, 0, 0, 1})),
                        attribute(0xc0, 32, bytes({0, 0, 0xfb, 0xf4, 0, 0, 0, 1, 0, 0, 0, 2})),
                        attribute(0xc0, 35, bytes({0, 0, 0xfb, 0xf5}))}),
                  nlri()));
  EXPECT_EQ(announced(attributes, "192.0.2.1", {prefix("198.51.100.0/24")}), expected);
}

TEST(UpdateEncoderTest, Rfc6793_4_2_2_TellsTwoOctetPeersWideNumbersOnTheSide) {
  PathAttributes attributes;
  attributes.as_path.segments = {
      {AsPathSegment::Kind::kSequence, {net::Asn{64500}, net::Asn{4'200'000'000}}}};
  attributes.aggregator = {net::Asn{4'200'000'000}, address("192.0.2.9")};
  const Bytes expected = message(
      update_body({},
                  join({origin(), attribute(0x40, 2, bytes({2, 2, 0xfb, 0xf4, 0x5b, 0xa0})),
                        next_hop(), attribute(0xc0, 7, bytes({0x5b, 0xa0, 192, 0, 2, 9})),
                        attribute(0xc0, 17, bytes({2, 2, 0, 0, 0xfb, 0xf4, 0xfa, 0x56, 0xea, 0})),
                        attribute(0xc0, 18, bytes({0xfa, 0x56, 0xea, 0, 192, 0, 2, 9}))}),
                  nlri()));
  EXPECT_EQ(announced(attributes, "192.0.2.1", {prefix("198.51.100.0/24")}, kTwo), expected);
}

TEST(UpdateEncoderTest, SaysNothingOnTheSideWhenTwoOctetsSayAll) {
  const Bytes expected = message(update_body(
      {}, join({origin(), attribute(0x40, 2, bytes({2, 1, 0xfb, 0xf4})), next_hop()}), nlri()));
  EXPECT_EQ(announced(simple_attributes(), "192.0.2.1", {prefix("198.51.100.0/24")}, kTwo),
            expected);
}

TEST(UpdateEncoderTest, ExtendsLengthsOnlyWhenNeeded) {
  for (const std::size_t count : {63U, 64U}) {
    PathAttributes attributes = simple_attributes();
    attributes.communities.assign(count, community(1, 1));
    const Bytes value = Bytes(count * 4);
    const int flags = count == 63 ? 0xc0 : 0xd0;
    const Bytes got = announced(attributes, "192.0.2.1", {prefix("198.51.100.0/24")});
    EXPECT_EQ(got.size(),
              kHeaderSize +
                  update_body({}, join({mandatory(), attribute(flags, 8, value)}), nlri()).size());
  }
}

TEST(UpdateEncoderTest, EncodesWithdrawals) {
  EXPECT_EQ(withdrawn(net::Family::kIpv4, {prefix("198.51.100.0/24")}),
            message(update_body(nlri(), {}, {})));
  EXPECT_EQ(withdrawn(net::Family::kIpv6, {prefix("2001:db8:2::/48")}),
            message(update_body({}, mp_unreach(), {})));
}

TEST(UpdateEncoderTest, Rfc4724_2_EncodesEndOfRib) {
  ByteWriter ipv4;
  encode_end_of_rib(net::Family::kIpv4, ipv4);
  EXPECT_EQ(ipv4.take(), message(bytes({0, 0, 0, 0})));
  ByteWriter ipv6;
  encode_end_of_rib(net::Family::kIpv6, ipv6);
  EXPECT_EQ(ipv6.take(), message(bytes({0, 0, 0, 6, 0x80, 15, 3, 0, 2, 1})));
}

TEST(UpdateEncoderTest, NoRoutesNeedNoMessage) {
  EXPECT_TRUE(announced(simple_attributes(), "192.0.2.1", {}).empty());
  EXPECT_TRUE(withdrawn(net::Family::kIpv6, {}).empty());
}

// All messages but the last have no room for one more prefix.
void expect_full(const Bytes& messages) {
  auto sizes = message_sizes(messages);
  ASSERT_GT(sizes.size(), 2U);
  sizes.pop_back();
  for (const std::size_t size : sizes) {
    EXPECT_LE(size, kMaxMessageSize);
    EXPECT_GT(size, kMaxMessageSize - 20);
  }
}

TEST(UpdateEncoderTest, SplitsManyRoutesIntoFullMessages) {
  std::mt19937 random(1);
  for (const net::Family family : {net::Family::kIpv4, net::Family::kIpv6}) {
    const auto prefixes = random_prefixes(family, 3000, random);
    const bool ipv4 = family == net::Family::kIpv4;
    const auto hop = ipv4 ? address("192.0.2.1") : address("2001:db8::1");
    const Bytes routes = announced(simple_attributes(), hop.to_string(), prefixes);
    const Bytes withdrawals = withdrawn(family, prefixes);
    expect_full(routes);
    expect_full(withdrawals);
    UpdateMessage wanted{.announced = {{family, hop, prefixes}},
                         .attributes = std::make_shared<PathAttributes>(simple_attributes())};
    EXPECT_TRUE(says_exactly(routes, wanted, kFour));
    EXPECT_TRUE(says_exactly(withdrawals, UpdateMessage{.withdrawn = prefixes}, kFour));
  }
}

TEST(UpdateEncoderTest, ReportsAttributesThatLeaveNoRoomForOneRoute) {
  // 4096 - 19 - 4 - ORIGIN 4 - AS_PATH 9 - NEXT_HOP 7 = 4053 octets for communities and one prefix
  // of 5: (4053 - 5 - 4) / 4 = 1011 communities.
  for (const auto& [count, fits] : {std::pair{1011U, true}, std::pair{1012U, false}}) {
    PathAttributes attributes = simple_attributes();
    attributes.communities.assign(count, community(1, 1));
    ByteWriter out;
    const auto encoded = encode_announcement(attributes, address("192.0.2.1"),
                                             std::vector{prefix("198.51.100.1/32")}, kFour, out);
    EXPECT_EQ(encoded.has_value(), fits) << count;
    EXPECT_EQ(out.size() != 0, fits);
    EXPECT_LE(out.size(), kMaxMessageSize);
  }
}

TEST(UpdateEncoderTest, AttributesBeyondAnyMessageAreReportedToo) {
  PathAttributes attributes = simple_attributes();
  attributes.large_communities.assign(20'000, LargeCommunity{1, 2, 3});
  ByteWriter out;
  const auto encoded = encode_announcement(attributes, address("2001:db8::1"),
                                           std::vector{prefix("2001:db8::/32")}, kFour, out);
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error(), EncodeError::kAttributesTooLarge);
  EXPECT_EQ(out.size(), 0U);
}

TEST(UpdateEncoderTest, RandomUpdatesRoundTrip) {
  constexpr unsigned kSeed = 20261121;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::mt19937 random(kSeed);
  int encoded_updates = 0;
  for (int round = 0; round < 2000; ++round) {
    SCOPED_TRACE(round);
    UpdateMessage update;
    update.withdrawn = random_prefixes(net::Family::kIpv4, random() % 20, random);
    const auto more = random_prefixes(net::Family::kIpv6, random() % 20, random);
    update.withdrawn.insert(update.withdrawn.end(), more.begin(), more.end());
    const bool ipv4 = random() % 2 == 0;
    const auto hop = ipv4 ? address("192.0.2.1") : address("2001:db8::1");
    update.announced = {
        {hop.family(), hop, random_prefixes(hop.family(), random() % 50 + 1, random)}};
    update.attributes = std::make_shared<PathAttributes>(random_attributes(random));
    const AsnWidth width = random() % 2 == 0 ? kFour : kTwo;
    ByteWriter out;
    if (!encode_update(update, width, out)) continue;
    ++encoded_updates;
    ASSERT_TRUE(says_exactly(out.view(), update, width));
  }
  EXPECT_GT(encoded_updates, 1500);
}

// Whatever octet stands at `at`: what the decoder accepts, the encoder says again.
void expect_consistent_with_any_octet(Bytes body, std::size_t at, AsnWidth width) {
  for (int octet = 0; octet < 256; ++octet) {
    body[at] = static_cast<std::byte>(octet);
    const auto update = decode_update(body, {.asn_width = width});
    if (!update) continue;
    ByteWriter out;
    ASSERT_TRUE(encode_update(*update, width, out));
    ASSERT_TRUE(says_exactly(out.view(), *update, width)) << "octet " << octet;
  }
}

TEST(UpdateEncoderTest, EveryOctetChangedNeverEscapesTheDecoder) {
  const std::pair<AsnWidth, Bytes> samples[] = {
      {kFour,
       update_body(bytes({24, 203, 0, 113}),
                   join({mandatory(), attribute(0x80, 4, bytes({0, 0, 0, 50})),
                         attribute(0xc0, 7, bytes({0, 0, 0xfb, 0xf4, 192, 0, 2, 9})),
                         attribute(0xc0, 8, bytes({0xfb, 0xf4, 0, 1})),
                         attribute(0xc0, 32, bytes({0, 0, 0xfb, 0xf4, 0, 0, 0, 1, 0, 0, 0, 2}))}),
                   nlri())},
      {kFour, update_body({}, join({mp_reach(), origin(), as_path(), mp_unreach()}), {})},
      {kTwo, update_body({},
                         join({origin(), attribute(0x40, 2, bytes({2, 2, 0x5b, 0xa0, 0xfb, 0xf4})),
                               next_hop(), attribute(0xc0, 7, bytes({0x5b, 0xa0, 192, 0, 2, 9})),
                               attribute(0xc0, 17, bytes({2, 1, 0, 0, 0xfb, 0xf4})),
                               attribute(0xc0, 18, bytes({0xfa, 0x56, 0xea, 0, 192, 0, 2, 9}))}),
                         nlri())},
  };
  for (const auto& [width, sample] : samples) {
    for (std::size_t at = 0; at < sample.size(); ++at) {
      SCOPED_TRACE(at);
      expect_consistent_with_any_octet(sample, at, width);
    }
  }
}

TEST(UpdateEncoderTest, NoTruncationAnnouncesWhatWasCutOff) {
  const Bytes whole = update_body({}, join({mp_reach(), mandatory()}), nlri());
  const auto all = decode_update(whole, {});
  ASSERT_TRUE(all);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    const auto update = decode_update(std::span(whole).first(size), {});
    const bool only_nlri_missing = size == whole.size() - nlri().size();
    EXPECT_EQ(update.has_value(), only_nlri_missing);
  }
}

}  // namespace
}  // namespace fabrix::bgp
