#include "agent/collector_sender.h"

#include <array>
#include <string>

#include <gmock/gmock.h>

#include "tests/agent/world.h"
#include "tests/io/dns_server.h"

namespace fabrix::agent {
namespace {

using ::testing::HasSubstr;
using testing::ip;
using testing::kPatience;

constexpr const char* kName = "collector.example.net";

class CollectorSenderTest : public ::testing::Test {
 protected:
  // By its name, which is asked for again as soon as it was.
  std::unique_ptr<CollectorSender> open(const std::string& name) {
    const host::Collector collector{.port = receiver_.local().port, .name = name};
    const LookUpPatience patience{.found = std::chrono::milliseconds(1),
                                  .missing = std::chrono::milliseconds(1)};
    return CollectorSender::open(loop_, collector, server_.name(), patience).value();
  }
  bool is_at(const CollectorSender& sender, const std::string& address) {
    return loop_.run_until(
        [&] { return sender.endpoint() != nullptr && sender.endpoint()->address == ip(address); },
        kPatience);
  }
  bool is_asked_again() {
    const std::size_t before = server_.asked().size();
    return loop_.run_until([&] { return server_.asked().size() >= before + 4; }, kPatience);
  }
  bool arrives() {
    return loop_.run_until([&] { return !receiver_.receive().empty(); }, kPatience);
  }

  io::EventLoop loop_;
  io::testing::DnsServer server_{loop_};
  io::DatagramSocket receiver_ =
      io::DatagramSocket::bind({.address = ip("127.0.0.1"), .port = 0}).value();
  std::array<std::byte, 4> datagram_{};
};

TEST_F(CollectorSenderTest, SendsToAnAddressAtOnce) {
  const host::Collector collector{.address = ip("127.0.0.1"), .port = receiver_.local().port};
  const auto sender = CollectorSender::open(loop_, collector, server_.name()).value();
  EXPECT_TRUE(sender->send(datagram_));
  EXPECT_TRUE(arrives());
  EXPECT_TRUE(server_.asked().empty());
}

TEST_F(CollectorSenderTest, SendsToANameOnceItIsFound) {
  server_.add(kName, ip("127.0.0.1"));
  const auto sender = open(kName);
  EXPECT_EQ(sender->endpoint(), nullptr);
  EXPECT_FALSE(sender->send(datagram_));
  ASSERT_TRUE(is_at(*sender, "127.0.0.1"));
  EXPECT_TRUE(sender->send(datagram_));
  EXPECT_TRUE(arrives());
}

TEST_F(CollectorSenderTest, FollowsACollectorThatMoves) {
  server_.add(kName, ip("127.0.0.2"));
  const auto sender = open(kName);
  ASSERT_TRUE(is_at(*sender, "127.0.0.2"));
  server_.forget(kName);
  server_.add(kName, ip("::1"));
  EXPECT_TRUE(is_at(*sender, "::1"));
  server_.forget(kName);
  server_.add(kName, ip("127.0.0.1"));
  ASSERT_TRUE(is_at(*sender, "127.0.0.1"));
  EXPECT_TRUE(sender->send(datagram_));
  EXPECT_TRUE(arrives());
}

// As names that stand for several machines do, in another order each time.
TEST_F(CollectorSenderTest, StaysWhileTheAddressIsAmongTheNames) {
  server_.add(kName, ip("127.0.0.1"));
  const auto sender = open(kName);
  ASSERT_TRUE(is_at(*sender, "127.0.0.1"));
  server_.forget(kName);
  server_.add(kName, ip("127.0.0.2"));
  server_.add(kName, ip("127.0.0.1"));
  ASSERT_TRUE(is_asked_again());
  EXPECT_EQ(sender->endpoint()->address, ip("127.0.0.1"));
}

TEST_F(CollectorSenderTest, StaysWhereItWasWhileTheNameIsGone) {
  server_.add(kName, ip("127.0.0.1"));
  const auto sender = open(kName);
  ASSERT_TRUE(is_at(*sender, "127.0.0.1"));
  server_.forget(kName);
  ASSERT_TRUE(is_asked_again());
  EXPECT_TRUE(sender->send(datagram_));
  EXPECT_TRUE(arrives());
}

TEST_F(CollectorSenderTest, FindsANameThatComesLater) {
  const auto sender = open(kName);
  ASSERT_TRUE(is_asked_again());
  EXPECT_EQ(sender->endpoint(), nullptr);
  server_.add(kName, ip("127.0.0.1"));
  EXPECT_TRUE(is_at(*sender, "127.0.0.1"));
}

TEST_F(CollectorSenderTest, SaysWhatIsWrongWithTheWayThere) {
  const host::Collector collector{.name = kName, .network_namespace = "fxt-none"};
  const auto opened = CollectorSender::open(loop_, collector, server_.name());
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("fxt-none"));
}

}  // namespace
}  // namespace fabrix::agent
