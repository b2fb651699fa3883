#include "lab/traffic.h"

#include <gtest/gtest.h>

#include "tests/lab/cable.h"

namespace fabrix::lab {
namespace {

class TrafficTest : public testing::CableWorld {
 protected:
  Shipment shipment(const std::string& packet) const {
    return {.from = left_,
            .packet = net::parse_packet(packet).value(),
            .owners = {right_},
            .limit = std::chrono::milliseconds(1500)};
  }
};

TEST_F(TrafficTest, SaysWhoGotTheBytes) {
  for (const char* packet :
       {"tcp 192.0.2.1 -> 192.0.2.2:80", "udp 192.0.2.1 -> 192.0.2.2:53",
        "tcp 2001:db8::1 -> [2001:db8::2]:80", "udp 2001:db8::1 -> [2001:db8::2]:53",
        "tcp 192.0.2.1:1234 -> 192.0.2.2:80", "tcp 192.0.2.1:1234 -> 192.0.2.2:80"}) {
    SCOPED_TRACE(packet);
    const auto arrival = send(shipment(packet));
    ASSERT_TRUE(arrival) << arrival.error().message;
    EXPECT_EQ(arrival->router, "right") << arrival->remark;
    EXPECT_GT(arrival->bytes, packet[0] == 't' ? kTcpBytes : 10U);
    EXPECT_EQ(arrival->remark, "");
  }
}

TEST_F(TrafficTest, WhatNobodyGetsArrivesNowhere) {
  auto netlink = io::NetlinkSocket::open(right_.network_namespace).value();
  ASSERT_TRUE(io::set_link_down(netlink, "e0"));
  for (const char* packet : {"tcp 192.0.2.1 -> 192.0.2.2:80", "udp 192.0.2.1 -> 192.0.2.2:53"}) {
    SCOPED_TRACE(packet);
    auto lost = shipment(packet);
    lost.limit = std::chrono::milliseconds(200);
    const auto arrival = send(lost);
    ASSERT_TRUE(arrival) << arrival.error().message;
    EXPECT_EQ(arrival->router, std::nullopt);
  }
}

TEST_F(TrafficTest, AnUnreachableNetworkIsSaid) {
  const auto arrival = send(Shipment{.from = left_,
                                     .packet = *net::parse_packet("tcp 192.0.2.1 -> 9.9.9.9:80"),
                                     .owners = {},
                                     .limit = std::chrono::milliseconds(1500)});
  ASSERT_TRUE(arrival) << arrival.error().message;
  EXPECT_EQ(arrival->router, std::nullopt);
  EXPECT_NE(arrival->remark.find("unreachable"), std::string::npos) << arrival->remark;
}

TEST_F(TrafficTest, AnAddressThatTheOwnerDoesNotHaveIsAnError) {
  auto wrong = shipment("tcp 192.0.2.1 -> 192.0.2.9:80");
  EXPECT_FALSE(send(wrong));
}

}  // namespace
}  // namespace fabrix::lab
