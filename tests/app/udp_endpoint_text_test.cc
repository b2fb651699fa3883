#include "app/udp_endpoint_text.h"

#include <string>

#include <gtest/gtest.h>

namespace fabrix::app {
namespace {

std::string shown(const std::string& text) {
  const auto parsed = parse_udp_endpoint(text, 6343);
  return parsed ? to_string(io::Endpoint(*parsed)) : parsed.error().message;
}

TEST(UdpEndpointText, ReadsAddressesWithAndWithoutPorts) {
  EXPECT_EQ(shown("192.0.2.1"), "192.0.2.1:6343");
  EXPECT_EQ(shown("192.0.2.1:7000"), "192.0.2.1:7000");
  EXPECT_EQ(shown("2001:db8::1"), "[2001:db8::1]:6343");
  EXPECT_EQ(shown("[2001:db8::1]"), "[2001:db8::1]:6343");
  EXPECT_EQ(shown("[::]:7000"), "[::]:7000");
}

TEST(UdpEndpointText, RefusesEverythingElse) {
  for (const std::string text : {"", ":", ":6343", "localhost", "192.0.2.1:", "192.0.2.1:x",
                                 "192.0.2.1:65536", "[::1", "[::1]7", "[]:1", "1.2.3.4:5:6"}) {
    EXPECT_FALSE(parse_udp_endpoint(text, 1)) << text;
  }
  EXPECT_EQ(shown("here"), "'here' is not ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT");
}

TEST(UdpEndpointText, ReadsSeveral) {
  const auto several = parse_udp_endpoints("192.0.2.1,[::1]:7", 6343).value();
  ASSERT_EQ(several.size(), 2U);
  EXPECT_EQ(several[0].port, 6343);
  EXPECT_EQ(several[1].port, 7);
  EXPECT_FALSE(parse_udp_endpoints("", 1));
  EXPECT_FALSE(parse_udp_endpoints("192.0.2.1,", 1));
}

}  // namespace
}  // namespace fabrix::app
