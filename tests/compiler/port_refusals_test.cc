#include "compiler/port_refusals.h"

#include <functional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "compiler/admit.h"
#include "compiler/delivery.h"
#include "program/evaluate.h"
#include "tests/compiler/admitted.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using program::TableId;

// What becomes of frames that enter at a port of A, of B, of a middlebox port of A's, or of the
// route server.
class PortRefusals : public testing::Test {
 protected:
  PortRefusals() { compile(); }

  void compile() {
    program_ = {};
    program_.table(TableId::kAdmit) = all_admit_rows(world_.exchange);
    program_.table(TableId::kResolve) =
        resolve_rows(world_.exchange, std::vector<bool>(world_.exchange.participants.size()));
    std::vector<bool> up;
    for (const auto& each : world_.exchange.routers) {
      up.push_back(each.standing == exchange::Standing::kOpen);
    }
    program_.table(TableId::kInbound) = {goes_on()};
    program_.table(TableId::kTransit) = transit_rows(world_.exchange, up);
  }
  static program::Row goes_on() {
    program::Row row;
    row.next = program::Goto{TableId::kTransit};
    return row;
  }

  net::Packet frame(std::uint16_t type) const {
    net::Packet packet;
    net::set_value(packet, net::Field::kEthType, type);
    packet.in_port = a().port;
    packet.src_mac = a().mac;
    packet.dst_mac = b().mac;
    return packet;
  }
  net::Packet udp(const std::string& to, std::uint16_t port) const {
    const bool ip4 = to.find(':') == std::string::npos;
    net::Packet packet = frame(ip4 ? net::kEthTypeIpv4 : net::kEthTypeIpv6);
    packet.protocol = net::kProtocolUdp;
    packet.src_ip = a().addresses[ip4 ? 0 : 1];
    packet.dst_ip = ip(to);
    packet.dst_port = port;
    return packet;
  }
  net::Packet arp(const std::string& target) const {
    net::Packet packet = frame(net::kEthTypeArp);
    packet.dst_mac = net::MacAddress::broadcast();
    packet.protocol = 1;
    packet.src_ip = a().addresses[0];
    packet.dst_ip = ip(target);
    packet.arp_sender_mac = a().mac;
    return packet;
  }
  net::Packet nd(std::uint8_t type, const std::string& target) const {
    net::Packet packet = frame(net::kEthTypeIpv6);
    packet.dst_mac = net::MacAddress::from_u64(0x3333ff000001);
    packet.protocol = net::kProtocolIcmpv6;
    packet.icmp_type = type;
    packet.src_ip = a().addresses[1];
    packet.dst_ip = ip("ff02::1");
    packet.nd_target = ip(target);
    return packet;
  }
  static net::Packet to(net::Packet packet, std::uint64_t mac) {
    packet.dst_mac = net::MacAddress::from_u64(mac);
    return packet;
  }
  const exchange::Router& a() const { return world_.exchange.routers[0]; }
  const exchange::Router& b() const { return world_.exchange.routers[1]; }
  exchange::Router& a() { return world_.exchange.routers[0]; }

  // The port it leaves by, "fabrix", or the reason for which it is dropped.
  std::string fate(const net::Packet& packet) const {
    const program::Outcome outcome = program::evaluate(program_, packet);
    if (outcome.to_controller) return "fabrix";
    if (outcome.output) return "port " + std::to_string(outcome.output->value);
    const program::Row* row = outcome.steps.back().row;
    if (row == nullptr || row->queries.empty()) return "nothing says";
    const auto drop = program::drop_of(row->queries.front());
    EXPECT_EQ(drop->port, packet.in_port);
    return std::string(name_of(drop->reason));
  }
  std::string port_of_b() const { return "port " + std::to_string(b().port.value); }
  std::string port_of_site() const {
    return "port " + std::to_string(world_.exchange.route_server.port.value);
  }

  World world_{{1, 1}};
  program::Program program_;
};

TEST_F(PortRefusals, EveryFrameIsRefusedForItsReason) {
  net::Packet packet = udp("140.0.0.1", 80);
  EXPECT_EQ(fate(packet), port_of_b());
  packet.src_mac = b().mac;
  EXPECT_EQ(fate(packet), "source-mac");
  packet = udp("140.0.0.1", 80);
  packet.vlan_id = 7;
  EXPECT_EQ(fate(packet), "tagged");
  EXPECT_EQ(fate(frame(0x88cc)), "ethertype");
  EXPECT_EQ(fate(frame(0x0027)), "ethertype");  // 802.3 with LLC
  EXPECT_EQ(fate(to(frame(0x9000), 0xffffffffffff)), "broadcast");
  EXPECT_EQ(fate(to(frame(0x88cc), 0x0180c200000e)), "link-control");
  EXPECT_EQ(fate(to(frame(0x8809), 0x0180c2000002)), "link-control");
  EXPECT_EQ(fate(to(frame(0x0040), 0x01000ccccccc)), "link-control");
  EXPECT_EQ(fate(to(udp("140.0.0.1", 80), 0xffffffffffff)), "broadcast");
  EXPECT_EQ(fate(to(udp("224.0.0.5", 80), 0x01005e000005)), "multicast");
  EXPECT_EQ(fate(to(udp("140.0.0.1", 80), 0x00005e005301)), "unknown-destination");
}

TEST_F(PortRefusals, DhcpIsRefusedOnTheLanAndPassesThroughIt) {
  EXPECT_EQ(fate(to(udp("255.255.255.255", 67), 0xffffffffffff)), "dhcp");
  EXPECT_EQ(fate(udp("172.0.0.2", 68)), "dhcp");
  EXPECT_EQ(fate(to(udp("ff02::1:2", 547), 0x333300010002)), "dhcp");
  EXPECT_EQ(fate(udp("fe80::7", 546)), "dhcp");
  EXPECT_EQ(fate(udp("2001:db8:ffff::1:2", 546)), "dhcp");
  EXPECT_EQ(fate(udp("140.0.0.1", 67)), port_of_b());
  EXPECT_EQ(fate(udp("2001:db8::1", 547)), port_of_b());
  EXPECT_EQ(fate(udp("172.0.0.2", 69)), port_of_b());
}

TEST_F(PortRefusals, ArpAndDiscoveryMustSpeakForTheAssignedPair) {
  EXPECT_EQ(fate(arp("172.0.0.2")), port_of_b());
  net::Packet packet = arp("172.0.0.2");
  packet.src_ip = ip("172.0.0.3");
  EXPECT_EQ(fate(packet), "arp-spoof");
  packet = arp("172.0.0.2");
  packet.arp_sender_mac = b().mac;
  EXPECT_EQ(fate(packet), "arp-spoof");
  packet = arp("172.0.0.2");  // a gratuitous one, of B's address
  packet.src_ip = ip("172.0.0.2");
  EXPECT_EQ(fate(packet), "arp-spoof");
  EXPECT_EQ(fate(nd(135, "2001:db8:ffff::1:2")), port_of_b());
  packet = nd(135, "2001:db8:ffff::1:2");
  packet.src_ip = ip("2001:db8:ffff::1:3");
  EXPECT_EQ(fate(packet), "nd-spoof");
  packet = to(nd(136, "2001:db8:ffff::1:1"), b().mac.to_u64());
  packet.dst_ip = b().addresses[1];
  EXPECT_EQ(fate(packet), port_of_b());
  packet.nd_target = ip("2001:db8:ffff::1:3");
  EXPECT_EQ(fate(packet), "nd-spoof");
  for (const int type : {133, 134, 137}) {
    EXPECT_EQ(fate(nd(static_cast<std::uint8_t>(type), "::")), "router-discovery");
  }
}

TEST_F(PortRefusals, AddressesOfTheLanAreTheirOwners) {
  net::Packet packet = udp("140.0.0.1", 80);
  packet.src_ip = ip("172.0.0.2");
  EXPECT_EQ(fate(packet), "source-address");
  packet.src_ip = ip("172.0.200.7");
  EXPECT_EQ(fate(packet), "source-address");
  packet.src_ip = ip("198.51.100.7");
  EXPECT_EQ(fate(packet), port_of_b());
  packet = udp("172.0.0.2", 179);
  packet.protocol = net::kProtocolTcp;
  EXPECT_EQ(fate(packet), port_of_b());
  packet.src_ip = ip("172.0.255.254");
  EXPECT_EQ(fate(packet), "source-address");
}

TEST_F(PortRefusals, HoldForTheRouteServersPortToo) {
  const auto& site = world_.exchange.route_server;
  const auto from_site = [&site](net::Packet packet) {
    packet.in_port = site.port;
    packet.src_mac = site.mac;
    if (packet.arp_sender_mac != net::MacAddress{}) packet.arp_sender_mac = site.mac;
    return packet;
  };
  EXPECT_EQ(fate(from_site(nd(134, "::"))), "router-discovery");
  EXPECT_EQ(fate(from_site(udp("172.0.0.2", 68))), "dhcp");
  EXPECT_EQ(fate(from_site(to(frame(0x88cc), 0x0180c200000e))), "link-control");
  EXPECT_EQ(fate(from_site(udp("172.0.0.2", 80))), "source-address");
  EXPECT_EQ(fate(from_site(arp("172.0.0.2"))), "arp-spoof");
  net::Packet packet = from_site(udp("172.0.0.2", 80));
  packet.src_ip = site.addresses[0];
  EXPECT_EQ(fate(packet), port_of_b());
}

TEST_F(PortRefusals, RequestsForNobodysAddressReachTheSpongeIfThereIsOne) {
  EXPECT_EQ(fate(arp("172.0.77.7")), "unknown-destination");
  EXPECT_EQ(fate(to(udp("140.0.0.1", 80), program::sponge_mac().to_u64())), "unknown-destination");
  world_.exchange.arp_sponge = true;
  compile();
  EXPECT_EQ(fate(arp("172.0.77.7")), "fabrix");
  EXPECT_EQ(fate(arp("172.0.0.2")), port_of_b());
  EXPECT_EQ(fate(arp("192.0.2.1")), "unknown-destination");
  EXPECT_EQ(fate(to(udp("140.0.0.1", 80), program::sponge_mac().to_u64())), "sponge");
}

TEST_F(PortRefusals, QuarantineIsAConversationWithTheRouteServer) {
  a().standing = exchange::Standing::kQuarantined;
  compile();
  const auto& site = world_.exchange.route_server;
  const std::uint64_t site_mac = site.mac.to_u64();
  EXPECT_EQ(fate(arp("172.0.255.254")), port_of_site());
  EXPECT_EQ(fate(nd(135, "2001:db8:ffff::fffe")), port_of_site());
  net::Packet answer = to(nd(136, "2001:db8:ffff::1:1"), site_mac);
  EXPECT_EQ(fate(answer), "quarantine");
  answer.dst_ip = site.addresses[1];
  EXPECT_EQ(fate(answer), port_of_site());
  net::Packet session = to(udp("172.0.255.254", 179), site_mac);
  session.protocol = net::kProtocolTcp;
  EXPECT_EQ(fate(session), port_of_site());
  EXPECT_EQ(fate(to(session, b().mac.to_u64())), "quarantine");
  EXPECT_EQ(fate(arp("172.0.0.2")), "quarantine");
  EXPECT_EQ(fate(arp("172.0.128.5")), "quarantine");
  EXPECT_EQ(fate(udp("140.0.0.1", 80)), "quarantine");
  net::Packet foreign = session;
  foreign.src_mac = b().mac;
  EXPECT_EQ(fate(foreign), "source-mac");
}

TEST_F(PortRefusals, OnlyTheRouteServerReachesAPortInQuarantine) {
  const auto& site = world_.exchange.route_server;
  net::Packet from_site = udp("172.0.0.1", 179);
  from_site.in_port = site.port;
  from_site.src_mac = site.mac;
  from_site.dst_mac = a().mac;
  from_site.src_ip = site.addresses[0];
  net::Packet from_b = arp("172.0.0.1");
  from_b.in_port = b().port;
  from_b.src_mac = from_b.arp_sender_mac = b().mac;
  from_b.src_ip = b().addresses[0];
  const std::string port_of_a = "port " + std::to_string(a().port.value);
  EXPECT_EQ(fate(from_site), port_of_a);
  EXPECT_EQ(fate(from_b), port_of_a);
  a().standing = exchange::Standing::kQuarantined;
  compile();
  EXPECT_EQ(fate(from_site), port_of_a);
  EXPECT_EQ(fate(from_b), "nothing says");
  a().standing = exchange::Standing::kShutDown;
  compile();
  EXPECT_EQ(fate(from_site), "nothing says");
  EXPECT_EQ(fate(from_b), "nothing says");
  EXPECT_EQ(fate(arp("172.0.255.254")), "shutdown");
}

// 4,096 ports: what one costs.
TEST_F(PortRefusals, APortHasABoundedNumberOfRows) {
  std::size_t rows = 0;
  for (const program::Row& row : program_.table(TableId::kAdmit)) {
    const auto& first = row.match.fields.front();
    if (first.field == net::Field::kInPort && first.bits == a().port.value) ++rows;
  }
  EXPECT_LE(rows, 60U);
}

// A thousand ports have fifty thousand rows.
TEST_F(PortRefusals, MatchesKeepLittleRoomForNothing) {
  std::size_t tests = 0;
  std::size_t room = 0;
  for (const program::Row& row : admit_rows(world_.exchange, a().participant, {})) {
    tests += row.match.fields.size();
    room += row.match.fields.capacity();
  }
  EXPECT_LE(room, tests + tests / 10);
}

TEST_F(PortRefusals, LimitsAreThePortsOwnAndOfLookupsAndPunts) {
  for (const program::Row& row : program_.table(TableId::kAdmit)) {
    const bool of_site = row.match.fields.front().bits == world_.exchange.route_server.port.value;
    const bool lookup = row.origin.kind == program::Origin::Kind::kAddressLookup;
    EXPECT_EQ(row.meter.has_value(), lookup && !of_site) << to_string(row);
  }
}

}  // namespace
}  // namespace fabrix::compiler
