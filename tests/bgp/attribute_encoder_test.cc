#include "bgp/attribute_encoder.h"

#include <gtest/gtest.h>

#include "bgp/attribute_decoder.h"
#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

Bytes block_of(const PathAttributes& attributes, AsnWidth width = AsnWidth::kFourOctets) {
  ByteWriter out;
  encode_attributes(attributes, {.asn_width = width}, out);
  return out.take();
}

PathAttributes simple_attributes() {
  PathAttributes attributes;
  attributes.as_path.prepend(net::Asn{64500}, 1);
  return attributes;
}

TEST(AttributeEncoderTest, ABlockHoldsNoNextHop) {
  EXPECT_EQ(block_of(simple_attributes()), join({origin(), as_path()}));
}

TEST(AttributeEncoderTest, Rfc4271_5_AttributesStandInOrderOfTheirTypes) {
  PathAttributes attributes = simple_attributes();
  attributes.med = 1;
  attributes.local_pref = 300;
  attributes.atomic_aggregate = true;
  attributes.communities = {community(1, 2)};
  attributes.large_communities = {{1, 2, 3}};
  attributes.only_to_customer = net::Asn{64500};
  EXPECT_EQ(block_of(attributes),
            join({origin(), as_path(), attribute(0x80, 4, bytes({0, 0, 0, 1})),
                  attribute(0x40, 5, bytes({0, 0, 1, 0x2c})), attribute(0x40, 6, {}),
                  attribute(0xc0, 8, bytes({0, 1, 0, 2})),
                  attribute(0xc0, 32, bytes({0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3})),
                  attribute(0xc0, 35, bytes({0, 0, 0xfb, 0xf4}))}));
}

TEST(AttributeEncoderTest, Rfc4271_4_3_LengthsHaveTwoOctetsOnlyWhereOneIsNotEnough) {
  for (const std::size_t size : {0UL, 255UL, 256UL, 65535UL}) {
    ByteWriter out;
    encode_attribute_header(kOptionalFlag, AttributeType::kMpReach, size, out);
    EXPECT_EQ(out.size() + size, encoded_attribute_size(size));
    EXPECT_EQ(out.size(), size > 255 ? 4U : 3U);
  }
}

// The longest path that is taken can be written for anybody.
TEST(AttributeEncoderTest, TheLongestPathRoundTripsInBothWidths) {
  PathAttributes attributes;
  attributes.as_path.prepend(net::Asn{4'200'000'000}, 4096);
  for (const AsnWidth width : {AsnWidth::kTwoOctets, AsnWidth::kFourOctets}) {
    const Bytes block = block_of(attributes, width);
    const auto decoded = decode_attributes(block, {.asn_width = width});
    ASSERT_TRUE(decoded);
    EXPECT_TRUE(decoded->treat_as_withdraw.empty() && decoded->discarded.empty());
    EXPECT_EQ(decoded->attributes.as_path.length(), 4096U);
  }
}

}  // namespace
}  // namespace fabrix::bgp
