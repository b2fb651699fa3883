#include "net/route_attributes.h"

#include <gtest/gtest.h>

namespace fabrix::net {
namespace {

TEST(RouteAttributesTest, CommunitiesReadAsPeopleWriteThem) {
  EXPECT_EQ(to_string(Community{0xfbf40001}), "64500:1");
  EXPECT_EQ(to_string(LargeCommunity{4200000000, 0, 7}), "4200000000:0:7");
}

// RFC 4360 §4, §5 and RFC 5668: type, subtype, AS and number.
TEST(RouteAttributesTest, RouteTargetsAndOriginsAreTakenApart) {
  EXPECT_EQ(to_string(ExtendedCommunity{0x0002'fbf4'0000'0001}), "rt:64500:1");
  EXPECT_EQ(to_string(ExtendedCommunity{0x0003'fbf4'0001'0000}), "ro:64500:65536");
  EXPECT_EQ(to_string(ExtendedCommunity{0x0202'0001'0000'0005}), "rt:65536:5");
}

TEST(RouteAttributesTest, OtherExtendedCommunitiesAreNumbers) {
  EXPECT_EQ(to_string(ExtendedCommunity{0x4300'0000'0000'0000}), "0x4300000000000000");
  EXPECT_EQ(to_string(ExtendedCommunity{0x0102'c000'0201'0001}), "0x0102c00002010001");
}

}  // namespace
}  // namespace fabrix::net
