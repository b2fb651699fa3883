#include "lab/datagrams.h"

#include <string>
#include <tuple>

#include <gtest/gtest.h>
#include <unistd.h>

#include "io/addresses.h"
#include "io/links.h"
#include "io/namespace.h"
#include "io/netlink_socket.h"

namespace fabrix::lab {
namespace {

io::IpEndpoint at(const char* address, std::uint16_t port) {
  return {.address = net::IpAddress::parse(address).value(), .port = port};
}

// A namespace with a loopback that is up, removed at the end.
class DatagramsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    ASSERT_TRUE(io::create_namespace(name_));
    auto netlink = io::NetlinkSocket::open(name_).value();
    ASSERT_TRUE(io::set_link_up(netlink, "lo"));
  }
  void TearDown() override {
    if (geteuid() == 0) std::ignore = io::delete_namespace(name_);
  }

  const std::string name_ = "fxt-dgram-" + std::to_string(getpid());
};

TEST_F(DatagramsTest, AreTheNamespacesOwn) {
  const auto first = open_datagrams(name_, at("127.0.0.1", 4000));
  ASSERT_TRUE(first) << first.error().message;
  const auto second = open_datagrams(name_, at("127.0.0.1", 4000));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("bind 127.0.0.1:4000"), std::string::npos)
      << second.error().message;
  EXPECT_TRUE(open_datagrams(name_, at("127.0.0.1", 0)));
}

TEST_F(DatagramsTest, NeedTheNamespaceAndItsAddress) {
  EXPECT_FALSE(open_datagrams("fxt-nowhere", at("127.0.0.1", 0)));
  EXPECT_FALSE(open_datagrams(name_, at("192.0.2.1", 0)));
}

}  // namespace
}  // namespace fabrix::lab
