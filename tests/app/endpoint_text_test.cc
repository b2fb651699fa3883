#include "app/endpoint_text.h"

#include <string>

#include <gtest/gtest.h>

namespace fabrix::app {
namespace {

TEST(EndpointTextTest, ReadsTcpAndUnixEndpoints) {
  const auto v4 = parse_endpoint("tcp:127.0.0.1:6653");
  ASSERT_TRUE(v4);
  EXPECT_EQ(std::get<io::IpEndpoint>(*v4).address, *net::IpAddress::parse("127.0.0.1"));
  EXPECT_EQ(std::get<io::IpEndpoint>(*v4).port, 6653);
  const auto v6 = parse_endpoint("tcp:[::1]:0");
  ASSERT_TRUE(v6);
  EXPECT_EQ(std::get<io::IpEndpoint>(*v6).address, *net::IpAddress::parse("::1"));
  EXPECT_EQ(std::get<io::IpEndpoint>(*v6).port, 0);
  const auto path = parse_endpoint("unix:/run/a:b.sock");
  ASSERT_TRUE(path);
  EXPECT_EQ(std::get<io::UnixEndpoint>(*path).path, "/run/a:b.sock");
}

TEST(EndpointTextTest, RefusesWhatIsNone) {
  EXPECT_EQ(parse_endpoint("localhost").error().message,
            "'localhost' is not an endpoint: write tcp:ADDRESS:PORT or unix:PATH");
}

TEST(EndpointTextTest, ReadsHooksOfTheLinuxFabric) {
  EXPECT_EQ(*parse_fabric_attach("tc"), exchange::FabricAttach::kTc);
  EXPECT_EQ(*parse_fabric_attach("xdp"), exchange::FabricAttach::kXdp);
  EXPECT_EQ(parse_fabric_attach("driver").error().message,
            "no hook is called 'driver': write tc or xdp");
}

TEST(EndpointTextTest, ReadsKindsOfFabrics) {
  EXPECT_EQ(*parse_fabric_type("linux"), exchange::FabricType::kLinux);
  EXPECT_EQ(*parse_fabric_type("openflow"), exchange::FabricType::kOpenFlow);
  EXPECT_EQ(parse_fabric_type("ovs").error().message,
            "no fabric is called 'ovs': write linux or openflow");
}

TEST(EndpointTextTest, ReadsGenerations) {
  EXPECT_EQ(*parse_generation("1"), 1U);
  EXPECT_EQ(*parse_generation("9223372036854775807"), 9223372036854775807U);
  for (const std::string text : {"", "0", "-1", "9223372036854775808", "1x", " 1"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_generation(text));
  }
}

}  // namespace
}  // namespace fabrix::app
