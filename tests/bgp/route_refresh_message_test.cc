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

TEST(RouteRefreshMessageTest, DecodesRequestsMarkersAndFilters) {
  EXPECT_EQ(decode_route_refresh(bytes({0, 2, 0, 1})), kIpv6Request);
  EXPECT_EQ(decode_route_refresh(bytes({0, 2, 2, 1}))->subtype, RouteRefreshMessage::Subtype::kEnd);
  EXPECT_EQ(decode_route_refresh(bytes({0, 2, 0, 1, 9, 9, 9})), kIpv6Request);
}

TEST(RouteRefreshMessageTest, RejectsEveryTruncation) {
  const Bytes whole = bytes({0, 2, 0, 1});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(decode_route_refresh(std::span(whole).first(size)), std::nullopt);
  }
}

}  // namespace
}  // namespace fabrix::bgp
