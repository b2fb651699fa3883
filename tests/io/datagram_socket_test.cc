#include "io/datagram_socket.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>

namespace fabrix::io {
namespace {

IpEndpoint loopback(std::string_view address, std::uint16_t port = 0) {
  return {net::IpAddress::parse(address).value(), port};
}

// Waits until there is something; it bounds a failing test, not a passing one.
std::span<const ReceivedDatagram> wait_and_receive(DatagramSocket& socket) {
  pollfd ready{.fd = socket.fd(), .events = POLLIN, .revents = 0};
  poll(&ready, 1, 30'000);
  return socket.receive();
}

std::span<const std::byte> octets(const std::string& text) {
  return std::as_bytes(std::span(text));
}

TEST(DatagramSocket, ReceivesWhatIsSent) {
  auto receiver = DatagramSocket::bind(loopback("127.0.0.1")).value();
  auto sender = DatagramSocket::open(net::Family::kIpv4).value();
  EXPECT_TRUE(receiver.receive().empty());
  const IpEndpoint to = receiver.local();
  EXPECT_NE(to.port, 0);
  ASSERT_TRUE(sender.send(to, octets("one")));
  ASSERT_TRUE(sender.send(to, octets("")));
  ASSERT_TRUE(sender.send(to, octets("three")));
  std::vector<std::string> texts;
  while (texts.size() < 3) {
    const auto batch = wait_and_receive(receiver);
    ASSERT_FALSE(batch.empty());
    for (const auto& datagram : batch) {
      EXPECT_EQ(datagram.source.address.to_string(), "127.0.0.1");
      std::string text;
      for (const std::byte octet : datagram.octets) text += static_cast<char>(octet);
      texts.push_back(text);
    }
  }
  EXPECT_EQ(texts, (std::vector<std::string>{"one", "", "three"}));
}

TEST(DatagramSocket, TakesIpv4OnTheUnspecifiedIpv6Address) {
  auto receiver = DatagramSocket::bind(loopback("::"));
  if (!receiver) GTEST_SKIP() << "no IPv6: " << receiver.error().message;
  auto sender = DatagramSocket::open(net::Family::kIpv4).value();
  ASSERT_TRUE(sender.send(loopback("127.0.0.1", receiver->local().port), octets("x")));
  const auto batch = wait_and_receive(*receiver);
  ASSERT_EQ(batch.size(), 1U);
  EXPECT_EQ(batch[0].source.address.to_string(), "127.0.0.1");
}

TEST(DatagramSocket, CountsWhatTheKernelDrops) {
  auto receiver = DatagramSocket::bind(loopback("127.0.0.1")).value();
  auto sender = DatagramSocket::open(net::Family::kIpv4).value();
  const std::string large(60'000, 'x');
  // More than the buffer can hold, whatever the kernel has granted of it.
  constexpr int kSent = 2000;
  for (int i = 0; i < kSent; ++i) ASSERT_TRUE(sender.send(receiver.local(), octets(large)));
  std::uint64_t received = 0;
  for (auto batch = receiver.receive(); !batch.empty(); batch = receiver.receive()) {
    received += batch.size();
  }
  ASSERT_LT(received, kSent);
  // The one that comes next is behind all of them.
  ASSERT_TRUE(sender.send(receiver.local(), octets("x")));
  ASSERT_EQ(wait_and_receive(receiver).size(), 1U);
  const std::uint64_t dropped = receiver.dropped();
  EXPECT_GT(dropped, 0U);
  EXPECT_LE(dropped, kSent - received);
  EXPECT_EQ(receiver.dropped(), dropped);
}

TEST(DatagramSocket, TellsWhatCannotBe) {
  const auto taken = DatagramSocket::bind(loopback("127.0.0.1")).value();
  EXPECT_FALSE(DatagramSocket::bind(taken.local()));
  EXPECT_FALSE(DatagramSocket::bind(loopback("192.0.2.1")));
  auto sender = DatagramSocket::open(net::Family::kIpv4).value();
  const std::string too_long(70'000, 'x');
  EXPECT_FALSE(sender.send(taken.local(), octets(too_long)));
}

}  // namespace
}  // namespace fabrix::io
