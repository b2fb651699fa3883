#include "app/captured_datagram.h"

#include <vector>

#include <gtest/gtest.h>

#include "net/frame.h"

namespace fabrix::app {
namespace {

using Octets = std::vector<std::byte>;
using capture::LinkType;

const Octets kPayload(70, std::byte{7});

Octets frame(const char* packet) {
  return net::build_frame(net::parse_packet(packet).value(), kPayload);
}

Octets behind(std::size_t zeros, const Octets& frame) {
  Octets result(zeros);
  result.insert(result.end(), frame.begin() + 14, frame.end());
  return result;
}

std::optional<CapturedDatagram> datagram(LinkType type, const Octets& octets) {
  return captured_datagram({.time = std::chrono::seconds(9),
                            .link_type = type,
                            .length = static_cast<std::uint32_t>(octets.size()),
                            .octets = octets});
}

TEST(CapturedDatagram, IsFoundBehindEveryLinkTypesHeader) {
  const Octets ipv4 = frame("udp 192.0.2.1:1000 -> 192.0.2.2:6343");
  const Octets ipv6 = frame("udp [2001:db8::1]:1000 -> [2001:db8::2]:6343");
  const std::vector<std::pair<LinkType, std::size_t>> headers{{LinkType::kNull, 4},
                                                              {LinkType::kRaw, 0},
                                                              {LinkType::kLinuxCooked, 16},
                                                              {LinkType::kLinuxCooked2, 20}};
  for (const auto& [type, size] : headers) {
    SCOPED_TRACE(static_cast<int>(type));
    for (const auto& octets : {ipv4, ipv6}) {
      const Octets packet = behind(size, octets);
      const auto found = datagram(type, packet);
      ASSERT_TRUE(found);
      EXPECT_EQ(found->destination_port, 6343);
      EXPECT_EQ(found->octets.size(), kPayload.size());
    }
  }
  const auto found = datagram(LinkType::kEthernet, ipv6);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source.to_string(), "2001:db8::1");
  EXPECT_EQ(found->time, std::chrono::seconds(9));
}

TEST(CapturedDatagram, IsOfNothingElse) {
  const Octets tcp = frame("tcp 192.0.2.1:1000 -> 192.0.2.2:6343");
  EXPECT_FALSE(datagram(LinkType::kEthernet, tcp));
  Octets fragment = frame("udp 192.0.2.1:1000 -> 192.0.2.2:6343");
  fragment[14 + 6] = std::byte{0x20};
  EXPECT_FALSE(datagram(LinkType::kEthernet, fragment));
  EXPECT_FALSE(datagram(static_cast<LinkType>(147), frame("udp 192.0.2.1:1 -> 192.0.2.2:6343")));
  EXPECT_FALSE(datagram(LinkType::kLinuxCooked, Octets(16)));
}

TEST(CapturedDatagram, MayBeCutOff) {
  const Octets whole = frame("udp 192.0.2.1:1000 -> 192.0.2.2:6343");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Octets part(whole.begin(), whole.begin() + static_cast<long>(size));
    const auto found = datagram(LinkType::kEthernet, part);
    EXPECT_EQ(found.has_value(), size >= 42) << size;
    EXPECT_EQ(found ? found->octets.size() : 0, size >= 42 ? size - 42 : 0);
  }
}

}  // namespace
}  // namespace fabrix::app
