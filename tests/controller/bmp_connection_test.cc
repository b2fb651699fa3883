#include "controller/bmp_connection.h"

#include <deque>
#include <memory>

#include <gtest/gtest.h>

#include "bgp/message_header.h"
#include "bgp/update_message.h"
#include "io/listener.h"
#include "monitoring/bmp_decoder.h"
#include "tests/io/world.h"
#include "tests/monitoring/world.h"

namespace fabrix::controller {
namespace {

using io::testing::kPatience;
using monitoring::BmpMessage;
using monitoring::testing::attributes;
using monitoring::testing::route;
using monitoring::testing::session;
using std::chrono::milliseconds;

// A station: takes connections one after the other and decodes what comes.
class Station {
 public:
  explicit Station(io::EventLoop& loop)
      : listener_(io::Listener::listen(loop, io::IpEndpoint{io::testing::ip("127.0.0.1"), 0}, {},
                                       [this](io::ByteStream taken) { accept(std::move(taken)); })
                      .value()) {}

  io::Endpoint endpoint() const { return listener_.local(); }

  template <typename Kind>
  std::size_t count() const {
    std::size_t result = 0;
    for (const BmpMessage& message : messages) result += std::holds_alternative<Kind>(message);
    return result;
  }

  bool reads = true;
  bool ended = false;
  int accepted = 0;
  std::optional<io::ByteStream> stream;
  std::vector<BmpMessage> messages;  // of the present connection

 private:
  void accept(io::ByteStream taken) {
    ++accepted;
    ended = false;
    messages.clear();
    buffer_.clear();
    stream.emplace(std::move(taken));
    if (!reads) return;
    stream->start({.on_data = [this](std::span<const std::byte> octets) { hear(octets); },
                   .on_end = [this](const io::StreamEnd&) { ended = true; },
                   .on_drained = {}});
  }

  void hear(std::span<const std::byte> octets) {
    buffer_.insert(buffer_.end(), octets.begin(), octets.end());
    std::span<const std::byte> rest = buffer_;
    while (true) {
      const auto size = monitoring::bmp_message_size(rest);
      ASSERT_TRUE(size);
      if (!*size || **size > rest.size()) break;
      auto message = monitoring::decode_bmp(rest.first(**size));
      ASSERT_TRUE(message) << describe(message.error());
      messages.push_back(*std::move(message));
      rest = rest.subspan(**size);
    }
    buffer_ = {rest.begin(), rest.end()};
  }

  io::Listener listener_;
  std::vector<std::byte> buffer_;
};

class BmpConnectionTest : public ::testing::Test {
 protected:
  BmpConnectionTest() {
    table_.sessions = {session(1), session(2)};
    add_routes(10);
  }

  void add_routes(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto address = net::IpAddress::v4(
          {20, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i & 0xffU), 0});
      table_.routes[*net::Prefix::containing(address, 24)] = {
          route(1, attributes({64501}), "192.0.2.11")};
    }
  }

  void start(std::size_t max_queued = std::size_t{16} << 20U) {
    connection_ =
        std::make_unique<BmpConnection>(loop_,
                                        BmpStation{.endpoint = station_.endpoint(),
                                                   .feed = {.system_name = "rs1",
                                                            .system_description = "Fabrix",
                                                            .max_queued = max_queued},
                                                   .first_retry = milliseconds(1),
                                                   .last_retry = milliseconds(4)},
                                        table_);
    connection_->start();
  }

  bool wait(const std::function<bool()>& done) { return loop_.run_until(done, kPatience); }

  bool wait_for_table() {
    // 10 prefixes or more in two views, and an End-of-RIB of 2 peers, 2 views, 2 families.
    const std::size_t all = 2 * table_.routes.size() + 8;
    return wait([this, all] { return station_.count<monitoring::RouteMonitoring>() == all; });
  }

  io::EventLoop loop_;
  monitoring::testing::MemoryTable table_;
  Station station_{loop_};
  std::unique_ptr<BmpConnection> connection_;
};

TEST_F(BmpConnectionTest, TellsAStationEverythingAndGoesOn) {
  start();
  ASSERT_TRUE(wait_for_table());
  EXPECT_TRUE(connection_->is_connected());
  EXPECT_TRUE(connection_->table_sent());
  EXPECT_EQ(station_.count<monitoring::Initiation>(), 1U);
  EXPECT_EQ(station_.count<monitoring::PeerUp>(), 2U);
  connection_->peer_up(session(3));
  const std::vector prefixes{monitoring::testing::prefix("20.0.0.0/24")};
  connection_->routes_changed({.peer = monitoring::PeerKey{1},
                               .prefixes = prefixes,
                               .now = std::nullopt,
                               .before = monitoring::RouteState::kAccepted,
                               .time = monitoring::testing::time()});
  connection_->end_of_rib(monitoring::PeerKey{3}, net::Family::kIpv4, monitoring::testing::time());
  const std::vector<monitoring::Statistic> values{{}};
  connection_->statistics(monitoring::PeerKey{3}, values, monitoring::testing::time());
  connection_->peer_down(monitoring::PeerKey{3}, monitoring::RemoteClosed{},
                         monitoring::testing::time());
  ASSERT_TRUE(wait([this] { return station_.count<monitoring::PeerDown>() == 1; }));
  EXPECT_EQ(station_.count<monitoring::PeerUp>(), 3U);
  EXPECT_EQ(station_.count<monitoring::StatisticsReport>(), 1U);
  EXPECT_EQ(station_.count<monitoring::RouteMonitoring>(), 20U + 8 + 2 + 2);
}

TEST_F(BmpConnectionTest, SendsALargeTableInManySlices) {
  add_routes(20'000);
  start();
  ASSERT_TRUE(wait_for_table());
  EXPECT_EQ(connection_->counters(), (BmpConnectionCounters{.attempts = 1, .connections = 1}));
}

TEST_F(BmpConnectionTest, Rfc7854_3_2_DialsAgainWhenTheConnectionIsOver) {
  start();
  ASSERT_TRUE(wait_for_table());
  station_.stream->abort();
  ASSERT_TRUE(wait([this] { return station_.accepted == 2; }));
  ASSERT_TRUE(wait_for_table()) << "everything again";
  EXPECT_EQ(connection_->counters().connections, 2U);
}

TEST_F(BmpConnectionTest, Rfc7854_3_2_BacksOffWhileNobodyAnswers) {
  io::Endpoint nobody;
  {
    const Station gone(loop_);
    nobody = gone.endpoint();
  }
  BmpConnection subject(loop_,
                        {.endpoint = nobody,
                         .feed = {.system_name = "rs1", .system_description = "Fabrix"},
                         .first_retry = milliseconds(1),
                         .last_retry = milliseconds(4)},
                        table_);
  EXPECT_EQ(subject.retry_delay(), milliseconds(1));
  subject.start();
  ASSERT_TRUE(wait([&] { return subject.counters().attempts == 5; }));
  EXPECT_EQ(subject.retry_delay(), milliseconds(4)) << "1, 2, 4, 4";
  EXPECT_EQ(subject.counters().connections, 0U);
  EXPECT_FALSE(subject.is_connected());
}

TEST_F(BmpConnectionTest, DropsAStationThatIsTooSlow) {
  station_.reads = false;
  start(std::size_t{64} << 10U);
  ASSERT_TRUE(wait([this] { return station_.accepted == 1 && connection_->is_connected(); }));
  const std::vector prefixes{table_.routes.begin()->first};
  bgp::PathAttributes large = attributes({64501});
  large.communities.resize(900);
  // The kernel takes some megabytes first.
  const auto tell_more = [&] {
    for (int i = 0; i < 10; ++i) {
      connection_->routes_changed({.peer = monitoring::PeerKey{1},
                                   .prefixes = prefixes,
                                   .now = route(1, large, "192.0.2.11"),
                                   .before = std::nullopt,
                                   .time = monitoring::testing::time()});
    }
    return connection_->counters().too_slow > 0;
  };
  ASSERT_TRUE(wait(tell_more));
  station_.reads = true;
  EXPECT_GE(connection_->counters().too_slow, 1U);
  ASSERT_TRUE(wait([this] { return station_.accepted >= 2; }));
  ASSERT_TRUE(wait_for_table());
}

TEST_F(BmpConnectionTest, Rfc7854_4_5_SaysGoodbye) {
  start();
  ASSERT_TRUE(wait_for_table());
  connection_->stop(monitoring::TerminationReason::kAdministrativelyClosed);
  EXPECT_FALSE(connection_->is_connected());
  ASSERT_TRUE(wait([this] { return station_.ended; }));
  EXPECT_EQ(station_.count<monitoring::Termination>(), 1U);
  connection_->peer_up(session(3));
  EXPECT_FALSE(loop_.run_until([this] { return station_.accepted > 1; }, milliseconds(20)));
}

TEST_F(BmpConnectionTest, CanBeDestroyedAtAnyTime) {
  start();
  connection_.reset();
  start();
  ASSERT_TRUE(wait([this] { return station_.count<monitoring::Initiation>() == 1; }));
  connection_.reset();
  EXPECT_TRUE(wait([this] { return station_.ended; }));
}

}  // namespace
}  // namespace fabrix::controller
