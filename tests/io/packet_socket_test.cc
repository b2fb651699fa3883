#include "io/packet_socket.h"

#include <algorithm>
#include <array>
#include <optional>

#include <gtest/gtest.h>

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using testing::kPatience;
using Frame = std::vector<std::byte>;

void append(Frame& frame, std::initializer_list<int> octets) {
  for (const int octet : octets) frame.push_back(static_cast<std::byte>(octet));
}

void append(Frame& frame, std::span<const std::uint8_t> octets) {
  for (const std::uint8_t octet : octets) frame.push_back(static_cast<std::byte>(octet));
}

// RFC 1071.
std::uint16_t checksum(std::span<const std::byte> bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    sum += (std::to_integer<std::uint32_t>(bytes[i]) << 8U) +
           std::to_integer<std::uint32_t>(bytes[i + 1]);
  }
  while (sum > 0xffff) sum = (sum & 0xffffU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

void set_checksum(Frame& frame, std::size_t begin, std::size_t end, std::size_t at) {
  const std::uint16_t sum = checksum(std::span(frame).subspan(begin, end - begin));
  frame[at] = static_cast<std::byte>(sum >> 8U);
  frame[at + 1] = static_cast<std::byte>(sum & 0xffU);
}

// RFC 792: an echo request from 192.0.2.1 to 192.0.2.2, identifier 0x4242.
Frame echo_request(const net::MacAddress& to, const net::MacAddress& from) {
  Frame frame;
  append(frame, to.octets());
  append(frame, from.octets());
  append(frame, {0x08, 0x00});
  append(frame, {0x45, 0, 0, 28, 0, 1, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2});
  append(frame, {8, 0, 0, 0, 0x42, 0x42, 0, 1});
  set_checksum(frame, 14, 34, 24);
  set_checksum(frame, 34, 42, 36);
  return frame;
}

class PacketSocketTest : public testing::CableTest {
 protected:
  PacketSocket open(const testing::TestNamespace& where, std::vector<Frame>& frames,
                    Promiscuous promiscuous = Promiscuous::kNo) {
    auto socket = PacketSocket::open(
        loop_, {.link = "eth0", .network_namespace = where.name(), .promiscuous = promiscuous},
        [&frames](std::span<const std::byte> f) { frames.emplace_back(f.begin(), f.end()); });
    EXPECT_TRUE(socket) << socket.error().message;
    return *std::move(socket);
  }

  // Sends until it is heard: the kernel discards silently while a new cable's queue is not active
  // yet.
  bool heard_after_sending(PacketSocket& sender, const Frame& frame,
                           const std::vector<Frame>& frames,
                           const std::function<bool(const Frame&)>& wanted) {
    constexpr std::chrono::milliseconds kAgain{100};
    const auto heard = [&] { return std::ranges::any_of(frames, wanted); };
    for (auto waited = kAgain; waited < kPatience; waited += kAgain) {
      if (!sender.send(frame)) return false;
      if (loop_.run_until(heard, kAgain)) return true;
    }
    return false;
  }

  EventLoop loop_;
};

TEST_F(PacketSocketTest, PingsTheKernelAtTheOtherEnd) {
  std::vector<Frame> frames;
  PacketSocket near = open(*near_, frames);
  const Frame request = echo_request(far_mac_, near_mac_);
  const auto is_reply = [&](const Frame& frame) {
    return frame.size() >= 42 && frame[12] == std::byte{8} && frame[13] == std::byte{0} &&
           frame[23] == std::byte{1} && frame[34] == std::byte{0} &&
           std::ranges::equal(std::span(frame).subspan(38, 4), std::span(request).subspan(38, 4));
  };
  EXPECT_TRUE(heard_after_sending(near, request, frames, is_reply));
  EXPECT_EQ(std::ranges::count(frames, request), 0) << "heard what it sent itself";
}

TEST_F(PacketSocketTest, CarriesWholeFramesWithTheirVlanTags) {
  std::vector<Frame> heard;
  std::vector<Frame> unused;
  const PacketSocket far = open(*far_, heard);
  PacketSocket near = open(*near_, unused);
  Frame plain;
  append(plain, far_mac_.octets());
  append(plain, near_mac_.octets());
  Frame tagged = plain;
  append(plain, {0x88, 0xb5});               // IEEE 802: local experiments
  append(tagged, {0x81, 0x00, 0x20, 0x64});  // IEEE 802.1Q: priority 1, VLAN 100
  append(tagged, {0x88, 0xb5});
  for (Frame* const frame : {&plain, &tagged}) {
    frame->resize(100, std::byte{0x5a});
    EXPECT_TRUE(
        heard_after_sending(near, *frame, heard, [&](const Frame& one) { return one == *frame; }));
  }
}

TEST_F(PacketSocketTest, HearsOthersFramesWhenPromiscuous) {
  std::vector<Frame> heard;
  std::vector<Frame> unused;
  const PacketSocket far = open(*far_, heard, Promiscuous::kYes);
  PacketSocket near = open(*near_, unused);
  Frame frame;
  append(frame, {2, 0, 0, 0, 0, 0x99});
  append(frame, near_mac_.octets());
  append(frame, {0x88, 0xb5});
  frame.resize(60);
  EXPECT_TRUE(
      heard_after_sending(near, frame, heard, [&](const Frame& one) { return one == frame; }));
}

TEST_F(PacketSocketTest, SaysWhatIsMissing) {
  const auto on_frame = [](std::span<const std::byte>) {};
  EXPECT_FALSE(
      PacketSocket::open(loop_, {.link = "none", .network_namespace = near_->name()}, on_frame));
  EXPECT_FALSE(
      PacketSocket::open(loop_, {.link = "eth0", .network_namespace = "fxt-none"}, on_frame));
  std::vector<Frame> frames;
  PacketSocket near = open(*near_, frames);
  EXPECT_FALSE(near.send(Frame(9000))) << "longer than the MTU";
}

}  // namespace
}  // namespace fabrix::io
