// balance() on a real Open vSwitch: how evenly flows are shared out, and that a flow has one
// target.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fabric/openflow_fabric.h"
#include "net/flow_hash.h"
#include "tests/fabric/on_open_vswitch.h"
#include "tests/fabric/ovs_tracer.h"

namespace fabrix::fabric {
namespace {

constexpr std::uint32_t kSeed = 20261121;
constexpr int kFlows = 1000;
constexpr std::uint32_t kTargets = 3;

// What enters at port 9 is hashed, and comes out at port 1, 2, ... by its bucket.
program::ProgramPtr shared_out(net::HashKey key, unsigned targets) {
  auto program = std::make_shared<program::Program>();
  program::Row admit;
  admit.match.exact(net::Field::kInPort, 9);
  admit.hashes = {key};
  admit.next = program::Goto{program::TableId::kOutbound};
  program->table(program::TableId::kAdmit) = {admit};
  for (unsigned bucket = 0; bucket < net::kBucketCount; ++bucket) {
    program::Row row;
    row.match.exact(net::bucket_field(key), bucket);
    row.next = program::Output{net::PortNo{1 + bucket * targets / net::kBucketCount}};
    program->table(program::TableId::kOutbound).push_back(row);
  }
  program->canonicalize();
  return program;
}

net::Packet flow_from(std::mt19937& random, bool is_v4) {
  net::Packet packet = net::parse_packet(is_v4 ? "tcp 10.0.0.0:1 -> 20.0.0.0:443"
                                               : "udp [2001:db8:1::]:1 -> [2001:db8:2::]:443")
                           .value();
  const std::uint64_t from = random() % 0x10000;
  const std::uint64_t to = random() % 0x10000;
  net::set_value(packet, is_v4 ? net::Field::kSrcIp4 : net::Field::kSrcIp6Low,
                 is_v4 ? 0x0a000000U + from : from);
  net::set_value(packet, is_v4 ? net::Field::kDstIp4 : net::Field::kDstIp6Low,
                 is_v4 ? 0x14000000U + to : to);
  packet.src_port = static_cast<std::uint16_t>(1024 + random() % 60000);
  packet.in_port = net::PortNo{9};
  return packet;
}

class BalanceTrafficTest : public OnOpenVswitch {
 protected:
  BalanceTrafficTest()
      : OnOpenVswitch({net::PortNo{1}, net::PortNo{2}, net::PortNo{3}, net::PortNo{9}}) {}

  void SetUp() override {
    OnOpenVswitch::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(tracer_.connect_to(ovs_.run_directory() + "/vswitchd.ctl"));
  }

  // The port that each comes out at; 0: none.
  std::vector<std::uint32_t> ports_of(const std::vector<net::Packet>& packets) {
    std::vector<std::uint32_t> ports;
    EXPECT_TRUE(tracer_.trace("ix", packets, [&ports](std::size_t, const Traced& traced) {
      ports.push_back(traced.outputs.size() == 1 ? traced.outputs.front() : 0);
    }));
    return ports;
  }

  OvsTracer tracer_;
};

TEST_F(BalanceTrafficTest, SharesFlowsOutEvenly) {
  std::mt19937 random(kSeed);
  for (unsigned targets = 2; targets <= kTargets; ++targets) {
    for (const net::HashKey key : net::kHashKeys) {
      ASSERT_TRUE(link_.install(shared_out(key, targets)).value());
      for (const bool is_v4 : {true, false}) {
        std::vector<net::Packet> packets;
        for (int i = 0; i < kFlows; ++i) packets.push_back(flow_from(random, is_v4));
        std::map<std::uint32_t, int> counts;
        for (const std::uint32_t port : ports_of(packets)) ++counts[port];
        std::string text;
        const double share = static_cast<double>(kFlows) / targets;
        for (std::uint32_t port = 1; port <= targets; ++port) {
          text += fmt::format(" {}", counts[port]);
          // Four standard deviations, and what 64 buckets cannot part.
          EXPECT_NEAR(counts[port], share, 4 * std::sqrt(share) + kFlows / 64.0);
        }
        EXPECT_EQ(counts.count(0), 0U);
        std::cout << fmt::format("{} flows by {} over {} targets, {}:{}\n", kFlows,
                                 net::name_of(key), targets, is_v4 ? "IPv4" : "IPv6", text);
      }
    }
  }
}

TEST_F(BalanceTrafficTest, AFlowHasOneTargetBothWays) {
  ASSERT_TRUE(link_.install(shared_out(net::HashKey::kFlow, kTargets)).value());
  std::mt19937 random(kSeed);
  std::vector<net::Packet> there;
  std::vector<net::Packet> back;
  for (int i = 0; i < kFlows; ++i) {
    net::Packet packet = flow_from(random, i % 2 == 0);
    there.push_back(packet);
    std::swap(packet.src_ip, packet.dst_ip);
    std::swap(packet.src_port, packet.dst_port);
    packet.dscp = 46;
    packet.tcp_flags = packet.protocol == net::kProtocolTcp ? 16 : 0;
    back.push_back(packet);
  }
  EXPECT_EQ(ports_of(there), ports_of(back));
}

}  // namespace
}  // namespace fabrix::fabric
