#include "io/tcp_options.h"

#include <optional>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "io/connector.h"
#include "io/listener.h"
#include "io/socket_address.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using std::chrono::milliseconds;
using testing::ip;
using testing::kPatience;
using testing::prefix;

int get_option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof(value);
  EXPECT_EQ(getsockopt(fd, level, name, &value, &size), 0);
  return value;
}

TEST(TcpOptionsTest, SetsWhatTheKernelReportsBack) {
  const auto v4 = open_stream_socket(IpEndpoint{ip("127.0.0.1"), 0}).value();
  TcpOptions options = gtsm(1);
  options.user_timeout = milliseconds(1234);
  ASSERT_TRUE(apply(options, net::Family::kIpv4, v4.get()));
  EXPECT_EQ(get_option(v4.get(), IPPROTO_IP, IP_TTL), 255);
  EXPECT_EQ(get_option(v4.get(), IPPROTO_IP, IP_MINTTL), 255);
  EXPECT_EQ(get_option(v4.get(), IPPROTO_TCP, TCP_USER_TIMEOUT), 1234);
  const auto v6 = open_stream_socket(IpEndpoint{ip("::1"), 0}).value();
  ASSERT_TRUE(apply(gtsm(3), net::Family::kIpv6, v6.get()));
  EXPECT_EQ(get_option(v6.get(), IPPROTO_IPV6, IPV6_UNICAST_HOPS), 255);
  EXPECT_EQ(get_option(v6.get(), IPPROTO_IPV6, 73), 253);  // linux/in6.h IPV6_MINHOPCOUNT
}

// RFC 5082 §3: within a trust radius of n hops, TTLs from 256 - n on are accepted.
TEST(TcpOptionsTest, CountsTheTrustRadiusAsTheRfcDoes) {
  EXPECT_EQ(gtsm(1).min_ttl, 255);
  EXPECT_EQ(gtsm(2).min_ttl, 254);
  EXPECT_EQ(gtsm(255).min_ttl, 1);
}

TEST(TcpOptionsTest, RefusesKeysThatCannotWork) {
  const auto socket = open_stream_socket(IpEndpoint{ip("127.0.0.1"), 0}).value();
  EXPECT_FALSE(set_md5_key({prefix("192.0.2.1/32"), std::string(81, 'k')}, socket.get()));
  TcpOptions options;
  options.md5_keys = {{prefix("2001:db8::/32"), "key"}};
  EXPECT_FALSE(apply(options, net::Family::kIpv4, socket.get()));
}

TEST(TcpOptionsTest, RemovingAKeyThatIsNotThereIsNoError) {
  const auto socket = open_stream_socket(IpEndpoint{ip("127.0.0.1"), 0}).value();
  EXPECT_TRUE(set_md5_key({prefix("192.0.2.1/32"), ""}, socket.get()));
}

class TcpOptionsCableTest : public testing::CableTest {
 protected:
  // Listens at the far end, connects from the near one.
  bool connects(const std::string& address, const TcpOptions& near, const TcpOptions& far) {
    const Listener listener = listen(address, far);
    return connects_to(listener, near, kPatience);
  }

  // What is dropped cannot be told from what is late, so this waits for a while; it must follow a
  // connects(), which shows that the way is open.
  bool is_kept_out(const std::string& address, const TcpOptions& near, const TcpOptions& far) {
    const Listener listener = listen(address, far);
    return !connects_to(listener, near, milliseconds(300));
  }

  Listener listen(const std::string& address, const TcpOptions& tcp) {
    const auto scope = NamespaceScope::enter(far_->name()).value();
    ListenOptions options;
    options.tcp = tcp;
    auto listener = Listener::listen(loop_, IpEndpoint{ip(address), 0}, options, [](ByteStream) {});
    EXPECT_TRUE(listener) << listener.error().message;
    return *std::move(listener);
  }

  bool connects_to(const Listener& listener, const TcpOptions& tcp, milliseconds timeout) {
    const auto scope = NamespaceScope::enter(near_->name()).value();
    ConnectOptions options;
    options.tcp = tcp;
    options.timeout = timeout;
    std::optional<bool> connected;
    const Connector connector(loop_, listener.local(), options,
                              [&](const Result<ByteStream>& s) { connected = s.has_value(); });
    EXPECT_TRUE(loop_.run_until([&] { return connected.has_value(); }, kPatience));
    return connected.value_or(false);
  }

  static TcpOptions key(const std::string& peer, const std::string& text) {
    TcpOptions options;
    options.md5_keys = {{prefix(peer), text}};
    return options;
  }

  EventLoop loop_;
};

TEST_F(TcpOptionsCableTest, ConnectsWithMatchingMd5KeysOnly) {
  const TcpOptions far = key("192.0.2.1/32", "secret");
  EXPECT_TRUE(connects("192.0.2.2", key("192.0.2.2/32", "secret"), far));
  EXPECT_TRUE(is_kept_out("192.0.2.2", key("192.0.2.2/32", "guessed"), far));
  EXPECT_TRUE(is_kept_out("192.0.2.2", {}, far));
}

TEST_F(TcpOptionsCableTest, ConnectsWithMd5KeysOfPrefixesAndOverIpv6) {
  EXPECT_TRUE(connects("192.0.2.2", key("192.0.2.2/32", "k"), key("192.0.2.0/24", "k")));
  EXPECT_TRUE(connects("2001:db8::2", key("2001:db8::2/128", "k"), key("2001:db8::/64", "k")));
  EXPECT_TRUE(is_kept_out("2001:db8::2", key("2001:db8::2/128", "x"), key("2001:db8::/64", "k")));
}

TEST_F(TcpOptionsCableTest, ChangesKeysOfARunningListener) {
  Listener listener = listen("192.0.2.2", {});
  const TcpOptions near = key("192.0.2.2/32", "new");
  EXPECT_FALSE(connects_to(listener, near, milliseconds(300)));
  ASSERT_TRUE(listener.set_md5_key({prefix("192.0.2.1/32"), "new"}));
  EXPECT_TRUE(connects_to(listener, near, kPatience));
  ASSERT_TRUE(listener.set_md5_key({prefix("192.0.2.1/32"), ""}));
  EXPECT_TRUE(connects_to(listener, {}, kPatience));
}

TEST_F(TcpOptionsCableTest, KeepsOutWhoIsFartherAwayThanTheTtlSays) {
  for (const std::string address : {"192.0.2.2", "2001:db8::2"}) {
    SCOPED_TRACE(address);
    TcpOptions distant;
    distant.ttl = 64;
    EXPECT_TRUE(connects(address, gtsm(1), gtsm(1)));
    EXPECT_TRUE(is_kept_out(address, distant, gtsm(1)));
  }
}

}  // namespace
}  // namespace fabrix::io
