// Ports of the Linux fabric whose frames carry 802.1Q tags (fabric/port_tags.h), on real cables:
// the kernel keeps tags beside frames there, as it does behind network cards.
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "fabric/port_tags.h"
#include "io/packet_socket.h"
#include "program/drop.h"
#include "tests/controller/linux_cables.h"

namespace fabrix::controller::tests {
namespace {

using Frame = std::vector<std::byte>;
using net::Field;

constexpr std::uint16_t kTag = 100;
constexpr std::uint64_t kNobody = 0x080027000977;

// Members' ports 2 and 3 have tags.
class LinuxTagsTest : public LinuxCables {
 protected:
  void SetUp() override {
    LinuxCables::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_NO_FATAL_FAILURE(hush());
    fabric_ = start();
    ASSERT_NE(fabric_, nullptr);
    set_tags(kTag, kTag + 1);
    for (std::uint32_t i = 1; i <= kMembers; ++i) heard_.emplace_back();
    for (std::uint32_t i = 1; i <= kMembers; ++i) sockets_.push_back(open(i));
  }

  void set_tags(std::uint16_t two, std::uint16_t three) {
    auto ports = all_ports();
    ports.at(1).vlan = two;
    ports.at(2).vlan = three;
    const auto scope = io::NamespaceScope::enter(fabric_home_.name());
    ASSERT_TRUE(scope);
    fabric_->set_interfaces(ports);
  }

  io::PacketSocket open(std::uint32_t number) {
    auto socket = io::PacketSocket::open(
        loop_,
        {.link = "eth0", .network_namespace = member(number), .promiscuous = io::Promiscuous::kYes},
        [this, number](std::span<const std::byte> frame) {
          heard_.at(number - 1).emplace_back(frame.begin(), frame.end());
        });
    EXPECT_TRUE(socket) << socket.error().message;
    return *std::move(socket);
  }

  // Untagged frames go to whom they are addressed to; the rest is counted where it comes in.
  static program::Program by_address() {
    program::Program program;
    auto& rows = program.table(program::TableId::kAdmit);
    for (std::uint32_t port = 1; port <= kMembers; ++port) {
      for (std::uint32_t to = 1; to <= kMembers; ++to) {
        program::Row row;
        row.priority = 10;
        row.match.exact(Field::kInPort, port).exact(Field::kVlanId, 0);
        row.match.exact(Field::kEthType, net::kEthTypeIpv4);
        row.match.exact(Field::kDstMac, mac_of(to).to_u64());
        row.next = program::Output{net::PortNo{to}};
        rows.push_back(row);
      }
      program::Match untagged;
      untagged.exact(Field::kInPort, port).exact(Field::kVlanId, 0);
      rows.push_back(
          program::drop_row(5, untagged, {net::PortNo{port}, program::DropReason::kEtherType}));
      rows.push_back(program::drop_row(1, program::Match{}.exact(Field::kInPort, port),
                                       {net::PortNo{port}, program::DropReason::kTagged}));
    }
    program.canonicalize();
    return program;
  }

  static net::Packet packet(std::uint32_t from, std::uint32_t to, std::uint16_t vlan = 0) {
    net::Packet packet = net::parse_packet("udp 10.9.0.1:4000 -> 10.9.0.9:5000").value();
    packet.src_mac = mac_of(from);
    packet.dst_mac = mac_of(to);
    packet.vlan_id = vlan;
    return packet;
  }
  // Long enough that none is padded.
  static Frame frame_of(const net::Packet& packet) {
    const std::vector<std::byte> payload(40);
    return net::build_frame(packet, payload);
  }
  static Frame frame(std::uint32_t from, std::uint32_t to, std::uint16_t vlan = 0) {
    return frame_of(packet(from, to, vlan));
  }
  // With octets between the addresses and the type.
  static Frame with(Frame frame, std::initializer_list<int> octets) {
    std::vector<std::byte> more;
    for (const int octet : octets) more.push_back(static_cast<std::byte>(octet));
    frame.insert(frame.begin() + 12, more.begin(), more.end());
    return frame;
  }

  void send(std::uint32_t from, const Frame& frame) {
    ASSERT_TRUE(sockets_.at(from - 1).send(frame));
  }
  bool hears(std::uint32_t member, const Frame& wanted) {
    auto& heard = heard_.at(member - 1);
    const bool found = loop_.run_until(
        [&] { return std::ranges::find(heard, wanted) != heard.end(); }, std::chrono::seconds(5));
    heard.clear();
    return found;
  }

  std::uint64_t dropped(std::uint32_t port, program::DropReason reason) {
    fabric_->read_query_counts();
    const auto& counts = fabric_->query_counts();
    const auto found =
        counts.find({.owner = {}, .query = program::drop_counter({net::PortNo{port}, reason})});
    return found == counts.end() ? 0 : found->second.packets;
  }

  std::unique_ptr<LinuxFabric> fabric_;
  std::vector<std::vector<Frame>> heard_;  // by member
  std::vector<io::PacketSocket> sockets_;
};

TEST_F(LinuxTagsTest, TagsAreTakenOffAndPutOn) {
  install(*fabric_, by_address());
  send(1, frame(1, 2));
  EXPECT_TRUE(hears(2, frame(1, 2, kTag)));
  send(2, frame(2, 1, kTag));
  EXPECT_TRUE(hears(1, frame(2, 1)));
  send(2, frame(2, 3, kTag));
  EXPECT_TRUE(hears(3, frame(2, 3, kTag + 1)));
  net::Packet urgent = packet(3, 1, kTag + 1);
  urgent.vlan_pcp = 6;
  send(3, frame_of(urgent));
  EXPECT_TRUE(hears(1, frame(3, 1)));
}

// Nothing of it comes out; what is right passes behind it.
TEST_F(LinuxTagsTest, WhatHasNotThePortsTagIsDroppedAndCounted) {
  install(*fabric_, by_address());
  const Frame plain = frame(2, 1);
  const std::array wrong{plain,
                         frame(2, 1, kTag + 1),
                         with(plain, {0x81, 0, 0, 0}),
                         with(plain, {0x81, 0, 0xe0, 0}),
                         with(plain, {0x81, 0, 0, 7, 0x81, 0, 0, kTag}),
                         with(plain, {0x88, 0xa8, 0, 7, 0x81, 0, 0, kTag})};
  for (const Frame& each : wrong) send(2, each);
  send(2, with(plain, {0x81, 0, 0, kTag, 0x81, 0, 0, 7}));
  send(2, with(plain, {0x81, 0, 0, kTag, 0x81, 0, 0, 0}));
  send(2, frame(2, 1, kTag));
  ASSERT_TRUE(loop_.run_until([this] { return !heard_.at(0).empty(); }, kPatience));
  EXPECT_EQ(heard_.at(0), std::vector<Frame>{frame(2, 1)});
  EXPECT_EQ(dropped(2, program::DropReason::kTagged), wrong.size());
  EXPECT_EQ(dropped(2, program::DropReason::kEtherType), 2U);
  send(1, frame(1, 2, kTag));
  send(1, frame(1, 2));
  EXPECT_TRUE(hears(2, frame(1, 2, kTag)));
  EXPECT_EQ(dropped(1, program::DropReason::kTagged), 1U);
}

// Each as its port wants it; the rewritten ones too.
TEST_F(LinuxTagsTest, CopiesHaveTheTagsOfTheirPorts) {
  program::Program program = by_address();
  for (program::Row& row : program.table(program::TableId::kAdmit)) {
    if (!row.match.fields.empty() && std::holds_alternative<program::Output>(row.next)) {
      row.copies = {net::PortNo{1}, net::PortNo{3}};
      row.set_fields = {{Field::kDstMac, kNobody}};
      row.next = program::Output{net::PortNo{2}};
    }
  }
  program.canonicalize();
  install(*fabric_, program);
  net::Packet rewritten = packet(1, 2);
  rewritten.dst_mac = net::MacAddress::from_u64(kNobody);
  send(1, frame(1, 2));
  EXPECT_TRUE(hears(3, frame(1, 2, kTag + 1)));
  rewritten.vlan_id = kTag;
  EXPECT_TRUE(hears(2, frame_of(rewritten)));
  send(3, frame(3, 2, kTag + 1));
  EXPECT_TRUE(hears(1, frame(3, 2)));
}

TEST_F(LinuxTagsTest, CountsAndSamplesAreOfWhatIsOnTheCable) {
  install(*fabric_, by_address());
  ASSERT_TRUE(fabric_->set_sampling({{net::PortNo{2}, 1}}));
  std::vector<Frame> sampled;
  std::uint32_t length = 0;
  fabric_->on_sample = [&](const fabric::Sample& sample) {
    sampled.emplace_back(sample.header.begin(), sample.header.end());
    length = sample.frame_length;
  };
  const Frame sent = frame(2, 3, kTag);
  send(2, sent);
  EXPECT_TRUE(hears(3, frame(2, 3, kTag + 1)));
  ASSERT_TRUE(loop_.run_until([&] { return !sampled.empty(); }, kPatience));
  EXPECT_EQ(sampled.front(), sent);
  EXPECT_EQ(length, sent.size());
  fabric_->read_port_counts();
  EXPECT_EQ(fabric_->port_counts().at(net::PortNo{2}).in, (fabric::QueryCount{1, sent.size()}));
  EXPECT_EQ(fabric_->port_counts().at(net::PortNo{3}).out, (fabric::QueryCount{1, sent.size()}));
}

// RFC 826: what goes to the controller has no tag, and what comes from there, or is answered in the
// kernel, has the port's.
TEST_F(LinuxTagsTest, AnswersCarryTheTag) {
  program::Program program;
  program::Row row;
  row.match.exact(Field::kEthType, net::kEthTypeArp).exact(Field::kVlanId, 0);
  row.next = program::ToController{};
  row.origin = {program::Origin::Kind::kAddressLookup, net::ParticipantId{4}, 0};
  program.table(program::TableId::kAdmit).push_back(row);
  program.neighbors.edit().push_back({net::ParticipantId{4}, io::testing::ip("10.9.0.77"),
                                      net::MacAddress::from_u64(0x020000000077)});
  program.canonicalize();
  install(*fabric_, program);
  const auto asker = io::testing::ip("10.9.0.2");
  const auto reply = [&](net::MacAddress mac, const std::string& address) {
    return net::build_arp_reply(mac, io::testing::ip(address), mac_of(2), asker);
  };
  const auto request = [&](const std::string& address) {
    return fabric::with_tag(net::build_arp_request(mac_of(2), asker, io::testing::ip(address)),
                            kTag);
  };
  send(2, request("10.9.0.77"));
  const auto answered = reply(net::MacAddress::from_u64(0x020000000077), "10.9.0.77");
  EXPECT_TRUE(hears(2, fabric::with_tag(answered, kTag)));

  std::optional<net::Packet> asked;
  fabric_->on_frame = [&](net::PortNo port, std::span<const std::byte> frame) {
    asked = net::parse_frame(frame);
    fabric_->send_frame(port, reply(mac_of(7), "10.9.0.78"));
  };
  send(2, request("10.9.0.78"));
  EXPECT_TRUE(hears(2, fabric::with_tag(reply(mac_of(7), "10.9.0.78"), kTag)));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->vlan_id, 0);
}

TEST_F(LinuxTagsTest, APortGetsAnotherTagWhileItForwards) {
  install(*fabric_, by_address());
  set_tags(7, 0);
  send(1, frame(1, 2));
  EXPECT_TRUE(hears(2, frame(1, 2, 7)));
  send(1, frame(1, 3));
  EXPECT_TRUE(hears(3, frame(1, 3)));
  send(2, frame(2, 3, kTag));
  send(2, frame(2, 3, 7));
  EXPECT_TRUE(hears(3, frame(2, 3)));
  EXPECT_EQ(dropped(2, program::DropReason::kTagged), 1U);
}

}  // namespace
}  // namespace fabrix::controller::tests
