#include "controller/lock_watch.h"

#include <gtest/gtest.h>

#include "exchange/load.h"

namespace fabrix::controller {
namespace {

using exchange::LockAction;
using exchange::Standing;
using program::DropReason;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kExchange = R"(version: 1
exchange:
  name: small
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16]
  route_server: {addresses: [172.0.255.254], policy: minimal}
participants:
  - name: A
    asn: 100
    routers:
      - {name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1], port: 1}
      - {name: a2, mac: "08:00:27:00:00:02", addresses: [172.0.0.2], port: 2}
)";

class LockWatchTest : public ::testing::Test {
 protected:
  exchange::Router& a1() { return exchange_.routers.front(); }

  // That many more foreign frames at port 1, seen so much later. What is to be closed.
  std::vector<LockViolation> look(std::uint64_t frames, milliseconds later = seconds(2)) {
    now_ += later;
    total_ += frames;
    const program::PortDrop foreign{.port = {1}, .reason = DropReason::kSourceMac};
    const program::PortDrop tagged{.port = {2}, .reason = DropReason::kTagged};
    const std::vector<DropReport> drops{{.drop = foreign,
                                         .total = {total_, total_ * 60},
                                         .packets_per_second = {},
                                         .last_change = {}},
                                        {.drop = tagged,
                                         .total = {total_, total_ * 60},
                                         .packets_per_second = {},
                                         .last_change = {}}};
    return watch_.look(exchange_, locks_, drops, now_);
  }

  exchange::Exchange exchange_ = *exchange::load(kExchange, "exchange.yaml");
  exchange::PortLocks locks_{
      .all = {.action = LockAction::kShutdown, .per_second = 10, .seconds = 6}, .own = {}};
  LockWatch watch_;
  LockWatch::TimePoint now_{seconds(1000)};
  std::uint64_t total_ = 0;
};

TEST_F(LockWatchTest, APortIsToBeClosedWhenItHasGoneOnForSoLong) {
  EXPECT_TRUE(look(1'000'000).empty()) << "from before: nobody knows when";
  EXPECT_TRUE(look(20).empty());
  EXPECT_TRUE(look(25).empty());
  const auto found = look(30);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().router, a1().id);
  EXPECT_EQ(found.front().frames, 75U);
  EXPECT_EQ(found.front().lasted, seconds(6));
}

TEST_F(LockWatchTest, ABurstIsNoViolationHoweverLarge) {
  look(0);
  EXPECT_TRUE(look(1'000'000).empty());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(look(0).empty());
  EXPECT_TRUE(look(1'000'000).empty());
  EXPECT_TRUE(look(2).empty());
  EXPECT_TRUE(look(1'000'000).empty());
  EXPECT_TRUE(look(1'000'000).empty());
  EXPECT_EQ(look(20).size(), 1U) << "6 s";
}

TEST_F(LockWatchTest, LessThanHalfEndsItAndMoreDoesNot) {
  look(0);
  look(20);
  look(10);  // half: goes on, and is none by itself
  EXPECT_TRUE(look(19).empty()) << "6 s, but not now";
  EXPECT_EQ(look(20).size(), 1U);
  look(20);
  look(9);
  look(20);
  look(20);
  EXPECT_EQ(look(20).size(), 1U) << "6 s after the pause";
}

TEST_F(LockWatchTest, AReadingThatCameBeforeTheFabricHadCountedEndsNothing) {
  look(0);
  look(20);
  EXPECT_TRUE(look(0).empty());
  EXPECT_EQ(look(40).size(), 1U);
}

TEST_F(LockWatchTest, APortThatIsNotOpenIsLeftAloneAndBeginsAnew) {
  look(0);
  look(20);
  look(20);
  a1().standing = Standing::kShutDown;
  EXPECT_TRUE(look(1000).empty());
  a1().standing = Standing::kOpen;
  EXPECT_TRUE(look(1000).empty());
  EXPECT_TRUE(look(20).empty());
  EXPECT_TRUE(look(20).empty());
  EXPECT_EQ(look(20).size(), 1U);
}

TEST_F(LockWatchTest, ALockWithoutAnActionLocksNothing) {
  locks_.own[a1().name] = {.action = LockAction::kNone, .per_second = 10, .seconds = 6};
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(look(1'000'000).empty());
}

// The counts of a router that has another port now are another port's.
TEST_F(LockWatchTest, CountsThatGoBackAreNoViolation) {
  look(1000);
  total_ = 0;
  EXPECT_TRUE(look(0).empty());
  EXPECT_TRUE(look(0, milliseconds(0)).empty());
}

}  // namespace
}  // namespace fabrix::controller
