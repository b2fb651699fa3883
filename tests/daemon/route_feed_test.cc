#include "daemon/route_feed.h"

#include <deque>
#include <map>

#include <gtest/gtest.h>

#include "tests/api/world.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

using Batch = RouteFeed::Batch;

// Keeps what is sent until it is told to take it.
class RouteFeedTest : public ::testing::Test {
 protected:
  RouteFeedTest() { routers_.add_router(kRouter, {}); }

  void take_all() {
    for (; !sent_.empty(); sent_.pop_front()) placed_.apply(routers_, *sent_.front());
  }
  // Until the copy has so many prefixes, and all has been told.
  bool has(std::size_t prefixes) {
    return loop_.run_until(
        [&] {
          take_all();
          return feed_->waiting() == 0 && routers_.find(kRouter)->table.size() == prefixes;
        },
        io::testing::kPatience);
  }
  std::string best(const char* prefix) const {
    const auto& table = routers_.find(kRouter)->table;
    return table.route_of(*table.find(*net::Prefix::parse(prefix))).as_path;
  }
  void begin() {
    feed_.emplace(loop_, world_.controller, [this](std::shared_ptr<const Batch> batch) {
      sent_.push_back(std::move(batch));
    });
  }

  const net::IpAddress kRouter = net::IpAddress::v4({172, 0, 255, 254});
  io::EventLoop loop_;
  api::testing::World world_;
  telemetry::Routers routers_;
  telemetry::PlacedRoutes placed_{kRouter};
  std::deque<std::shared_ptr<const Batch>> sent_;
  std::optional<RouteFeed> feed_;
};

TEST_F(RouteFeedTest, TellsTheTableAndThenItsChanges) {
  begin();
  ASSERT_TRUE(has(2));
  EXPECT_EQ(best("140.0.0.0/24"), "200");
  world_.announce("b1", "150.0.0.0/24", {200});
  world_.announce("b1", "140.0.0.0/24", {200, 7, 7});
  world_.settle();
  ASSERT_TRUE(has(3));
  EXPECT_EQ(best("140.0.0.0/24"), "300");
  const auto peer = *world_.controller.route_server().find_peer(net::IpAddress::v4({172, 0, 0, 2}));
  world_.controller.session_down(peer);
  world_.settle();
  ASSERT_TRUE(has(2));
  feed_.reset();
  world_.announce("c1", "160.0.0.0/24", {300});
  world_.settle();  // nobody is told
}

TEST_F(RouteFeedTest, WhoIsSlowIsToldLess) {
  for (int i = 0; i < 5000; ++i) {
    world_.announce(
        "b1", "150." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24", {200});
  }
  world_.settle();
  begin();
  // Nobody takes anything.
  ASSERT_TRUE(loop_.run_until([&] { return sent_.size() == RouteFeed::kMaxUnderWay; },
                              io::testing::kPatience));
  const std::size_t places = world_.controller.route_server().place_end();
  EXPECT_EQ(feed_->waiting(), places - RouteFeed::kMaxUnderWay * RouteFeed::kBatch);
  // What changes meanwhile is told once, as it is in the end.
  for (const std::uint32_t hops : {1U, 2U, 3U}) {
    world_.announce("b1", "150.19.135.0/24", std::vector<std::uint32_t>(hops, 200));
    world_.settle();
  }
  EXPECT_EQ(sent_.size(), RouteFeed::kMaxUnderWay);
  ASSERT_TRUE(has(5002));
  EXPECT_EQ(best("150.19.135.0/24"), "200-200-200");
  EXPECT_EQ(routers_.find(kRouter)->added, 5002U);
}

TEST_F(RouteFeedTest, AfterAReloadTellsAllAgain) {
  begin();
  ASSERT_TRUE(has(2));
  feed_->configured();
  EXPECT_GE(feed_->waiting(), 2U);
  ASSERT_TRUE(has(2));
}

}  // namespace
}  // namespace fabrix::daemon
