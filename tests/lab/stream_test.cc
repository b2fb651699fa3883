#include "lab/stream.h"

#include <thread>

#include <gtest/gtest.h>

#include "tests/lab/cable.h"

namespace fabrix::lab {
namespace {

class StreamTest : public testing::CableWorld {
 protected:
  Course course() const {
    return {.from = left_,
            .sources = {ip("192.0.2.1")},
            .to = right_,
            .destination = ip("192.0.2.2"),
            .port = 5000};
  }
  Result<void> set_cable(PowerState state) const {
    auto netlink = io::NetlinkSocket::open(right_.network_namespace).value();
    return state == PowerState::kUp ? io::set_link_up(netlink, "e0")
                                    : io::set_link_down(netlink, "e0");
  }
};

TEST_F(StreamTest, WhereNothingHappensNothingIsLost) {
  const auto result = send_stream(course(), [] { return Result<void>{}; });
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_GT(result->sent, kFlows * 500 - kFlows);
  EXPECT_EQ(result->lost, 0U);
  EXPECT_EQ(result->flows_hit, 0U);
  EXPECT_EQ(result->out_of_order, 0U);
  EXPECT_EQ(result->longest_outage.count(), 0);
}

TEST_F(StreamTest, AnOutageIsTheTimeInWhichWhatWasSentDidNotArrive) {
  using std::chrono::milliseconds;
  const auto result = send_stream(course(), [this]() -> Result<void> {
    if (auto done = set_cable(PowerState::kDown); !done) return done;
    std::this_thread::sleep_for(milliseconds(60));  // what is measured
    return set_cable(PowerState::kUp);
  });
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_GT(result->lost, 0U);
  EXPECT_EQ(result->flows_hit, kFlows);
  EXPECT_GE(result->longest_outage, milliseconds(50));
}

TEST_F(StreamTest, WhatFailsIsSaid) {
  const auto failed = send_stream(course(), [] { return Result<void>(fail(Error{"no switch"})); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "no switch");
}

}  // namespace
}  // namespace fabrix::lab
