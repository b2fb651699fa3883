// Port security on a real Open vSwitch that is sent real frames: whatever a member's port must not
// let in (RELIABILITY, port security) leaves by no port and does not reach the controller, and is
// counted by its reason; the others' traffic goes on.
#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fabric/openflow_fabric.h"
#include "net/frame.h"
#include "program/drop.h"
#include "tests/fabric/on_open_vswitch.h"
#include "tests/verify/walkthrough.h"

namespace fabrix::fabric {
namespace {

using program::DropReason;
using verify::Walkthrough;

constexpr std::string_view kDigits = "0123456789abcdef";

std::string hex_of(const std::vector<std::byte>& octets) {
  std::string hex;
  for (const std::byte octet : octets) {
    hex += kDigits[std::to_integer<unsigned>(octet) >> 4U];
    hex += kDigits[std::to_integer<unsigned>(octet) & 15U];
  }
  return hex;
}

std::string hex_of(net::MacAddress mac) {
  return fmt::format("{:012x}", mac.to_u64());
}

class AbuseTest : public OnOpenVswitch {
 protected:
  AbuseTest() : OnOpenVswitch(ports_of(Walkthrough().exchange)) {}

  void SetUp() override {
    OnOpenVswitch::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const auto installed = link_.install(std::make_shared<const program::Program>(world_.program));
    ASSERT_TRUE(installed);
    ASSERT_TRUE(*installed) << installed->error().message;
  }

  static std::vector<net::PortNo> ports_of(const exchange::Exchange& exchange) {
    std::vector<net::PortNo> ports{exchange.route_server.port};
    for (const auto& each : exchange.routers) ports.push_back(each.port);
    return ports;
  }

  const exchange::Router& a() const { return world_.exchange.router(Walkthrough::kA1); }
  const exchange::Router& b() const { return world_.exchange.router(Walkthrough::kB1); }

  // The octets enter at A's port, `times` times in one go.
  void send(const std::string& hex, int times = 1) {
    const std::string path = ovs_.run_directory() + "/frames";
    std::ofstream file(path);
    for (int i = 0; i < times; ++i) {
      file << fmt::format("packet-out in_port={}, packet={}, actions=TABLE\n", a().port.value, hex);
    }
    file.close();
    const auto ran = tests::run_program(
        {"ovs-ofctl", "-O", "OpenFlow14", "bundle", ovs_.management("ix"), path});
    ASSERT_EQ(ran.status, 0) << ran.output;
  }
  void send(const net::Packet& packet) { send(hex_of(net::build_frame(packet))); }

  // Untagged, from A's MAC.
  std::string frame(std::uint64_t to, std::string_view type, std::size_t octets = 60) const {
    std::string hex = fmt::format("{:012x}", to) + hex_of(a().mac) + std::string(type);
    hex.resize(2 * octets, '0');
    return hex;
  }
  net::Packet packet(const char* text) const {
    net::Packet made = world_.packet(Walkthrough::kA1, text);
    made.src_mac = a().mac;
    made.dst_mac = b().mac;
    return made;
  }
  static net::Packet to(net::Packet made, std::uint64_t mac) {
    made.dst_mac = net::MacAddress::from_u64(mac);
    return made;
  }
  net::Packet discovery(std::uint8_t type, const char* from, const char* target) const {
    net::Packet made = packet("icmp6 [2001:db8::1] -> [ff02::1]");
    made.icmp_type = type;
    made.src_ip = *net::IpAddress::parse(from);
    made.nd_target = *net::IpAddress::parse(target);
    return to(made, 0x333300000001);
  }

  // Frames that left, or went to the controller.
  std::uint64_t let_through() {
    std::istringstream flows(ovs_.dump_flows("ix"));
    std::uint64_t sum = 0;
    for (std::string line; std::getline(flows, line);) {
      const auto count = line.find("n_packets=");
      const bool leaves =
          line.find("output") != std::string::npos || line.find("CONTROLLER") != std::string::npos;
      if (count != std::string::npos && leaves) sum += std::stoull(line.substr(count + 10));
    }
    return sum;
  }

  std::uint64_t dropped(DropReason reason) {
    bool answered = false;
    fabric_.on_query_counts = [&answered] { answered = true; };
    fabric_.read_drop_counts();
    EXPECT_TRUE(link_.run_until([&answered] { return answered; }));
    fabric_.on_query_counts = nullptr;
    const auto found = fabric_.query_counts().find(
        {.owner = {}, .query = program::drop_counter({a().port, reason})});
    return found == fabric_.query_counts().end() ? 0 : found->second.packets;
  }

  Walkthrough world_;
};

TEST_F(AbuseTest, NothingLeaksAndAllIsCountedByItsReason) {
  using enum DropReason;
  struct Case {
    const char* name;
    std::string frame;
    DropReason reason;
  };
  const auto of = [](const net::Packet& made) { return hex_of(net::build_frame(made)); };
  net::Packet foreign = packet("tcp 100.0.0.1:1 -> 140.0.0.1:80");
  foreign.src_mac = b().mac;
  net::Packet tagged = packet("tcp 100.0.0.1:1 -> 140.0.0.1:80");
  tagged.vlan_id = 7;
  net::Packet lan = packet("tcp 100.0.0.1:1 -> 140.0.0.1:80");
  lan.src_ip = b().addresses.front();
  const auto& own = a().addresses.front();
  const auto& other = b().addresses.front();
  const std::uint64_t all = net::MacAddress::broadcast().to_u64();
  const std::vector<Case> cases{
      {"wrong source MAC", of(foreign), kSourceMac},
      {"802.1Q tag", of(tagged), kTagged},
      {"ARP that claims another's address", hex_of(net::build_arp_request(a().mac, other, own)),
       kArpSpoof},
      {"gratuitous ARP of another", hex_of(net::build_arp_request(a().mac, other, other)),
       kArpSpoof},
      {"ARP with another's MAC inside",
       hex_of(net::build_arp_request(b().mac, own, other)).replace(12, 12, hex_of(a().mac)),
       kArpSpoof},
      {"router advertisement", of(discovery(134, "fe80::1", "::")), kRouterDiscovery},
      {"router solicitation", of(discovery(133, "fe80::1", "::")), kRouterDiscovery},
      {"redirect", of(discovery(137, "fe80::1", "::")), kRouterDiscovery},
      {"solicitation from another's address", of(discovery(135, "2001:db8::77", "2001:db8::78")),
       kNdSpoof},
      {"advertisement of another's address", of(discovery(136, "fe80::1", "2001:db8::78")),
       kNdSpoof},
      {"STP", frame(0x0180c2000000, "0026424203"), kLinkControl},
      {"LACP", frame(0x0180c2000002, "8809"), kLinkControl},
      {"LLDP", frame(0x0180c200000e, "88cc"), kLinkControl},
      {"CDP", frame(0x01000ccccccc, "0040aaaa03"), kLinkControl},
      {"0x88cc to a member", frame(b().mac.to_u64(), "88cc"), kEtherType},
      {"802.3 with LLC", frame(b().mac.to_u64(), "0026fefe03"), kEtherType},
      {"a loop probe", frame(b().mac.to_u64(), "9000"), kEtherType},
      {"DHCPv4", of(to(packet("udp 0.0.0.0:68 -> 255.255.255.255:67"), all)), kDhcp},
      {"DHCPv6", of(to(packet("udp [fe80::1]:546 -> [ff02::1:2]:547"), 0x333300010002)), kDhcp},
      {"broadcast", of(to(packet("udp 100.0.0.1:1 -> 255.255.255.255:9"), all)), kBroadcast},
      {"a runt to everybody", frame(all, "0800", 24), kBroadcast},
      {"IGMP", frame(0x01005e000001, "08004600002000000000010200006400000"), kMulticast},
      {"PIM", frame(0x01005e00000d, "0800450000200000000001670000640000010000"), kMulticast},
      {"OSPF", frame(0x01005e000005, "0800450000200000000001590000640000010000"), kMulticast},
      {"another's address of the peering LAN", of(lan), kSourceAddress},
      {"jumbo to nobody",
       frame(0x00005e005377, "0800450023000000000040110000640000018c000001", 8996),
       kUnknownDestination},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    const std::uint64_t before = dropped(each.reason);
    send(each.frame);
    EXPECT_EQ(let_through(), 0U);
    EXPECT_EQ(dropped(each.reason), before + 1);
  }
  send(packet("icmp 100.0.0.1 -> 140.0.0.1"));
  EXPECT_EQ(let_through(), 1U) << "and what is right passes";
}

// A burst of a second's worth, then the rate: of 600 at once most do not pass.
TEST_F(AbuseTest, AStormOfLookupsIsCutAtThePort) {
  send(hex_of(net::build_arp_request(a().mac, a().addresses.front(), b().addresses.front())), 600);
  const auto meter = program::lookup_meter(a().id, a().port);
  const auto ran = tests::run_program({"ovs-ofctl", "-O", "OpenFlow14", "meter-stats",
                                       ovs_.management("ix"), fmt::format("meter={}", meter.id)});
  const std::string text = "0: packet_count:";
  const auto at = ran.output.find(text);
  ASSERT_NE(at, std::string::npos) << ran.output;
  const auto count = std::stoull(ran.output.substr(at + text.size()));
  EXPECT_GT(count, 200U) << ran.output;
  EXPECT_LT(count, 600U) << ran.output;
  EXPECT_EQ(dropped(DropReason::kStorm), count) << "what the meter counts is the port's";
  EXPECT_EQ(dropped(DropReason::kStorm), count) << "and counted once";
  EXPECT_EQ(dropped(DropReason::kPuntLimit), 0U);
}

}  // namespace
}  // namespace fabrix::fabric
