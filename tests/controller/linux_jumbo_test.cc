// Jumbo frames over the Linux fabric's real interfaces: as long as both ends' MTU allows, and one
// octet longer. Needs root.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "io/packet_socket.h"
#include "net/frame.h"
#include "tests/controller/linux_cables.h"

namespace fabrix::controller::tests {
namespace {

using Frame = std::vector<std::byte>;

constexpr std::size_t kJumbo = 9000;  // octets of IP
constexpr std::size_t kUsual = 1500;
constexpr std::size_t kEthernet = 14;
constexpr std::size_t kIp4Udp = 20 + 8;
constexpr std::size_t kIp6Udp = 40 + 8;

class LinuxJumboTest : public LinuxCables {
 protected:
  // Members 1 and 2 have the MTU at both ends of their cables, member 3 the usual one.
  void SetUp() override {
    LinuxCables::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (std::uint32_t i = 1; i <= 2; ++i) {
      auto home = fabric_home_.netlink();
      auto away = members_.at(i - 1)->netlink();
      ASSERT_TRUE(io::set_link_mtu(home, port_name(i), kJumbo));
      ASSERT_TRUE(io::set_link_mtu(away, "eth0", kJumbo));
    }
    ASSERT_NO_FATAL_FAILURE(hush());
  }

  // Frames go to whom they are addressed to.
  static program::Program by_address() {
    program::Program program;
    for (std::uint32_t to = 1; to <= kMembers; ++to) {
      program::Row row;
      row.priority = 10;
      row.match.exact(net::Field::kDstMac, mac_of(to).to_u64());
      row.next = program::Output{net::PortNo{to}};
      program.table(program::TableId::kAdmit).push_back(row);
    }
    program.canonicalize();
    return program;
  }

  // The same, with the frames written to.
  static program::Program with_dscp() {
    program::Program program = by_address();
    for (program::Row& row : program.table(program::TableId::kAdmit)) {
      row.set_fields = {{net::Field::kDscp, 10}};
    }
    return program;
  }

  // A datagram of member 1's that is `octets` of IP, no two octets of which are next to each other
  // by chance.
  static Frame datagram(std::uint32_t to, net::Family family, std::size_t octets) {
    const bool ipv4 = family == net::Family::kIpv4;
    net::Packet packet =
        net::parse_packet(ipv4 ? "udp 10.9.0.1:4000 -> 10.9.0.9:5000"
                               : "udp [2001:db8:9::1]:4000 -> [2001:db8:9::9]:5000")
            .value();
    packet.src_mac = mac_of(1);
    packet.dst_mac = mac_of(to);
    std::vector<std::byte> payload(octets - (ipv4 ? kIp4Udp : kIp6Udp));
    for (std::size_t i = 0; i < payload.size(); ++i) {
      payload[i] = static_cast<std::byte>(i * 7 + i / 256);
    }
    return net::build_frame(packet, payload);
  }

  io::PacketSocket open(std::uint32_t number, std::vector<Frame>& heard,
                        io::Promiscuous promiscuous = io::Promiscuous::kNo) {
    auto socket = io::PacketSocket::open(
        loop_, {.link = "eth0", .network_namespace = member(number), .promiscuous = promiscuous},
        [&heard](std::span<const std::byte> f) { heard.emplace_back(f.begin(), f.end()); });
    EXPECT_TRUE(socket) << socket.error().message;
    return *std::move(socket);
  }

  bool hears(const std::vector<Frame>& heard, const Frame& wanted) {
    return loop_.run_until([&] { return std::ranges::find(heard, wanted) != heard.end(); },
                           std::chrono::seconds(2));
  }

  static fabric::PortCount count_of(LinuxFabric& fabric, std::uint32_t port) {
    fabric.read_port_counts();
    return fabric.port_counts().at(net::PortNo{port});
  }

  // Of two counts of a port, what came between.
  static fabric::PortCount since(const fabric::PortCount& before, const fabric::PortCount& now) {
    const auto less = [](const fabric::QueryCount& one, const fabric::QueryCount& other) {
      return fabric::QueryCount{one.packets - other.packets, one.octets - other.octets};
    };
    return {.in = less(now.in, before.in),
            .out = less(now.out, before.out),
            .discarded = now.discarded - before.discarded};
  }
};

constexpr std::array kBothFamilies{net::Family::kIpv4, net::Family::kIpv6};

TEST_F(LinuxJumboTest, PassUnchangedAndAreCountedOnce) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  install(*fabric, by_address());
  std::vector<Frame> unused;
  std::vector<Frame> heard;
  io::PacketSocket one = open(1, unused);
  const io::PacketSocket two = open(2, heard);
  for (const net::Family family : kBothFamilies) {
    const fabric::PortCount came = count_of(*fabric, 1);
    const fabric::PortCount left = count_of(*fabric, 2);
    const Frame frame = datagram(2, family, kJumbo);
    ASSERT_EQ(frame.size(), kEthernet + kJumbo);
    ASSERT_TRUE(one.send(frame));
    ASSERT_TRUE(hears(heard, frame));
    EXPECT_EQ(std::ranges::count(heard, frame), 1);
    const fabric::QueryCount exactly{1, frame.size()};
    EXPECT_EQ(since(came, count_of(*fabric, 1)).in, exactly);
    EXPECT_EQ(since(came, count_of(*fabric, 1)).discarded, 0U);
    EXPECT_EQ(since(left, count_of(*fabric, 2)).out, exactly);
  }
}

// By an octet or by thousands, also with addresses written: not cut, not passed on into the
// member's namespace, and counted where they came. What follows passes.
TEST_F(LinuxJumboTest, LongerThanTheWayOutAreDiscardedAndHarmNothing) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  std::vector<Frame> unused;
  std::vector<Frame> heard;
  io::PacketSocket one = open(1, unused);
  const io::PacketSocket three = open(3, heard);
  for (const auto& program : {by_address(), with_dscp()}) {
    install(*fabric, program);
    for (const net::Family family : kBothFamilies) {
      const fabric::PortCount came = count_of(*fabric, 1);
      const fabric::PortCount left = count_of(*fabric, 3);
      heard.clear();
      ASSERT_TRUE(one.send(datagram(3, family, kUsual + 1)));
      ASSERT_TRUE(one.send(datagram(3, family, kJumbo)));
      ASSERT_TRUE(one.send(datagram(3, family, kUsual)));
      ASSERT_TRUE(loop_.run_until([&] { return !heard.empty(); }, kPatience));
      ASSERT_EQ(heard.size(), 1U);  // frames stay in order: the last one is here, alone
      EXPECT_EQ(heard.front().size(), kEthernet + kUsual);
      const fabric::PortCount more = since(came, count_of(*fabric, 1));
      EXPECT_EQ(more.in.packets, 3U);
      EXPECT_EQ(more.discarded, 2U);
      EXPECT_EQ(since(left, count_of(*fabric, 3)).out, (fabric::QueryCount{1, kEthernet + kUsual}));
    }
  }
}

// What one port has no room for, another has.
TEST_F(LinuxJumboTest, ACopyGoesWhereItFits) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  program::Program program = by_address();
  for (program::Row& row : program.table(program::TableId::kAdmit)) {
    row.copies = {net::PortNo{2}, net::PortNo{3}};
    row.next = program::Output{net::PortNo{1}};  // where it came from: nowhere
  }
  install(*fabric, program);
  std::vector<Frame> unused;
  std::vector<Frame> at_two;
  std::vector<Frame> at_three;
  io::PacketSocket one = open(1, unused);
  const io::PacketSocket two = open(2, at_two);
  const io::PacketSocket three = open(3, at_three, io::Promiscuous::kYes);
  const Frame large = datagram(2, net::Family::kIpv6, kJumbo);
  const Frame usual = datagram(2, net::Family::kIpv6, kUsual);
  ASSERT_TRUE(one.send(large));
  ASSERT_TRUE(one.send(usual));
  EXPECT_TRUE(hears(at_three, usual));
  EXPECT_TRUE(hears(at_two, usual));
  EXPECT_EQ(at_two, (std::vector{large, usual}));
  EXPECT_EQ(at_three, (std::vector<Frame>{usual}));
  EXPECT_EQ(count_of(*fabric, 1).discarded, 0U);
  EXPECT_EQ(count_of(*fabric, 3).out, (fabric::QueryCount{1, usual.size()}));
}

// A sample says the same of it as the counters.
TEST_F(LinuxJumboTest, LongerThanTheWayOutAreSampledAsDiscarded) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  std::vector<Frame> unused;
  io::PacketSocket one = open(1, unused);
  for (const auto& program : {by_address(), with_dscp()}) {
    install(*fabric, program);
    ASSERT_TRUE(fabric->set_sampling({{net::PortNo{1}, 1}}));
    std::vector<fabric::Sample::Fate> fates;
    fabric->on_sample = [&](const fabric::Sample& sample) { fates.push_back(sample.fate); };
    ASSERT_TRUE(one.send(datagram(3, net::Family::kIpv4, kJumbo)));
    ASSERT_TRUE(one.send(datagram(2, net::Family::kIpv4, kJumbo)));
    ASSERT_TRUE(loop_.run_until([&] { return fates.size() >= 2; }, kPatience));
    EXPECT_EQ(fates,
              (std::vector{fabric::Sample::Fate::kDiscarded, fabric::Sample::Fate::kForwarded}));
    fabric->on_sample = nullptr;
  }
}

// A train of TCP's segments is one packet of tens of thousands of octets; what counts is a
// segment's.
TEST_F(LinuxJumboTest, TrainsOfJumboSegmentsPass) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  install(*fabric, by_address());
  for (const auto& [at, other] :
       {std::pair{1U, 2U}, std::pair{2U, 1U}, std::pair{1U, 3U}, std::pair{3U, 1U}}) {
    ASSERT_TRUE(run(at, {"ip", "neigh", "replace", "10.9.0." + std::to_string(other), "lladdr",
                         mac_of(other).to_string(), "dev", "eth0"})
                    .success);
  }
  for (const std::uint32_t to : {2U, 3U}) {
    const std::string port = std::to_string(5400 + to);
    Said served;
    std::thread server([&] { served = run(to, {"iperf3", "-s", "-1", "-p", port}); });
    Said said;
    for (int i = 0; i < 50 && !said.success; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      said = run(1, {"iperf3", "-c", "10.9.0." + std::to_string(to), "-p", port, "-n", "100M"});
    }
    server.join();
    EXPECT_TRUE(said.success) << said.text;
  }
  EXPECT_EQ(count_of(*fabric, 1).discarded, 0U);
}

}  // namespace
}  // namespace fabrix::controller::tests
