// Jumbo frames over a real Open vSwitch: as long as both ends' MTU allows, and longer than the way
// out's.
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/frame.h"
#include "net/packet.h"
#include "tests/fabric/on_open_vswitch.h"
#include "tests/fabric/wire.h"

namespace fabrix::fabric {
namespace {

using Frame = tests::Frame;
using tests::Wire;

constexpr std::size_t kJumbo = 9000;  // octets of IP
constexpr std::size_t kUsual = 1500;
constexpr std::size_t kEthernet = 14;
constexpr std::uint64_t kFirstMac = 0x020000000000;

// Hosts at ports 1 and 2, with the MTU at both ends of their cables, and at port 3, with the usual.
class JumboTrafficTest : public OnOpenVswitch {
 protected:
  JumboTrafficTest() : OnOpenVswitch({net::PortNo{1}, net::PortNo{2}, net::PortNo{3}}) {}

  void SetUp() override {
    OnOpenVswitch::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (unsigned port = 1; port <= 3; ++port) {
      make_host(port, port == 3 ? kUsual : kJumbo);
      if (HasFatalFailure()) return;
    }
    ASSERT_TRUE(link_.install(by_address()).value());
  }

  void TearDown() override {
    for (const std::string& host : hosts_) tests::run_program({"ip", "netns", "delete", host});
  }

  // The hosts say nothing by themselves.
  void make_host(unsigned port, std::size_t mtu) {
    const std::string host = ovs_.netns() + "-h" + std::to_string(port);
    const std::string device = "m" + std::to_string(port);
    ASSERT_EQ(tests::run_program({"ip", "netns", "add", host}).status, 0);
    hosts_.push_back(host);
    const std::string quiet = "net.ipv6.conf.all.disable_ipv6=1";
    const std::string size = std::to_string(mtu);
    for (std::vector<std::string> words :
         {std::vector<std::string>{"netns", "exec", host, "sysctl", "-qw", quiet},
          {"netns", "exec", ovs_.netns(), "sysctl", "-qw", quiet},
          {"-n", ovs_.netns(), "link", "add", device, "mtu", size, "type", "veth", "peer", "name",
           "eth0", "mtu", size, "netns", host},
          {"-n", ovs_.netns(), "link", "set", device, "up"},
          {"-n", host, "link", "set", "eth0", "address", mac_of(port).to_string(), "up"}}) {
      words.insert(words.begin(), "ip");
      const auto ran = tests::run_program(words);
      ASSERT_EQ(ran.status, 0) << ran.output;
    }
    ASSERT_TRUE(ovs_.add_port("ix", device, port, "system")) << ovs_.error();
  }

  static net::MacAddress mac_of(unsigned port) {
    return net::MacAddress::from_u64(kFirstMac + port);
  }

  static program::ProgramPtr by_address() {
    auto program = std::make_shared<program::Program>();
    for (std::uint32_t to = 1; to <= 3; ++to) {
      program::Row row;
      row.priority = 10;
      row.match.exact(net::Field::kDstMac, mac_of(to).to_u64());
      row.next = program::Output{net::PortNo{to}};
      program->table(program::TableId::kAdmit).push_back(row);
    }
    program->canonicalize();
    return program;
  }

  // A datagram of host 1's that is `octets` of IP.
  static Frame datagram(unsigned to, net::Family family, std::size_t octets) {
    const bool ipv4 = family == net::Family::kIpv4;
    net::Packet packet = net::parse_packet(ipv4 ? "udp 10.9.0.1:4000 -> 10.9.0.9:5000"
                                                : "udp [2001:db8::1]:4000 -> [2001:db8::9]:5000")
                             .value();
    packet.src_mac = mac_of(1);
    packet.dst_mac = mac_of(to);
    std::vector<std::byte> payload(octets - (ipv4 ? 20 : 40) - 8);
    for (std::size_t i = 0; i < payload.size(); ++i) {
      payload[i] = static_cast<std::byte>(i * 7 + i / 256);
    }
    return net::build_frame(packet, payload);
  }

  // The switch's own counters, when they say so: it reads its devices' about once a second.
  PortCounts counts_when(const std::function<bool(const PortCounts&)>& enough) {
    (void)link_.run_until([&] {
      fabric_.read_port_counts();
      return fabric_.port_counts().size() == hosts_.size() && enough(fabric_.port_counts());
    });
    return fabric_.port_counts();
  }

  std::vector<std::string> hosts_;
};

constexpr std::array kBothFamilies{net::Family::kIpv4, net::Family::kIpv6};

TEST_F(JumboTrafficTest, PassUnchangedAndAreCountedOnce) {
  const Wire one(hosts_[0]);
  const Wire two(hosts_[1]);
  QueryCount total;
  for (const net::Family family : kBothFamilies) {
    const Frame frame = datagram(2, family, kJumbo);
    ASSERT_EQ(frame.size(), kEthernet + kJumbo);
    ASSERT_TRUE(one.put(frame));
    EXPECT_EQ(two.take(), frame);
    total.packets += 1;
    total.octets += frame.size();
  }
  const PortCounts counts = counts_when([&total](const PortCounts& now) {
    return now.at(net::PortNo{2}).out.packets >= total.packets;
  });
  EXPECT_EQ(counts.at(net::PortNo{1}).in, total);
  EXPECT_EQ(counts.at(net::PortNo{2}).out, total);
  EXPECT_EQ(counts.at(net::PortNo{3}).out, QueryCount{});
}

// The device refuses them (packet(7): EMSGSIZE). The switch in user space hands frames over in
// batches and ends one at what is refused, so what is to pass comes in the next.
TEST_F(JumboTrafficTest, LongerThanTheWayOutAreDroppedAndHarmNothingLater) {
  const Wire one(hosts_[0]);
  const Wire two(hosts_[1]);
  const Wire three(hosts_[2]);
  for (const net::Family family : kBothFamilies) {
    for (const std::size_t octets : {kJumbo, kUsual + 100}) {
      ASSERT_TRUE(one.put(datagram(3, family, octets)));
      const Frame after = datagram(2, family, kJumbo);
      ASSERT_TRUE(one.put(after));
      EXPECT_EQ(two.take(), after);
      const Frame usual = datagram(3, family, kUsual);
      ASSERT_TRUE(one.put(usual));
      EXPECT_EQ(three.take(), usual);
    }
  }
  const PortCounts counts =
      counts_when([](const PortCounts& now) { return now.at(net::PortNo{3}).out.packets >= 4; });
  EXPECT_EQ(counts.at(net::PortNo{3}).out, (QueryCount{4, 4 * (kEthernet + kUsual)}));
  // Nothing counts them: it shows in the difference.
  EXPECT_EQ(counts.at(net::PortNo{1}).in.packets, 12U);
  EXPECT_EQ(counts.at(net::PortNo{1}).discarded, 0U);
}

}  // namespace
}  // namespace fabrix::fabric
