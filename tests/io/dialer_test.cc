#include "io/dialer.h"

#include <optional>

#include <gtest/gtest.h>

#include "io/listener.h"
#include "tests/io/dns_server.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using testing::DnsServer;
using testing::ip;
using testing::kPatience;

class DialerTest : public ::testing::Test {
 protected:
  Result<ByteStream> dial(const HostEndpoint& to, std::chrono::milliseconds timeout = kPatience) {
    std::optional<Result<ByteStream>> result;
    const Dialer dialer(
        loop_, to, timeout, [&](auto stream) { result = std::move(stream); }, server_.name());
    EXPECT_TRUE(loop_.run_until([&] { return result.has_value(); }, kPatience));
    if (!result) return fail(Error{"nothing"});
    return *std::move(result);
  }

  EventLoop loop_;
  DnsServer server_{loop_};
  Listener listener_ =
      Listener::listen(loop_, IpEndpoint{ip("127.0.0.1"), 0}, {}, [](const ByteStream&) {}).value();
};

TEST_F(DialerTest, TriesOneAddressAfterAnother) {
  // Nobody listens at the first.
  server_.add("db.example.net", ip("127.0.0.2"));
  server_.add("db.example.net", ip("127.0.0.1"));
  const auto stream = dial({"db.example.net", listener_.port()});
  ASSERT_TRUE(stream) << stream.error().message;
  EXPECT_EQ(stream->peer(), listener_.local());
}

TEST_F(DialerTest, SaysWhyNot) {
  EXPECT_EQ(dial({"none.example.net", 80}).error().message,
            "none.example.net is not found: Domain name not found");
  server_.add("two.example.net", ip("127.0.0.2"));
  server_.add("two.example.net", ip("127.0.0.3"));
  const auto refused = dial({"two.example.net", listener_.port()});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("Connection refused"), std::string::npos);
  server_.silence("slow.example.net");
  EXPECT_EQ(dial({"slow.example.net", 80}, std::chrono::milliseconds(1)).error().message,
            "the host does not answer in time");
}

TEST(HostEndpoint, IsWritten) {
  EXPECT_EQ(to_string(HostEndpoint{"db.example.net", 80}), "db.example.net:80");
  EXPECT_EQ(to_string(HostEndpoint{"2001:db8::1", 80}), "[2001:db8::1]:80");
}

}  // namespace
}  // namespace fabrix::io
