#include "io/endpoint.h"

#include <gtest/gtest.h>

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

TEST(EndpointTest, IsWrittenAsPeopleWriteIt) {
  EXPECT_EQ(to_string(IpEndpoint{testing::ip("192.0.2.1"), 179}), "192.0.2.1:179");
  EXPECT_EQ(to_string(IpEndpoint{testing::ip("2001:db8::1"), 179}), "[2001:db8::1]:179");
  EXPECT_EQ(to_string(UnixEndpoint{"/run/x.sock"}), "unix:/run/x.sock");
}

}  // namespace
}  // namespace fabrix::io
