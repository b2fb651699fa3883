#include "io/socket_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using testing::ip;

TEST(SocketAddressTest, TranslatesThereAndBack) {
  const std::vector<Endpoint> endpoints{
      IpEndpoint{ip("192.0.2.1"), 179}, IpEndpoint{ip("2001:db8::1"), 65535},
      UnixEndpoint{"/run/x.sock"}, UnixEndpoint{std::string(107, 'x')}};
  for (const Endpoint& endpoint : endpoints) {
    SCOPED_TRACE(to_string(endpoint));
    const auto address = SocketAddress::from(endpoint);
    ASSERT_TRUE(address);
    EXPECT_EQ(address->endpoint(), endpoint);
  }
}

TEST(SocketAddressTest, AgreesWithInetPton) {
  const auto address = SocketAddress::from(IpEndpoint{ip("2001:db8::1"), 179}).value();
  const auto* raw = reinterpret_cast<const sockaddr_in6*>(address.data());
  in6_addr expected{};
  ASSERT_EQ(inet_pton(AF_INET6, "2001:db8::1", &expected), 1);
  EXPECT_EQ(memcmp(&raw->sin6_addr, &expected, sizeof(expected)), 0);
  EXPECT_EQ(raw->sin6_port, htons(179));
  EXPECT_EQ(address.size(), sizeof(sockaddr_in6));
}

TEST(SocketAddressTest, RefusesPathsThatDoNotFit) {
  EXPECT_FALSE(SocketAddress::from(UnixEndpoint{std::string(108, 'x')}));
  EXPECT_FALSE(SocketAddress::from(UnixEndpoint{""}));
}

TEST(SocketAddressTest, OpensASocketOfTheRightFamily) {
  const auto socket = open_stream_socket(IpEndpoint{ip("::1"), 1}).value();
  EXPECT_EQ(SocketAddress::of(socket.get(), getsockname).family(), AF_INET6);
}

}  // namespace
}  // namespace fabrix::io
