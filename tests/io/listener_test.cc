#include "io/listener.h"

#include <filesystem>
#include <optional>

#include <gtest/gtest.h>

#include "io/connector.h"
#include "io/socket_address.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using testing::ip;
using testing::kPatience;

// What a process that crashed leaves behind.
void leave_dead_socket(const UnixEndpoint& path) {
  const auto address = SocketAddress::from(path).value();
  const auto socket = open_stream_socket(path).value();
  ASSERT_EQ(bind(socket.get(), address.data(), address.size()), 0);
}

class ListenerTest : public ::testing::Test {
 protected:
  Listener listen(const Endpoint& local, ListenOptions options = {}) {
    auto listener = Listener::listen(loop_, local, std::move(options), [this](ByteStream stream) {
      accepted_.push_back(std::move(stream));
    });
    EXPECT_TRUE(listener) << listener.error().message;
    return *std::move(listener);
  }

  // Connects; keeps the stream.
  bool connect(const Endpoint& peer) {
    std::optional<bool> connected;
    const Connector connector(loop_, peer, {}, [&](Result<ByteStream> stream) {
      connected = stream.has_value();
      if (stream) connected_.push_back(*std::move(stream));
    });
    EXPECT_TRUE(loop_.run_until([&] { return connected.has_value(); }, kPatience));
    return connected.value_or(false);
  }

  EventLoop loop_;
  std::vector<ByteStream> accepted_;
  std::vector<ByteStream> connected_;
  testing::TemporaryDirectory directory_;
};

TEST_F(ListenerTest, AcceptsOnAPortOfTheKernelsChoice) {
  for (const std::string address : {"127.0.0.1", "::1"}) {
    SCOPED_TRACE(address);
    accepted_.clear();
    const Listener listener = listen(IpEndpoint{ip(address), 0});
    EXPECT_NE(listener.port(), 0);
    EXPECT_TRUE(connect(listener.local()));
    EXPECT_TRUE(loop_.run_until([&] { return accepted_.size() == 1; }, kPatience));
    EXPECT_EQ(accepted_.front().peer(), connected_.back().local());
    EXPECT_EQ(accepted_.front().local(), listener.local());
  }
}

TEST_F(ListenerTest, KeepsIpv6ApartFromIpv4) {
  const Listener listener = listen(IpEndpoint{ip("::"), 0});
  EXPECT_FALSE(connect(IpEndpoint{ip("127.0.0.1"), listener.port()}));
}

TEST_F(ListenerTest, AcceptsOnAPathAndRemovesIt) {
  const UnixEndpoint path{directory_ / "socket"};
  {
    const Listener listener = listen(path);
    EXPECT_EQ(listener.port(), 0);
    EXPECT_TRUE(connect(path));
    EXPECT_TRUE(loop_.run_until([&] { return accepted_.size() == 1; }, kPatience));
    const auto permissions = std::filesystem::status(path.path).permissions();
    EXPECT_EQ(permissions, static_cast<std::filesystem::perms>(0660));
  }
  EXPECT_FALSE(std::filesystem::exists(path.path));
  EXPECT_FALSE(connect(path));
}

TEST_F(ListenerTest, ReplacesADeadSocketButNotALivingOne) {
  const UnixEndpoint path{directory_ / "socket"};
  leave_dead_socket(path);
  const Listener living = listen(path);
  const auto second = Listener::listen(loop_, path, {}, [](ByteStream) {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("Address already in use"), std::string::npos);
  EXPECT_TRUE(connect(path));
}

TEST_F(ListenerTest, TurnsAwayWhomItDoesNotAdmit) {
  std::vector<Endpoint> asked;
  ListenOptions options;
  options.admit = [&](const Endpoint& peer) {
    asked.push_back(peer);
    return false;
  };
  const Listener listener = listen(IpEndpoint{ip("127.0.0.1"), 0}, options);
  ASSERT_TRUE(connect(listener.local()));
  bool ended = false;
  connected_.back().start(
      {.on_data = {}, .on_end = [&](const auto&) { ended = true; }, .on_drained = {}});
  EXPECT_TRUE(loop_.run_until([&] { return ended; }, kPatience));
  EXPECT_EQ(asked, std::vector{connected_.back().local()});
  EXPECT_TRUE(accepted_.empty());
}

TEST_F(ListenerTest, MayListenOnAnAddressToCome) {
  const IpEndpoint foreign{ip("192.0.2.77"), 0};
  EXPECT_FALSE(Listener::listen(loop_, foreign, {}, [](ByteStream) {}));
  ListenOptions options;
  options.free_bind = FreeBind::kYes;
  EXPECT_TRUE(Listener::listen(loop_, foreign, options, [](ByteStream) {}));
}

TEST_F(ListenerTest, MayBeDestroyedByItsOwnCallback) {
  std::optional<Listener> listener;
  auto listening = Listener::listen(loop_, IpEndpoint{ip("127.0.0.1"), 0}, {},
                                    [&](ByteStream) { listener.reset(); });
  ASSERT_TRUE(listening);
  listener.emplace(*std::move(listening));
  const Endpoint local = listener->local();
  EXPECT_TRUE(connect(local));
  EXPECT_TRUE(loop_.run_until([&] { return !listener; }, kPatience));
  EXPECT_FALSE(connect(local));
}

}  // namespace
}  // namespace fabrix::io
