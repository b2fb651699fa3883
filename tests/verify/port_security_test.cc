// Port security as a property: for ports of any standing and frames of any kind, the compiled
// Program does what the reference says, and the verifier finds it right.
#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/packet.h"
#include "program/drop.h"
#include "program/evaluate.h"
#include "tests/verify/walkthrough.h"
#include "verify/reference.h"

namespace fabrix::verify {
namespace {

constexpr std::uint32_t kSeed = 20261121;
using exchange::Standing;

class PortSecurity : public ::testing::Test {
 protected:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  template <typename Values>
  auto any(const Values& values) {
    return *(std::begin(values) + static_cast<std::ptrdiff_t>(below(std::size(values))));
  }

  void compile_anew() {
    for (exchange::Router& router : world_.exchange.routers) {
      router.standing = any(std::array{Standing::kOpen, Standing::kOpen, Standing::kQuarantined,
                                       Standing::kShutDown});
      const bool open = router.standing == Standing::kOpen;
      world_.port_up[router.id.index()] = open;
      world_.compiler->set_port(router.id, open);
    }
    world_.exchange.arp_sponge = below(2) == 0;
    world_.compiler->reconfigure();
    for (const auto& each : world_.exchange.participants) {
      static_cast<void>(
          world_.compiler->set_policy(each.id, world_.policies[each.id.index()], "policy"));
    }
    const auto output = world_.compiler->compile({});
    world_.program = *output.program;
    world_.meanings = output.meanings;
  }

  net::MacAddress any_mac() {
    constexpr std::array<std::uint64_t, 8> kOthers{0xffffffffffff, 0x01005e000001, 0x333300000001,
                                                   0x0180c2000002, 0x01000ccccccc, 0x00005e005301,
                                                   0x0180c200000e, 0x333300010002};
    const std::uint64_t kind = below(8);
    if (kind < 4) return any(world_.exchange.routers).mac;
    if (kind == 4) return world_.exchange.route_server.mac;
    if (kind == 5) return program::sponge_mac();
    return net::MacAddress::from_u64(any(kOthers));
  }
  net::IpAddress any_address(net::Family family) {
    const bool ip4 = family == net::Family::kIpv4;
    std::vector<net::IpAddress> all;
    const auto add = [&](const std::vector<net::IpAddress>& more) {
      for (const auto& each : more) {
        if (each.family() == family) all.push_back(each);
      }
    };
    for (const auto& router : world_.exchange.routers) add(router.addresses);
    add(world_.exchange.route_server.addresses);
    for (const auto& lan : world_.exchange.peering_lan) add({lan.address()});
    for (const auto& range : world_.exchange.virtual_next_hops) add({range.address()});
    for (const char* text : {"100.0.0.1", "0.0.0.0", "2001:db8:7777::1", "fe80::1", "::"}) {
      add({*net::IpAddress::parse(text)});
    }
    return all.empty() ? net::IpAddress::unspecified(ip4 ? family : net::Family::kIpv6) : any(all);
  }

  net::Packet any_frame(const exchange::Router& from) {
    constexpr std::array<std::uint16_t, 6> kTypes{net::kEthTypeIpv4, net::kEthTypeIpv6,
                                                  net::kEthTypeArp,  net::kEthTypeIpv6,
                                                  net::kEthTypeIpv4, 0x88cc};
    net::Packet packet;
    const std::uint16_t type = any(kTypes);
    net::set_value(packet, net::Field::kEthType, type);
    packet.in_port = from.port;
    packet.src_mac = below(8) == 0 ? any_mac() : from.mac;
    packet.dst_mac = any_mac();
    if (below(16) == 0) packet.vlan_id = 7;
    if (type == 0x88cc) return packet;
    const auto family = type == net::kEthTypeIpv6 ? net::Family::kIpv6 : net::Family::kIpv4;
    packet.dst_ip = any_address(family);
    packet.src_ip = any_address(family);
    for (const auto& own : from.addresses) {
      if (own.family() == family && below(2) == 0) packet.src_ip = own;
    }
    if (type == net::kEthTypeArp) {
      packet.protocol = static_cast<std::uint8_t>(1 + below(2));
      packet.arp_sender_mac = below(4) == 0 ? any_mac() : packet.src_mac;
      return packet;
    }
    fill(packet, family);
    return packet;
  }
  void fill(net::Packet& packet, net::Family family) {
    constexpr std::array<std::uint16_t, 8> kPorts{67, 68, 179, 546, 547, 3784, 80, 40000};
    const std::uint64_t kind = below(3);
    if (kind == 0 && family == net::Family::kIpv6) {
      packet.protocol = net::kProtocolIcmpv6;
      packet.icmp_type = static_cast<std::uint8_t>(132 + below(7));
      if (packet.icmp_type == 135 || packet.icmp_type == 136)
        packet.nd_target = any_address(family);
      return;
    }
    packet.protocol = kind == 1 ? net::kProtocolTcp : net::kProtocolUdp;
    packet.src_port = any(kPorts);
    packet.dst_port = any(kPorts);
  }

  static std::string what(std::optional<net::PortNo> port, bool to_controller) {
    if (to_controller) return "controller";
    return port ? "port " + std::to_string(port->value) : "nothing";
  }
  std::string done(const net::Packet& packet) const {
    const auto outcome = program::evaluate(world_.program, packet);
    return what(outcome.output, outcome.to_controller);
  }
  std::string meant(const exchange::Router& from, const net::Packet& packet) const {
    const Delivery delivery = deliver_to_mac(world_.world(), from.id, packet);
    if (delivery.to_route_server) return what(world_.exchange.route_server.port, false);
    std::optional<net::PortNo> port;
    if (delivery.router) port = world_.exchange.router(*delivery.router).port;
    return what(port, delivery.reason == Reason::kAnsweredByFabrix);
  }

  std::mt19937 random_{kSeed};
  Walkthrough world_;
};

TEST_F(PortSecurity, ProgramsDoWhatTheReferenceSaysWithAnyFrame) {
  std::size_t delivered = 0;
  for (int round = 0; round < 40; ++round) {
    compile_anew();
    const auto violations = world_.check();
    ASSERT_TRUE(violations.empty()) << violations.front().message << " " << round;
    for (int i = 0; i < 1000; ++i) {
      const exchange::Router& from = any(world_.exchange.routers);
      const net::Packet packet = any_frame(from);
      const std::string is = done(packet);
      ASSERT_EQ(is, meant(from, packet)) << net::to_string(packet) << " from " << from.name
                                         << " to " << packet.dst_mac.to_string();
      if (is != "nothing") ++delivered;
    }
  }
  EXPECT_GT(delivered, 1000U);
}

}  // namespace
}  // namespace fabrix::verify
