#include "lab/throughput.h"

#include <gtest/gtest.h>

#include "tests/lab/cable.h"

namespace fabrix::lab {
namespace {

class ThroughputTest : public testing::CableWorld {};

TEST_F(ThroughputTest, CountsWhatTheReceiverGets) {
  const auto speed = measure_throughput({.from = left_,
                                         .source = ip("192.0.2.1"),
                                         .to = right_,
                                         .destination = ip("192.0.2.2"),
                                         .duration = std::chrono::milliseconds(300)});
  ASSERT_TRUE(speed) << speed.error().message;
  EXPECT_GT(*speed, 1e6);
}

TEST_F(ThroughputTest, NothingArrivingIsAnError) {
  auto netlink = io::NetlinkSocket::open(right_.network_namespace).value();
  ASSERT_TRUE(io::set_link_down(netlink, "e0"));
  EXPECT_FALSE(measure_throughput({.from = left_,
                                   .source = ip("192.0.2.1"),
                                   .to = right_,
                                   .destination = ip("192.0.2.2"),
                                   .duration = std::chrono::milliseconds(300)}));
}

}  // namespace
}  // namespace fabrix::lab
