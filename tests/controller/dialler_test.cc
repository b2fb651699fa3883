#include "controller/dialler.h"

#include <gtest/gtest.h>

#include "io/listener.h"
#include "tests/io/world.h"

namespace fabrix::controller {
namespace {

using std::chrono::milliseconds;

class DiallerTest : public testing::Test {
 protected:
  // A port at which nobody listens after it has been asked for.
  std::uint16_t port_of_nobody() {
    auto listener = listen(0);
    return listener.port();
  }
  io::Listener listen(std::uint16_t port) {
    return io::Listener::listen(
               loop_, endpoint(port), {},
               [this](io::ByteStream stream) { accepted_.emplace(std::move(stream)); })
        .value();
  }
  static io::IpEndpoint endpoint(std::uint16_t port) {
    return {.address = net::IpAddress::v4({127, 0, 0, 1}), .port = port};
  }
  Dialler dialler() {
    return {loop_, Backoff(1, {.least = milliseconds(5), .most = milliseconds(20)}),
            [this] {
              ++attempts_;
              return Dialler::Target{.endpoint = endpoint(port_), .options = {}};
            },
            [this](io::ByteStream stream) { connected_.emplace(std::move(stream)); }};
  }
  bool wait(const std::function<bool()>& done) {
    return loop_.run_until(done, io::testing::kPatience);
  }

  io::EventLoop loop_;
  std::uint16_t port_ = 0;
  int attempts_ = 0;
  std::optional<io::ByteStream> accepted_;
  std::optional<io::ByteStream> connected_;
};

TEST_F(DiallerTest, TriesUntilSomebodyAnswers) {
  port_ = port_of_nobody();
  Dialler one = dialler();
  one.dial();
  EXPECT_TRUE(one.next().has_value());
  ASSERT_TRUE(wait([&] { return attempts_ >= 3; }));
  EXPECT_FALSE(connected_);
  const io::Listener listener = listen(port_);
  ASSERT_TRUE(wait([&] { return connected_ && accepted_; }));
  EXPECT_FALSE(one.next().has_value()) << "one connection is enough";
  EXPECT_FALSE(one.is_connecting());
}

TEST_F(DiallerTest, RestsWhenToldSo) {
  port_ = port_of_nobody();
  Dialler one = dialler();
  one.dial();
  one.rest();
  EXPECT_FALSE(one.next().has_value());
  EXPECT_FALSE(loop_.run_until([&] { return attempts_ > 0; }, milliseconds(60)));
}

TEST_F(DiallerTest, WaitsAsLongAsItIsTold) {
  Dialler one = dialler();
  const auto when = io::EventLoop::now() + std::chrono::hours(1);
  one.dial_no_earlier_than(when);
  EXPECT_EQ(one.next(), when);
}

}  // namespace
}  // namespace fabrix::controller
