#include "bgp/as_path_codec.h"

#include <gtest/gtest.h>

#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

constexpr auto kSequence = AsPathSegment::Kind::kSequence;
constexpr auto kSet = AsPathSegment::Kind::kSet;

AsPath path(std::initializer_list<std::pair<AsPathSegment::Kind, std::vector<std::uint32_t>>> in) {
  AsPath result;
  for (const auto& [kind, numbers] : in) {
    AsPathSegment segment{.kind = kind, .asns = {}};
    for (const std::uint32_t number : numbers) segment.asns.push_back({number});
    result.segments.push_back(segment);
  }
  return result;
}

Bytes encoded(const AsPath& as_path, AsnWidth width) {
  ByteWriter out;
  encode_as_path(as_path, width, out);
  return out.take();
}

TEST(AsPathCodecTest, EncodesBothWidths) {
  const AsPath both = path({{kSequence, {64500, 70000}}, {kSet, {1}}});
  EXPECT_EQ(encoded(both, AsnWidth::kFourOctets),
            bytes({2, 2, 0, 0, 0xfb, 0xf4, 0, 1, 0x11, 0x70, 1, 1, 0, 0, 0, 1}));
  EXPECT_EQ(encoded(both, AsnWidth::kTwoOctets), bytes({2, 2, 0xfb, 0xf4, 0x5b, 0xa0, 1, 1, 0, 1}));
  EXPECT_EQ(decode_as_path(encoded(both, AsnWidth::kFourOctets), AsnWidth::kFourOctets), both);
  EXPECT_FALSE(fits_two_octets(both));
  EXPECT_TRUE(fits_two_octets(path({{kSequence, {65535}}})));
  EXPECT_EQ(encoded(path({{kSequence, {65535}}}), AsnWidth::kTwoOctets), bytes({2, 1, 255, 255}));
}

TEST(AsPathCodecTest, AnEmptyPathIsAPath) {
  EXPECT_EQ(decode_as_path({}, AsnWidth::kFourOctets), AsPath{});
}

TEST(AsPathCodecTest, ReadsTheSuperLongPathsOfTheWild) {
  // AS47868, 2009: 252 prepends, in one segment.
  AsPath super_long;
  super_long.prepend(net::Asn{47868}, 252);
  const auto read =
      decode_as_path(encoded(super_long, AsnWidth::kFourOctets), AsnWidth::kFourOctets);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->length(), 252U);
}

TEST(AsPathCodecTest, Rfc6793_6_LeavesConfederationSegmentsOutOfAs4Path) {
  // The incident of 2008: CONFED segments in AS4_PATH took sessions down far away.
  const Bytes value = bytes({3, 1, 0, 0, 0xfd, 0xe8, 2, 1, 0, 1, 0x11, 0x70, 4, 1, 0, 0, 0, 9});
  EXPECT_EQ(decode_as4_path(value), path({{kSequence, {70000}}}));
  EXPECT_EQ(decode_as_path(value, AsnWidth::kFourOctets), std::nullopt);
}

TEST(AsPathCodecTest, Rfc6793_4_2_3_MergesBothPaths) {
  const struct {
    const char* what = nullptr;
    AsPath as_path;
    AsPath as4_path;
    AsPath expected;
  } rows[] = {
      {"same length", path({{kSequence, {64500, 23456}}}), path({{kSequence, {64500, 70000}}}),
       path({{kSequence, {64500, 70000}}})},
      {"two-octet speakers in front", path({{kSequence, {1, 2, 23456, 4}}}),
       path({{kSequence, {70000, 4}}}), path({{kSequence, {1, 2, 70000, 4}}})},
      {"AS4_PATH longer: ignored", path({{kSequence, {1, 23456}}}),
       path({{kSequence, {1, 2, 70000}}}), path({{kSequence, {1, 23456}}})},
      {"a set counts as one", path({{kSequence, {1}}, {kSet, {23456, 3}}}),
       path({{kSet, {70000, 3}}}), path({{kSequence, {1}}, {kSet, {70000, 3}}})},
      {"a set in front stays whole", path({{kSet, {1, 2}}, {kSequence, {23456}}}),
       path({{kSequence, {70000}}}), path({{kSet, {1, 2}}, {kSequence, {70000}}})},
      {"empty AS4_PATH", path({{kSequence, {1, 2}}}), {}, path({{kSequence, {1, 2}}})},
  };
  for (const auto& [what, as_path, as4_path, expected] : rows) {
    SCOPED_TRACE(what);
    EXPECT_EQ(merge_as4_path(as_path, as4_path), expected);
  }
}

TEST(AsPathCodecTest, MergedSegmentsStayWithinWhatASegmentHolds) {
  AsPath front;
  front.prepend(net::Asn{1}, 255);
  front.segments.push_back({kSequence, std::vector<net::Asn>(255, net::Asn{23456})});
  AsPath back;
  back.prepend(net::Asn{70000}, 255);
  const AsPath merged = merge_as4_path(front, back);
  EXPECT_EQ(merged.length(), 510U);
  for (const AsPathSegment& segment : merged.segments) EXPECT_LE(segment.asns.size(), 255U);
}

UpdateMessage from_two_octet_peer(const Bytes& more) {
  const Bytes attributes =
      join({origin(), attribute(0x40, 2, bytes({2, 2, 0xfb, 0xf4, 0x5b, 0xa0})), next_hop(), more});
  const auto update = decode_update(update_body({}, attributes, nlri()), kTwoOctetPeer);
  EXPECT_TRUE(update && update->attributes);
  return *update;
}

TEST(AsPathCodecTest, UpdatesOfTwoOctetPeersAreMerged) {
  const Bytes as4_path = attribute(0xc0, 17, bytes({2, 1, 0xfa, 0x56, 0xea, 0}));
  const Bytes trans = attribute(0xc0, 7, bytes({0x5b, 0xa0, 192, 0, 2, 9}));
  const Bytes narrow = attribute(0xc0, 7, bytes({0xfb, 0xf4, 192, 0, 2, 8}));
  const Bytes as4_aggregator = attribute(0xc0, 18, bytes({0xfa, 0x56, 0xea, 0, 192, 0, 2, 9}));
  const struct {
    const char* what;
    Bytes more;
    const char* path;
    std::uint32_t aggregator;
  } rows[] = {
      {"neither", {}, "64500 23456", 0},
      {"path", as4_path, "64500 4200000000", 0},
      {"path and aggregator", join({trans, as4_path, as4_aggregator}), "64500 4200000000",
       4'200'000'000},
      {"aggregator alone", join({trans, as4_aggregator}), "64500 23456", 4'200'000'000},
      {"aggregated later by a two-octet speaker", join({narrow, as4_path, as4_aggregator}),
       "64500 23456", 64500},
      {"AS4_AGGREGATOR without AGGREGATOR", as4_aggregator, "64500 23456", 0},
      {"narrow aggregator, wide path", join({narrow, as4_path}), "64500 4200000000", 64500},
  };
  for (const auto& [what, more, expected_path, aggregator] : rows) {
    SCOPED_TRACE(what);
    const UpdateMessage update = from_two_octet_peer(more);
    EXPECT_EQ(update.attributes->as_path.to_string(), expected_path);
    const auto& got = update.attributes->aggregator;
    EXPECT_EQ(got ? got->asn.value : 0, aggregator);
    EXPECT_TRUE(update.discarded.empty());
  }
}

TEST(AsPathCodecTest, Rfc6793_6_MalformedAs4AttributesAreDiscarded) {
  const struct {
    const char* what;
    Bytes attribute;
  } rows[] = {
      {"AS4_PATH overrun", attribute(0xc0, 17, bytes({2, 2, 0, 0, 0, 1}))},
      {"AS4_PATH segment type", attribute(0xc0, 17, bytes({9, 1, 0, 0, 0, 1}))},
      {"AS4_PATH with AS 0", attribute(0xc0, 17, bytes({2, 1, 0, 0, 0, 0}))},
      {"AS4_PATH flags", attribute(0x40, 17, bytes({2, 1, 0, 1, 0, 0}))},
      {"AS4_AGGREGATOR length", attribute(0xc0, 18, bytes({0, 0, 0, 1}))},
      {"AS4_AGGREGATOR of AS 0", attribute(0xc0, 18, Bytes(8))},
  };
  for (const auto& [what, bad] : rows) {
    SCOPED_TRACE(what);
    const UpdateMessage update = from_two_octet_peer(bad);
    EXPECT_EQ(update.attributes->as_path.to_string(), "64500 23456");
    EXPECT_EQ(update.discarded.size(), 1U);
  }
}

TEST(AsPathCodecTest, Rfc7606_7_7_TwoOctetAggregatorsAreSixOctets) {
  const UpdateMessage update =
      from_two_octet_peer(attribute(0xc0, 7, bytes({0, 0, 0xfb, 0xf4, 192, 0, 2, 9})));
  EXPECT_FALSE(update.attributes->aggregator);
  EXPECT_EQ(update.discarded.size(), 1U);
}

}  // namespace
}  // namespace fabrix::bgp
