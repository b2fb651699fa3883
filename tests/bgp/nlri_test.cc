#include "bgp/nlri.h"

#include <gtest/gtest.h>

#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

constexpr auto kIpv4 = net::Family::kIpv4;
constexpr auto kIpv6 = net::Family::kIpv6;

TEST(NlriTest, EveryLengthTakesTheOctetsItNeeds) {
  for (const auto& [family, text] : {std::pair{kIpv4, "255.255.255.255"},
                                     std::pair{kIpv6, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}}) {
    for (unsigned length = 0; length <= net::width_of(family); ++length) {
      const auto prefix = *net::Prefix::containing(address(text), length);
      ByteWriter out;
      encode_nlri(prefix, out);
      EXPECT_EQ(out.size(), 1 + (length + 7) / 8);
      EXPECT_EQ(nlri_size(prefix), out.size());
      EXPECT_LE(out.size(), max_nlri_size(family));
      EXPECT_EQ(decode_nlri(out.view(), family), std::vector{prefix});
    }
  }
}

TEST(NlriTest, Rfc7606_5_3_RejectsLengthsBeyondTheFamilyAndTruncations) {
  EXPECT_EQ(decode_nlri(bytes({33, 1, 2, 3, 4, 5}), kIpv4), std::nullopt);
  EXPECT_EQ(decode_nlri(join({bytes({129}), Bytes(17)}), kIpv6), std::nullopt);
  EXPECT_EQ(decode_nlri(bytes({255}), kIpv6), std::nullopt);
  EXPECT_EQ(decode_nlri(bytes({24, 1, 2}), kIpv4), std::nullopt);
  EXPECT_EQ(decode_nlri(bytes({24, 1, 2, 3, 1}), kIpv4), std::nullopt);
}

TEST(NlriTest, NoOctetsAreNoPrefixes) {
  EXPECT_EQ(decode_nlri({}, kIpv4), std::vector<net::Prefix>{});
}

TEST(NlriTest, Rfc4271_4_3_BitsAfterTheLengthAreIgnored) {
  EXPECT_EQ(decode_nlri(bytes({4, 0xff}), kIpv4), std::vector{prefix("240.0.0.0/4")});
}

}  // namespace
}  // namespace fabrix::bgp
