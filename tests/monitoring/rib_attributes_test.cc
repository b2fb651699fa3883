#include "monitoring/rib_attributes.h"

#include <gtest/gtest.h>

#include "tests/monitoring/world.h"

namespace fabrix::monitoring {
namespace {

using testing::address;
using testing::attributes;
using testing::copy;

Bytes encoded(const bgp::PathAttributes& value, std::string_view next_hop) {
  ByteWriter out;
  encode_rib_attributes(value, address(next_hop), out);
  return out.take();
}

const Bytes kOrigin = bytes({0x40, 1, 1, 0});
const Bytes kAsPath = bytes({0x40, 2, 6, 2, 1, 0, 0, 0xfb, 0xf5});

TEST(RibAttributes, Rfc6396_4_3_4_AsNumbersHaveFourOctets) {
  EXPECT_EQ(encoded(attributes({64501}), "192.0.2.11"),
            join({bytes({0x40, 3, 4, 192, 0, 2, 11}), kOrigin, kAsPath}));
}

// "only the Next Hop Address Length and Next Hop Address fields are included".
TEST(RibAttributes, Rfc6396_4_3_4_MpReachIsAbbreviated) {
  EXPECT_EQ(
      encoded(attributes({64501}), "2001:db8::11"),
      join({bytes({0x80, 14, 17, 16, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11}),
            kOrigin, kAsPath}));
}

TEST(RibAttributes, UnderstandAFullMpReachAsSomeWriteIt) {
  const Bytes full = bytes({0x80, 14, 28, 0, 2, 1, 16, 0x20, 1,  0x0d, 0xb8, 0,    0,    0, 0, 0,
                            0,    0,  0,  0, 0, 0, 1,  0,    48, 0x20, 1,    0x0d, 0xb8, 0, 1});
  const auto decoded = decode_rib_attributes(join({kOrigin, kAsPath, full}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->next_hop, address("2001:db8::1"));
  EXPECT_EQ(*decoded->attributes, attributes({64501}));
}

TEST(RibAttributes, TakeTheGlobalOfTwoNextHops) {
  Bytes both = bytes({0x80, 14, 33, 32});
  for (const auto* const text : {"2001:db8::1", "fe80::1"}) {
    both = join({both, copy(std::as_bytes(address(text).octets()))});
  }
  const auto decoded = decode_rib_attributes(join({both, kOrigin, kAsPath}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->next_hop, address("2001:db8::1"));
}

TEST(RibAttributes, SurviveARoundTrip) {
  bgp::PathAttributes all = attributes({64501, 4200000001});
  all.as_path.segments.push_back(
      {bgp::AsPathSegment::Kind::kSet, {net::Asn{64502}, net::Asn{64503}}});
  all.origin = bgp::Origin::kIncomplete;
  all.med = 77;
  all.atomic_aggregate = true;
  all.aggregator = bgp::Aggregator{.asn = net::Asn{4200000001}, .address = address("192.0.2.77")};
  all.communities = {bgp::community(64501, 1), bgp::kNoExport};
  all.extended_communities = {{0x0002fbf500000001}};
  all.large_communities = {{64501, 1, 2}};
  for (const auto* const next_hop : {"192.0.2.11", "2001:db8::11"}) {
    const auto decoded = decode_rib_attributes(encoded(all, next_hop));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded->attributes, all);
    EXPECT_EQ(decoded->next_hop, address(next_hop));
  }
}

TEST(RibAttributes, RejectWhatIsNoRoute) {
  const Bytes next_hop = bytes({0x40, 3, 4, 192, 0, 2, 11});
  const Bytes reach =
      bytes({0x80, 14, 17, 16, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11});
  const std::pair<const char*, Bytes> cases[] = {
      {"nothing", {}},
      {"no next hop", join({kOrigin, kAsPath})},
      {"no origin", join({next_hop, kAsPath})},
      {"no AS path", join({next_hop, kOrigin})},
      {"truncated", join({next_hop, kOrigin, bytes({0x40, 2, 6, 2, 1, 0})})},
      {"two MP_REACH_NLRI", join({reach, reach, kOrigin, kAsPath})},
      {"a next hop of 5", join({bytes({0x80, 14, 6, 5, 1, 2, 3, 4, 5}), kOrigin, kAsPath})},
      {"an empty MP_REACH_NLRI", join({bytes({0x80, 14, 0}), kOrigin, kAsPath})},
      {"a bad origin", join({next_hop, bytes({0x40, 1, 1, 9}), kAsPath})}};
  for (const auto& [name, block] : cases) {
    SCOPED_TRACE(name);
    EXPECT_FALSE(decode_rib_attributes(block));
  }
}

}  // namespace
}  // namespace fabrix::monitoring
