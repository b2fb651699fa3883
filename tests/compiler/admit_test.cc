#include "compiler/admit.h"

#include <gtest/gtest.h>

#include "program/drop.h"
#include "program/evaluate.h"
#include "program/tag.h"
#include "tests/compiler/admitted.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using program::TableId;

// What table 0 does with a packet from router A1, whose participant has an outbound policy.
class Admit : public testing::Test {
 protected:
  Admit() {
    program_.table(TableId::kAdmit) = all_admit_rows(
        world_.exchange, {{.has_outbound = true, .is_counted = false, .hashes = {}}});
  }

  net::Packet frame(std::uint16_t type) const {
    net::Packet packet;
    net::set_value(packet, net::Field::kEthType, type);
    packet.in_port = a().port;
    packet.src_mac = a().mac;
    packet.dst_mac = b().mac;
    return packet;
  }
  net::Packet tcp(const std::string& to, std::uint16_t port) const {
    net::Packet packet =
        frame(to.find(':') == std::string::npos ? net::kEthTypeIpv4 : net::kEthTypeIpv6);
    packet.protocol = net::kProtocolTcp;
    packet.src_ip = a().addresses[packet.eth_type == net::kEthTypeIpv4 ? 0 : 1];
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
    packet.nd_target = ip(target);
    return packet;
  }
  const exchange::Router& a() const { return world_.exchange.routers[0]; }
  const exchange::Router& b() const { return world_.exchange.routers[1]; }

  // "drop", "fabrix", or the next table, with "!" for control traffic.
  std::string fate(const net::Packet& packet) const {
    const program::Outcome outcome = program::evaluate(program_, packet);
    const program::Row* row = outcome.steps.front().row;
    if (outcome.to_controller) return "fabrix";
    if (row == nullptr || !std::holds_alternative<program::Goto>(row->next)) return "drop";
    const bool control = (outcome.metadata & program::Metadata::control().mask) != 0;
    return std::string(name_of(std::get<program::Goto>(row->next).table)) + (control ? "!" : "");
  }

  World world_{{1, 1}};
  program::Program program_;
};

TEST_F(Admit, SpoofedTaggedAndForeignFramesStopHere) {
  net::Packet packet = tcp("140.0.0.1", 80);
  EXPECT_EQ(fate(packet), "resolve");
  packet.src_mac = b().mac;
  EXPECT_EQ(fate(packet), "drop");
  packet = tcp("140.0.0.1", 80);
  packet.vlan_id = 7;
  EXPECT_EQ(fate(packet), "drop");
  packet = tcp("140.0.0.1", 80);
  packet.in_port = {77};
  EXPECT_EQ(fate(packet), "drop");
  EXPECT_EQ(fate(frame(0x88cc)), "drop");
}

TEST_F(Admit, OnlyTagsOfASenderWithPolicyGoToItsClauses) {
  net::Packet packet = tcp("140.0.0.1", 80);
  packet.dst_mac = program::encode({.egress = router(1)});
  EXPECT_EQ(fate(packet), "outbound");
  packet.in_port = b().port;
  packet.src_mac = b().mac;
  packet.src_ip = b().addresses[0];
  EXPECT_EQ(fate(packet), "resolve");
}

TEST_F(Admit, GroupAddressesAreForNeighbourDiscoveryAndArpOnly) {
  net::Packet packet = tcp("140.0.0.1", 80);
  packet.dst_mac = net::MacAddress::broadcast();
  EXPECT_EQ(fate(packet), "drop");
  packet = tcp("2001:db8::1", 80);
  packet.dst_mac = net::MacAddress::from_u64(0x333300000001);
  EXPECT_EQ(fate(packet), "drop");
}

TEST_F(Admit, ArpForVirtualNextHopsGoesToFabrix) {
  EXPECT_EQ(fate(arp("172.0.128.5")), "fabrix");
  EXPECT_EQ(fate(arp("172.0.0.2")), "resolve!");
  EXPECT_EQ(fate(arp("172.0.255.254")), "resolve!");
}

TEST_F(Admit, ArpMustSpeakForTheRouterItself) {
  net::Packet packet = arp("172.0.0.2");
  packet.src_ip = ip("172.0.0.99");
  EXPECT_EQ(fate(packet), "drop");
  packet = arp("172.0.128.5");
  packet.arp_sender_mac = b().mac;
  EXPECT_EQ(fate(packet), "drop");
}

TEST_F(Admit, NeighbourSolicitationsForVirtualNextHopsGoToFabrix) {
  EXPECT_EQ(fate(nd(135, "2001:db8:ffff:0:1::9")), "fabrix");
  net::Packet packet = nd(135, "2001:db8:ffff:0:1::9");
  packet.src_ip = ip("fe80::1");
  EXPECT_EQ(fate(packet), "fabrix");
  packet.src_ip = ip("::");
  EXPECT_EQ(fate(packet), "resolve!");
  packet.src_ip = ip("2001:db8::7");
  EXPECT_EQ(fate(packet), "drop");
  EXPECT_EQ(fate(nd(135, "2001:db8:ffff::1:2")), "resolve!");
  EXPECT_EQ(fate(nd(136, "2001:db8:ffff::1:1")), "resolve!");
}

TEST_F(Admit, RouterDiscoveryAndRedirectsAreRefused) {
  for (const int number : {133, 134, 137}) {
    const auto type = static_cast<std::uint8_t>(number);
    net::Packet packet = nd(type, "::");
    EXPECT_EQ(fate(packet), "drop");
    packet.dst_mac = b().mac;
    EXPECT_EQ(fate(packet), "drop");
  }
}

TEST_F(Admit, BgpAndBfdOnTheLanAreControlTraffic) {
  EXPECT_EQ(fate(tcp("172.0.255.254", 179)), "resolve!");
  EXPECT_EQ(fate(tcp("2001:db8:ffff::fffe", 179)), "resolve!");
  EXPECT_EQ(fate(tcp("172.0.0.2", 80)), "resolve");
  EXPECT_EQ(fate(tcp("140.0.0.1", 179)), "resolve");
  net::Packet packet = tcp("172.0.0.2", 3784);
  packet.protocol = net::kProtocolUdp;
  EXPECT_EQ(fate(packet), "resolve!");
  packet = tcp("172.0.0.2", 40000);
  packet.src_port = 179;
  EXPECT_EQ(fate(packet), "resolve!");
}

TEST_F(Admit, WhatTheRouteServerSaysIsControlTraffic) {
  net::Packet packet = tcp("172.0.0.1", 40000);
  packet.in_port = world_.exchange.route_server.port;
  packet.src_mac = world_.exchange.route_server.mac;
  packet.src_ip = world_.exchange.route_server.addresses[0];
  EXPECT_EQ(fate(packet), "resolve!");
  packet.src_mac = a().mac;
  EXPECT_EQ(fate(packet), "drop");
}

TEST(AdmitHashes, DataIsHashedByTheKeysAndControlTrafficIsNot) {
  const World world({1, 1});
  const net::HashKeys keys{net::HashKey::kSrcIp};
  const auto rows =
      all_admit_rows(world.exchange, {{.has_outbound = true, .is_counted = false, .hashes = keys}});
  std::size_t hashed = 0;
  for (const program::Row& row : rows) {
    const bool is_data = row.origin.kind == program::Origin::Kind::kAntiSpoof &&
                         row.origin.participant == participant(0) &&
                         std::holds_alternative<program::Goto>(row.next);
    EXPECT_EQ(row.hashes, is_data ? keys : net::HashKeys{}) << to_string(row);
    if (is_data) ++hashed;
  }
  EXPECT_EQ(hashed, 8U);  // tagged and not, of both families, from its own address and others
}

TEST(AdmitMiddlebox, WhatIsForTheOwnerGoesOnByTheNextOfAChain) {
  World world({1, 3});
  for (const unsigned box : {2U, 3U}) world.exchange.routers[box].middlebox = true;
  const program::Metadata via = program::Metadata::via(router(3));
  const auto rows = admit_rows(world.exchange, participant(1),
                               {.onward = {{.from = router(2), .to = router(3)}}});
  int returned = 0;
  for (const program::Row& row : rows) {
    const auto* jump = std::get_if<program::Goto>(&row.next);
    if (jump == nullptr || jump->table != program::TableId::kTransit) continue;
    ++returned;
    const bool at_first = row.match.fields.front().bits == world.exchange.routers[2].port.value;
    EXPECT_EQ(row.write_metadata.mask & via.mask, at_first ? via.mask : 0U) << to_string(row);
    EXPECT_EQ(row.write_metadata.bits & via.mask, at_first ? via.bits : 0U) << to_string(row);
  }
  EXPECT_EQ(returned, 4) << "of both families, at both";
}

// Of A, which announces two blocks.
class CheckedAdmit : public Admit {
 protected:
  // Where packets from these sources go, one after the other.
  std::string fates(exchange::SourceCheck mode, bool counted = false) {
    auto& rule = world_.exchange.routers[0].sources;
    rule.mode = mode;
    rule.allowed = {prefix("30.0.0.0/8")};
    program_.table(TableId::kAdmit) = all_admit_rows(
        world_.exchange,
        {{.has_outbound = true, .is_counted = counted, .hashes = {}, .sources = &announced_}});
    program_.canonicalize();
    std::string all;
    for (const char* source :
         {"10.0.0.1", "11.0.0.1", "20.0.0.1", "30.0.0.1", "172.0.0.1", "172.0.0.2", "0.0.0.0"}) {
      net::Packet packet = tcp("140.0.0.1", 80);
      packet.src_ip = ip(source);
      all += fate(packet) + " ";
      packet.dst_mac =
          program::encode({.kind = program::TagKind::kInline, .reach = 1, .egress = {}});
      all += fate(packet) + ", ";
    }
    return all;
  }

  std::vector<net::Prefix> announced_{prefix("10.0.0.0/8"), prefix("20.0.0.0/8")};
};

TEST_F(CheckedAdmit, WhatIsNotAnnouncedStopsHere) {
  EXPECT_EQ(fates(exchange::SourceCheck::kDrop),
            "resolve outbound, drop drop, resolve outbound, resolve outbound, resolve outbound, "
            "drop drop, drop drop, ");
  EXPECT_EQ(fates(exchange::SourceCheck::kDrop, true),
            "sent sent, drop drop, sent sent, sent sent, sent sent, drop drop, drop drop, ");
}

TEST_F(CheckedAdmit, OrIsCountedAndGoesOn) {
  EXPECT_EQ(fates(exchange::SourceCheck::kCount),
            "resolve outbound, resolve outbound, resolve outbound, resolve outbound, resolve "
            "outbound, drop drop, resolve outbound, ");
  net::Packet packet = tcp("140.0.0.1", 80);
  const auto counted = [&](const char* source) {
    packet.src_ip = ip(source);
    return program::evaluate(program_, packet).steps.front().row->queries;
  };
  EXPECT_TRUE(counted("10.0.0.1").empty());
  EXPECT_EQ(
      counted("11.0.0.1"),
      (std::vector{program::drop_counter({a().port, program::DropReason::kUnannouncedPassed})}));
}

TEST_F(CheckedAdmit, ArpAndBgpAreNoPartOfIt) {
  announced_.clear();
  fates(exchange::SourceCheck::kDrop);
  EXPECT_EQ(fate(arp("172.0.0.2")), "resolve!");
  EXPECT_EQ(fate(tcp("172.0.0.2", 179)), "resolve!");
  EXPECT_EQ(fate(nd(135, "2001:db8:ffff::1:2")), "resolve!");
}

}  // namespace
}  // namespace fabrix::compiler
