#include "rpki/vrp.h"

#include <gtest/gtest.h>

#include "tests/rpki/octets.h"

namespace fabrix::rpki {
namespace {

TEST(VrpTest, Rfc6482_3_3_MaximumLengthLiesBetweenPrefixLengthAndAddressWidth) {
  EXPECT_TRUE(is_sound(vrp("192.0.2.0/24", 1, 24)));
  EXPECT_TRUE(is_sound(vrp("192.0.2.0/24", 1, 32)));
  EXPECT_FALSE(is_sound(vrp("192.0.2.0/24", 1, 23)));
  EXPECT_FALSE(is_sound(vrp("192.0.2.0/24", 1, 33)));
  EXPECT_TRUE(is_sound(vrp("2001:db8::/32", 1, 128)));
  EXPECT_FALSE(is_sound(vrp("2001:db8::/32", 1, 129)));
}

TEST(VrpTest, IsShownWithAMaximumLengthThatSaysSomething) {
  EXPECT_EQ(to_string(vrp("192.0.2.0/24", 64500)), "192.0.2.0/24 AS64500");
  EXPECT_EQ(to_string(vrp("2001:db8::/32", 64500, 48)), "2001:db8::/32-48 AS64500");
}

TEST(VrpTest, SortsBlocksBeforeWhatIsInsideThem) {
  EXPECT_LT(vrp("10.0.0.0/8", 9), vrp("10.0.0.0/16", 1));
  EXPECT_LT(vrp("10.0.0.0/8", 9, 8), vrp("10.0.0.0/8", 1, 9));
  EXPECT_LT(vrp("203.0.113.0/24", 9), vrp("::/0", 1));
}

}  // namespace
}  // namespace fabrix::rpki
