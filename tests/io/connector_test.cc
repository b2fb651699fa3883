#include "io/connector.h"

#include <optional>

#include <gtest/gtest.h>

#include "io/listener.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using std::chrono::milliseconds;
using testing::ip;
using testing::kPatience;

class ConnectorTest : public ::testing::Test {
 protected:
  Connector::OnDone take() {
    return [this](Result<ByteStream> result) { result_.emplace(std::move(result)); };
  }

  bool wait() {
    return loop_.run_until([&] { return result_.has_value(); }, kPatience);
  }

  EventLoop loop_;
  std::optional<Result<ByteStream>> result_;
};

TEST_F(ConnectorTest, ConnectsFromTheSourceItIsGiven) {
  const auto listener =
      Listener::listen(loop_, IpEndpoint{ip("127.0.0.1"), 0}, {}, [](ByteStream) {}).value();
  ConnectOptions options;
  options.source = IpEndpoint{ip("127.0.0.9"), 0};
  const Connector connector(loop_, listener.local(), options, take());
  EXPECT_FALSE(result_) << "called back before the loop ran";
  ASSERT_TRUE(wait());
  ASSERT_TRUE(*result_) << result_->error().message;
  EXPECT_EQ((*result_)->peer(), listener.local());
  EXPECT_EQ(std::get<IpEndpoint>((*result_)->local()).address, ip("127.0.0.9"));
}

TEST_F(ConnectorTest, SaysThatNobodyListens) {
  Endpoint nobody;
  {
    const auto gone =
        Listener::listen(loop_, IpEndpoint{ip("127.0.0.1"), 0}, {}, [](ByteStream) {}).value();
    nobody = gone.local();
  }
  const Connector connector(loop_, nobody, {}, take());
  ASSERT_TRUE(wait());
  ASSERT_FALSE(*result_);
  EXPECT_EQ(result_->error().message, "connect " + to_string(nobody) + ": Connection refused");
}

TEST_F(ConnectorTest, SaysThatThePathDoesNotExist) {
  const Connector connector(loop_, UnixEndpoint{"/nonexistent/socket"}, {}, take());
  EXPECT_FALSE(result_) << "called back before the loop ran";
  ASSERT_TRUE(wait());
  ASSERT_FALSE(*result_);
  EXPECT_EQ(result_->error().message,
            "connect unix:/nonexistent/socket: No such file or directory");
}

TEST_F(ConnectorTest, IsSilentOnceDestroyed) {
  const auto listener =
      Listener::listen(loop_, IpEndpoint{ip("127.0.0.1"), 0}, {}, [](ByteStream) {}).value();
  {
    const Connector doomed(loop_, listener.local(), {}, take());
    const Connector failing(loop_, UnixEndpoint{"/nonexistent/socket"}, {}, take());
  }
  EXPECT_FALSE(loop_.run_until([&] { return result_.has_value(); }, milliseconds(5)));
}

class ConnectorCableTest : public testing::CableTest {};

// A neighbour whose MAC is known and who is not there: nobody answers, not even with a reset.
TEST_F(ConnectorCableTest, GivesUpAtItsTimeout) {
  EventLoop loop;
  const auto scope = NamespaceScope::enter(near_->name()).value();
  auto far = far_->netlink();
  ASSERT_TRUE(set_link_down(far, "eth0"));
  ConnectOptions options;
  options.timeout = milliseconds(20);
  std::string message;
  const Connector connector(loop, IpEndpoint{ip("192.0.2.2"), 179}, options,
                            [&](Result<ByteStream> result) {
                              ASSERT_FALSE(result);
                              message = result.error().message;
                            });
  EXPECT_TRUE(loop.run_until([&] { return !message.empty(); }, kPatience));
  EXPECT_EQ(message, "connect 192.0.2.2:179: no answer in 20 ms");
}

}  // namespace
}  // namespace fabrix::io
