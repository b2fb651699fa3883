#include "agent/tcp_lookup.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "io/socket_address.h"
#include "tests/agent/world.h"

namespace fabrix::agent {
namespace {

// A connection over the loopback of a namespace.
class TcpLookupTest : public io::testing::NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    home_.emplace();
    auto netlink = home_->netlink();
    ASSERT_TRUE(io::set_link_up(netlink, "lo"));
    loopback_ = io::find_link(netlink, "lo").value().index;
    auto scope = io::NamespaceScope::enter(home_->name());
    scope_.emplace(*std::move(scope));
  }

  void connect_at(const std::string& address) {
    const io::Endpoint any(io::IpEndpoint{.address = testing::ip(address), .port = 0});
    const io::FileDescriptor listening(
        socket(io::SocketAddress::from(any)->family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto local = io::SocketAddress::from(any).value();
    ASSERT_EQ(bind(listening.get(), local.data(), local.size()), 0);
    ASSERT_EQ(listen(listening.get(), 1), 0);
    server_ = io::SocketAddress::of(listening.get(), getsockname).endpoint();
    near_ = io::FileDescriptor(socket(local.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto remote = io::SocketAddress::from(server_).value();
    ASSERT_EQ(connect(near_.get(), remote.data(), remote.size()), 0);
    far_ = io::FileDescriptor(accept(listening.get(), nullptr, nullptr));
    ASSERT_TRUE(far_.valid());
  }

  host::TcpConnection connection() const {
    const auto local =
        std::get<io::IpEndpoint>(io::SocketAddress::of(near_.get(), getsockname).endpoint());
    const auto remote = std::get<io::IpEndpoint>(server_);
    return {.local = local.address,
            .remote = remote.address,
            .local_port = local.port,
            .remote_port = remote.port};
  }

  std::optional<io::testing::TestNamespace> home_;
  std::optional<io::NamespaceScope> scope_;
  std::uint32_t loopback_ = 0;
  io::Endpoint server_;
  io::FileDescriptor near_;
  io::FileDescriptor far_;
};

TEST_F(TcpLookupTest, SaysWhatTheSocketSaysOfItself) {
  for (const std::string& address : {std::string("127.0.0.1"), std::string("::1")}) {
    SCOPED_TRACE(address);
    connect_at(address);
    ASSERT_EQ(send(near_.get(), "hello", 5, 0), 5);
    auto lookup = TcpLookup::open();
    ASSERT_TRUE(lookup) << lookup.error().message;
    // Acknowledgements may come between: until both have read the same.
    const auto deadline = std::chrono::steady_clock::now() + testing::kPatience;
    bool agree = false;
    while (!agree && std::chrono::steady_clock::now() < deadline) {
      const auto found = lookup->find(connection(), loopback_);
      ASSERT_TRUE(found);
      tcp_info own{};
      socklen_t size = sizeof(own);
      ASSERT_EQ(getsockopt(near_.get(), IPPROTO_TCP, TCP_INFO, &own, &size), 0);
      EXPECT_EQ(found->send_mss, own.tcpi_snd_mss);
      EXPECT_EQ(found->path_mtu, own.tcpi_pmtu);
      EXPECT_EQ(found->receive_mss, own.tcpi_rcv_mss);
      agree = found->rtt_us == own.tcpi_rtt && found->rtt_variance_us == own.tcpi_rttvar &&
              found->unacknowledged == own.tcpi_unacked && found->rtt_us != 0 &&
              found->congestion_window == own.tcpi_snd_cwnd &&
              found->reordering == own.tcpi_reordering;
    }
    EXPECT_TRUE(agree);
  }
}

TEST_F(TcpLookupTest, SaysNothingOfWhatIsNotThere) {
  connect_at("127.0.0.1");
  auto lookup = TcpLookup::open().value();
  host::TcpConnection other = connection();
  other.remote_port = 1;
  EXPECT_FALSE(lookup.find(other, loopback_));
  other = connection();
  other.local = testing::ip("192.0.2.1");
  EXPECT_FALSE(lookup.find(other, loopback_));
  // An answer that was not waited for is not taken for the next one's.
  EXPECT_TRUE(lookup.find(connection(), loopback_));
}

}  // namespace
}  // namespace fabrix::agent
