#include "lab/vlan_interface.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "io/command.h"
#include "io/event_loop.h"
#include "io/packet_socket.h"
#include "net/frame.h"
#include "tests/lab/cable.h"

namespace fabrix::lab {
namespace {

using Frame = std::vector<std::byte>;

// The left end is an interface of VLAN 100.
class VlanInterfaceTest : public testing::CableWorld {
 protected:
  void SetUp() override {
    CableWorld::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const auto scope = io::NamespaceScope::enter(left_.network_namespace);
    ASSERT_TRUE(scope);
    const auto made = make_vlan_interface("e0", 100);
    ASSERT_TRUE(made) << made.error().message;
  }

  static Frame frame(std::uint16_t vlan, std::uint16_t port) {
    net::Packet packet = *net::parse_packet("udp 192.0.2.1:9 -> 192.0.2.2:9");
    packet.src_mac = net::MacAddress::from_u64(0x020000000001);
    packet.dst_mac = net::MacAddress::broadcast();
    packet.vlan_id = vlan;
    packet.dst_port = port;
    const std::vector<std::byte> payload(40);  // long enough that none is padded
    return net::build_frame(packet, payload);
  }

  io::PacketSocket open(const Place& place, io::Queueing queueing, std::vector<Frame>& heard) {
    auto socket = io::PacketSocket::open(
        loop_, {.link = "e0", .network_namespace = place.network_namespace, .queueing = queueing},
        [&heard](std::span<const std::byte> f) { heard.emplace_back(f.begin(), f.end()); });
    EXPECT_TRUE(socket) << socket.error().message;
    return *std::move(socket);
  }
  bool hears(const std::vector<Frame>& heard, const Frame& wanted) {
    return loop_.run_until([&] { return std::ranges::find(heard, wanted) != heard.end(); },
                           std::chrono::seconds(5));
  }

  io::EventLoop loop_;
};

TEST_F(VlanInterfaceTest, WhatIsSentIsTaggedUnlessItGoesPastTheQueues) {
  std::vector<Frame> unused;
  std::vector<Frame> heard;
  io::PacketSocket usual = open(left_, io::Queueing::kUsual, unused);
  io::PacketSocket raw = open(left_, io::Queueing::kBypassed, unused);
  const io::PacketSocket right = open(right_, io::Queueing::kUsual, heard);
  ASSERT_TRUE(usual.send(frame(0, 1)));
  EXPECT_TRUE(hears(heard, frame(100, 1)));
  ASSERT_TRUE(raw.send(frame(0, 2)));
  EXPECT_TRUE(hears(heard, frame(0, 2)));
}

TEST_F(VlanInterfaceTest, TwoOfThemSpeakToEachOtherAndToNobodyElse) {
  const auto ping = [this] {
    return io::run_command({.process = {.argv = {"ping", "-c1", "-W1", "192.0.2.2"},
                                        .environment = {},
                                        .working_directory = {},
                                        .network_namespace = left_.network_namespace},
                            .timeout = std::chrono::seconds(10)})
        .value()
        .status.success();
  };
  EXPECT_FALSE(ping());
  {
    const auto scope = io::NamespaceScope::enter(right_.network_namespace);
    ASSERT_TRUE(scope);
    ASSERT_TRUE(make_vlan_interface("e0", 100));
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  bool answered = ping();  // address resolution that failed before is given up for a while
  while (!answered && std::chrono::steady_clock::now() < deadline) answered = ping();
  EXPECT_TRUE(answered);
}

TEST_F(VlanInterfaceTest, NoInterfaceIsAnError) {
  EXPECT_FALSE(make_vlan_interface("fxt-none", 100));
}

}  // namespace
}  // namespace fabrix::lab
