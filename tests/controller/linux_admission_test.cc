// Port security of a thousand ports in the kernel: each frame, of the kinds that members may and
// may not send, becomes what the Program means, and is counted as the simulated fabric counts it.
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fabric/simulated.h"
#include "program/drop.h"
#include "tests/controller/linux_world.h"
#include "tests/fabric/many_ports.h"

namespace fabrix::controller::tests {
namespace {

using program::DropReason;

constexpr std::uint32_t kPorts = 1000;
constexpr std::uint32_t kSeed = 4100;
constexpr int kFrames = 2500;

constexpr std::uint64_t kNobody = 0x0800271fffff;

class LinuxAdmissionTest : public LinuxWorld {
 protected:
  void SetUp() override {
    LinuxWorld::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (const auto& each : exchange_.routers) add_port(each.port.value, each.port.value - 1);
    add_port(exchange_.route_server.port.value, exchange_.route_server.port.value - 1);
    ASSERT_NO_FATAL_FAILURE(install(*program_));
    simulated_.install(program_, [](const auto& done) { ASSERT_TRUE(done); });
  }

  const exchange::Router& any() { return exchange_.routers[random_() % exchange_.routers.size()]; }

  net::Packet from(const exchange::Router& router, std::uint16_t eth_type) {
    net::Packet packet;
    packet.in_port = router.port;
    packet.src_mac = router.mac;
    packet.dst_mac = any().mac;
    net::set_value(packet, net::Field::kEthType, eth_type);
    return packet;
  }
  net::Packet ip(const exchange::Router& router, std::string_view text) {
    net::Packet packet = net::parse_packet(text).value();
    packet.in_port = router.port;
    packet.src_mac = router.mac;
    packet.dst_mac = any().mac;
    return packet;
  }
  net::Packet arp(const exchange::Router& router, const net::IpAddress& target) {
    net::Packet packet = from(router, net::kEthTypeArp);
    packet.dst_mac = net::MacAddress::broadcast();
    packet.protocol = 1;
    packet.arp_sender_mac = router.mac;
    packet.src_ip = router.addresses[0];
    packet.dst_ip = target;
    return packet;
  }
  net::Packet discovery(const exchange::Router& router, std::uint8_t type,
                        const net::IpAddress& target) {
    net::Packet packet = ip(router, "icmp6 [2001:db8::1] -> [ff02::1]");
    packet.src_ip = router.addresses[1];
    packet.icmp_type = type;
    packet.nd_target = target;
    packet.dst_mac = net::MacAddress::from_u64(0x333300000001);
    return packet;
  }
  static net::Packet to(net::Packet packet, std::uint64_t mac) {
    packet.dst_mac = net::MacAddress::from_u64(mac);
    return packet;
  }
  static net::Packet by(net::Packet packet, const net::IpAddress& source) {
    packet.src_ip = source;
    return packet;
  }

  // Some frame that enters at the router's port.
  net::Packet frame_at(const exchange::Router& at) {
    const auto plain = [&] { return ip(at, "udp 100.0.0.1:1000 -> 100.0.9.1:2000"); };
    const auto plain6 = [&] { return ip(at, "tcp [2001:db9::1]:7 -> [2001:dba::1]:443"); };
    const auto bgp = [&](const net::IpAddress& target) {
      net::Packet packet = by(ip(at, "tcp 10.0.0.1:1000 -> 10.0.0.2:179"), at.addresses[0]);
      packet.dst_ip = target;
      return packet;
    };
    switch (random_() % 20) {
      case 0:
        return plain6();
      case 1:
        return by(plain(), at.addresses[0]);
      case 2:
        return by(plain(), any().addresses[0]);
      case 3:
        return by(plain6(), any().addresses[1]);
      case 4:
        return to(plain(), kNobody);
      case 5:
        return arp(at, any().addresses[0]);
      case 6:
        return by(arp(at, any().addresses[0]), any().addresses[0]);
      case 7:
        return arp(at, *net::IpAddress::parse("10.0.30.7"));
      case 8:
        return discovery(at, 135, any().addresses[1]);
      case 9:
        return discovery(at, 136, any().addresses[1]);
      case 10:
        return discovery(at, 134, at.addresses[1]);
      case 11:
        return to(plain(), net::MacAddress::broadcast().to_u64());
      case 12:
        return to(plain(), 0x01005e000005);
      case 13:
        return to(plain(), 0x0180c2000002);
      case 14:
        return to(ip(at, "udp 0.0.0.0:68 -> 255.255.255.255:67"),
                  net::MacAddress::broadcast().to_u64());
      case 15:
        return bgp(any().addresses[0]);
      case 16:
        return to(bgp(exchange_.route_server.addresses[0]), exchange_.route_server.mac.to_u64());
      case 17: {
        net::Packet foreign = plain();
        foreign.src_mac = any().mac;
        return foreign;
      }
      case 18:
        return from(at, 0x88cc);
      default:
        return plain();
    }
  }

  void compare(const net::Packet& sent) {
    const auto frame = net::build_frame(sent);
    net::Packet packet = *net::parse_frame(frame);
    packet.in_port = sent.in_port;
    SCOPED_TRACE(fmt::format("{} type {:x} from port {}, {} to {}", net::to_string(packet),
                             packet.eth_type, packet.in_port.value, packet.src_mac.to_string(),
                             packet.dst_mac.to_string()));
    const auto outcome = simulated_.send(packet);
    const Became became = send(packet.in_port.value, frame);
    EXPECT_EQ(became.leaving, leaving_of(outcome));
    EXPECT_EQ(became.to_controller, outcome.to_controller);
  }

  exchange::Exchange exchange_ = fabric::many_ports(kPorts);
  program::ProgramPtr program_ =
      std::make_shared<const program::Program>(fabric::ports_program(exchange_));
  fabric::SimulatedFabric simulated_;
  std::mt19937 random_{kSeed};
};

TEST_F(LinuxAdmissionTest, AThousandPortsLetInAndCountWhatTheProgramSays) {
  SCOPED_TRACE(fmt::format("seed {}", kSeed));
  for (int i = 0; i < kFrames && !HasFailure(); ++i) compare(frame_at(any()));
  const auto counts = counted();
  EXPECT_EQ(counts, simulated_.query_counts());
  std::map<DropReason, std::uint64_t> by_reason;
  for (const auto& [key, count] : counts) {
    const auto drop = program::drop_of(key.query);
    ASSERT_TRUE(drop);
    by_reason[drop->reason] += count.packets;
  }
  EXPECT_GE(by_reason.size(), 12U);
  EXPECT_TRUE(counted().empty());
}

TEST_F(LinuxAdmissionTest, WhatAPortsLimitDiscardsIsCountedAndCostsOthersNothing) {
  const exchange::Router& noisy = exchange_.routers[10];
  const exchange::Router& quiet = exchange_.routers[11];
  constexpr std::uint64_t kRequests = 400;
  const auto request = net::build_frame(arp(noisy, quiet.addresses[0]));
  std::uint64_t passed = 0;
  for (std::uint64_t i = 0; i < kRequests; ++i) {
    passed += send(noisy.port.value, request).leaving.size();
  }
  EXPECT_GE(passed, program::kLookupsPerSecond);
  const auto answer = net::build_frame(arp(quiet, noisy.addresses[0]));
  EXPECT_EQ(send(quiet.port.value, answer).leaving.size(), 1U);
  const auto counts = counted();
  ASSERT_EQ(counts.size(), 1U);
  EXPECT_EQ(program::drop_of(counts.begin()->first.query),
            (program::PortDrop{.port = noisy.port, .reason = DropReason::kStorm}));
  EXPECT_EQ(counts.begin()->second,
            (fabric::QueryCount{kRequests - passed, (kRequests - passed) * request.size()}));
}

}  // namespace
}  // namespace fabrix::controller::tests
