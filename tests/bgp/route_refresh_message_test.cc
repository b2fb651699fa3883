#include "bgp/route_refresh_message.h"

#include <gtest/gtest.h>

#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

constexpr RouteRefreshMessage kIpv6Request{.family = {.afi = 2, .safi = Safi::kUnicast}};

TEST(RouteRefreshMessageTest, EncodesAsRfc2918Says) {
  ByteWriter out;
  encode_route_refresh(kIpv6Request, out);
  EXPECT_EQ(out.take(), bytes({0, 2, 0, 1}));
}

TEST(RouteRefreshMessageTest, DecodesRequestsAndDemarcations) {
  EXPECT_EQ(decode_route_refresh(bytes({0, 2, 0, 1})), kIpv6Request);
  EXPECT_EQ(decode_route_refresh(bytes({0, 2, 2, 1}))->subtype, RouteRefreshMessage::Subtype::kEnd);
}

TEST(RouteRefreshMessageTest, EncodesWholeMessages) {
  ByteWriter out;
  encode_route_refresh_message(
      {.family = {.afi = 1, .safi = Safi::kUnicast}, .subtype = RouteRefreshMessage::Subtype::kEnd},
      out);
  EXPECT_EQ(out.take(), join({Bytes(16, std::byte{0xff}), bytes({0, 23, 5, 0, 1, 2, 1})}));
}

// RFC 5291 filters are not offered, so a longer message is as wrong as a shorter one.
TEST(RouteRefreshMessageTest, Rfc7313_5_HasFourOctets) {
  EXPECT_EQ(decode_route_refresh(bytes({0, 2, 0, 1, 9})), std::nullopt);
  EXPECT_EQ(decode_route_refresh(bytes({0, 2, 1, 1, 9, 9, 9})), std::nullopt);
}

TEST(RouteRefreshMessageTest, RejectsEveryTruncation) {
  const Bytes whole = bytes({0, 2, 0, 1});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(decode_route_refresh(std::span(whole).first(size)), std::nullopt);
  }
}

}  // namespace
}  // namespace fabrix::bgp
