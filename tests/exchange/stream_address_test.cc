#include "exchange/stream_address.h"

#include <string>

#include <gtest/gtest.h>

namespace fabrix::exchange {
namespace {

TEST(StreamAddressTest, IsReadAsItIsWritten) {
  const auto v4 = parse_stream_address("tcp:127.0.0.1:6653");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->server.address, *net::IpAddress::parse("127.0.0.1"));
  EXPECT_EQ(v4->server.port, 6653);
  EXPECT_EQ(v4->path, "");
  const auto v6 = parse_stream_address("tcp:[::1]:0");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->server.address, *net::IpAddress::parse("::1"));
  EXPECT_EQ(v6->server.port, 0);
  const auto path = parse_stream_address("unix:/run/a:b.sock");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->path, "/run/a:b.sock");
  for (const std::string text : {"tcp:127.0.0.1:6653", "tcp:[::1]:0", "unix:/run/a:b.sock"}) {
    EXPECT_EQ(to_string(parse_stream_address(text).value()), text);
  }
}

TEST(StreamAddressTest, RefusesEverythingElseAndSaysHowToWriteIt) {
  for (const std::string text : {"", "tcp", "tcp:", "unix:", "127.0.0.1:6653", "tcp:127.0.0.1",
                                 "udp:1.1.1.1:1", "tcp:localhost:1", "tcp:1.1.1.1:65536",
                                 "tcp:1.1.1.1:", "tcp:1.1.1.1:x", "tcp:[::1:1", "tcp::6653"}) {
    SCOPED_TRACE(text);
    const auto parsed = parse_stream_address(text);
    ASSERT_FALSE(parsed);
    EXPECT_FALSE(parsed.error().message.empty());
  }
  EXPECT_EQ(parse_stream_address("localhost").error().message,
            "'localhost' is not an endpoint: write tcp:ADDRESS:PORT or unix:PATH");
}

TEST(StreamAddressTest, ReadsPorts) {
  EXPECT_EQ(*parse_port("0"), 0);
  EXPECT_EQ(*parse_port("65535"), 65535);
  for (const std::string text : {"", "-1", "65536", "1x", " 1", "+1"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_port(text));
  }
}

}  // namespace
}  // namespace fabrix::exchange
