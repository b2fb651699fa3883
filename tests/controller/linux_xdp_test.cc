// What comes in at XDP ends there or goes on to tc, and is counted, charged and sampled once either
// way: the kernel's part, and interfaces with traffic. Needs root.
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include "ebpf/assembler.h"
#include "io/bpf_object.h"
#include "tests/controller/linux_cables.h"
#include "tests/controller/linux_world.h"
#include "tests/verify/compiled_world.h"

namespace fabrix::controller::tests {
namespace {

using exchange::FabricAttach;
using net::Field;
using program::TableId;
using verify::CompiledWorld;

// Two datapaths with the same ports and Program: frames meet one at tc, and the other at XDP first.
class LinuxXdpTest : public LinuxWorld {
 protected:
  static constexpr std::uint32_t kMeter = 5;

  void SetUp() override {
    LinuxWorld::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    datapath_->attach(FabricAttach::kXdp);
  }

  static program::Row row(std::uint16_t priority, std::uint64_t in_port) {
    program::Row made;
    made.priority = priority;
    made.match.exact(Field::kInPort, in_port);
    return made;
  }

  static net::Packet packet_of(std::string_view text) {
    net::Packet packet = net::parse_packet(text).value();
    packet.src_mac = net::MacAddress::from_u64(0x0800270a0001);
    packet.dst_mac = net::MacAddress::from_u64(0x0800270a0002);
    return packet;
  }
  static std::vector<std::byte> frame_of(std::string_view text) {
    return net::build_frame(packet_of(text));
  }

  fabrix_port_counts counts(std::uint32_t slot) const {
    fabrix_port_counts sum{};
    const auto cpus = datapath_->map("port_counts").values_of<fabrix_port_counts>(slot);
    for (const fabrix_port_counts& each : cpus.value()) {
      sum.in.packets += each.in.packets;
      sum.in.octets += each.in.octets;
      sum.out.packets += each.out.packets;
      sum.out.octets += each.out.octets;
      sum.discarded += each.discarded;
      sum.to_controller += each.to_controller;
      sum.answered += each.answered;
      sum.beyond_limit += each.beyond_limit;
      sum.at_xdp += each.at_xdp;
    }
    return sum;
  }

  // From port 1 to port 2.
  static program::Program plain() {
    program::Program program;
    program::Row forward = row(10, 1);
    forward.next = program::Output{net::PortNo{2}};
    program.table(TableId::kAdmit).push_back(forward);
    program.canonicalize();
    return program;
  }

  void add_two_ports() const {
    add_port(1, 0);
    add_port(2, 1);
  }
};

TEST_F(LinuxXdpTest, LeavesEverythingToTcUntilAProgramIsInstalled) {
  datapath_->attach(FabricAttach::kTc);
  add_two_ports();
  install(plain());
  const auto frame = frame_of("udp 10.0.0.1:1000 -> 10.0.0.2:53");
  datapath_->attach(FabricAttach::kXdp);
  EXPECT_FALSE(send_at_xdp(1, frame));
  install(plain());
  const auto ended = send_at_xdp(1, frame);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->last.port, 2U);
  EXPECT_EQ(counts(0).at_xdp, 1U);
  datapath_->attach(FabricAttach::kTc);
  install(plain());
  EXPECT_FALSE(send_at_xdp(1, frame));
}

TEST_F(LinuxXdpTest, GoesOnWithWhatItCannotDo) {
  add_two_ports();
  add_port(3, 2, 0, 30);  // has a tag
  ASSERT_TRUE(put_port_out(*datapath_, 4, {.interface = 7, .flags = 0, .vlan = 0, .slot = 3}));
  program::Program program = plain();
  const auto add = [&](std::uint64_t to_port, const auto& change) {
    program::Row more = row(20, 1);
    more.match.exact(Field::kDstPort, to_port);
    more.next = program::Output{net::PortNo{2}};
    change(more);
    program.table(TableId::kAdmit).push_back(more);
  };
  add(1, [](program::Row& more) { more.copies = {net::PortNo{3}}; });
  add(2, [](program::Row& more) { more.set_fields = {{Field::kDscp, 10}}; });
  add(3, [](program::Row& more) { more.next = program::Output{net::PortNo{3}}; });
  add(4, [](program::Row& more) { more.next = program::Output{net::PortNo{4}}; });
  add(5, [](program::Row& more) { more.next = program::Output{net::PortNo{9}}; });
  add(6, [](program::Row& more) { more.next = program::ToController{}; });
  program.canonicalize();
  install(program);
  for (const char* text : {"udp 10.0.0.1:1000 -> 10.0.0.2:1", "udp 10.0.0.1:1000 -> 10.0.0.2:2",
                           "udp 10.0.0.1:1000 -> 10.0.0.2:3", "udp 10.0.0.1:1000 -> 10.0.0.2:4",
                           "udp 10.0.0.1:1000 -> 10.0.0.2:5", "udp 10.0.0.1:1000 -> 10.0.0.2:6"}) {
    EXPECT_FALSE(send_at_xdp(1, frame_of(text))) << text;
  }
  net::Packet tagged = packet_of("udp 10.0.0.1:1000 -> 10.0.0.2:53");
  EXPECT_TRUE(send_at_xdp(1, net::build_frame(tagged)));
  tagged.vlan_id = 5;
  EXPECT_FALSE(send_at_xdp(1, net::build_frame(tagged)));
  EXPECT_FALSE(send_at_xdp(3, frame_of("udp 10.0.0.1:1000 -> 10.0.0.2:53")));
  auto longer = frame_of("udp 10.0.0.1:1000 -> 10.0.0.2:53");
  longer.resize(1514);
  EXPECT_TRUE(send_at_xdp(1, longer));
  longer.resize(1515);
  EXPECT_FALSE(send_at_xdp(1, longer));
  EXPECT_EQ(counts(0).in.packets, 2U);
}

// The sum of the pseudo header (RFC 768), where an interface goes on with it; and other sums.
TEST_F(LinuxXdpTest, LeavesUnfinishedChecksumsToTc) {
  add_two_ports();
  install(plain());
  for (const char* text : {"udp 10.1.2.3:1000 -> 10.4.5.6:53", "tcp 10.1.2.3:1000 -> 10.4.5.6:53",
                           "udp [2001:db8::1]:1000 -> [2001:db8:ffff::2]:53",
                           "tcp [2001:db8::1]:1000 -> [2001:db8:ffff::2]:53"}) {
    SCOPED_TRACE(text);
    auto frame = frame_of(text);
    const auto octet = [&frame](std::size_t at) { return std::to_integer<unsigned>(frame.at(at)); };
    const bool ipv4 = octet(12) == 8;
    const bool udp = octet(ipv4 ? 14 + 9 : 14 + 6) == 17;
    const std::size_t addresses = ipv4 ? 14 + 12 : 14 + 8;
    const std::size_t transport = ipv4 ? 14 + 20 : 14 + 40;
    const unsigned length = ipv4 ? (octet(16) << 8U | octet(17)) - 20 : octet(18) << 8U | octet(19);
    unsigned sum = length + (udp ? 17U : 6U);
    for (std::size_t i = addresses; i < transport; i += 2) sum += octet(i) << 8U | octet(i + 1);
    while (sum > 0xffffU) sum = (sum & 0xffffU) + (sum >> 16U);
    const std::size_t at = transport + (udp ? 6 : 16);
    EXPECT_TRUE(send_at_xdp(1, frame));
    frame.at(at) = static_cast<std::byte>(sum >> 8U);
    frame.at(at + 1) = static_cast<std::byte>(sum & 0xffU);
    EXPECT_FALSE(send_at_xdp(1, frame));
    frame.at(at + 1) ^= std::byte{1};
    EXPECT_TRUE(send_at_xdp(1, frame));
    frame.at(at) = frame.at(at + 1) = std::byte{0};
    EXPECT_FALSE(send_at_xdp(1, frame)) << "no checksum";
  }
}

TEST_F(LinuxXdpTest, TakesBackWhatItChargedForPacketsThatGoOn) {
  add_two_ports();
  program::Program program;
  program::Row metered = row(10, 1);
  metered.meter = program::Meter{.id = kMeter, .kbps = 100};
  metered.queries = {17};
  metered.next = program::Goto{TableId::kResolve};
  program.table(TableId::kAdmit).push_back(metered);
  for (const std::uint64_t to_port : {1U, 2U}) {
    program::Row forward = row(10, 1);
    forward.match.exact(Field::kDstPort, to_port);
    if (to_port == 2) forward.copies = {net::PortNo{3}};
    forward.next = program::Output{net::PortNo{2}};
    program.table(TableId::kResolve).push_back(forward);
  }
  program.canonicalize();
  install(program);
  const auto full_at = [this] {
    return datapath_->map("meters").value_of<std::uint64_t>(kMeter).value().value();
  };
  const auto counted = [this] {
    std::uint64_t sum = 0;
    const auto all = datapath_->take_counts();
    for (const auto& each : all.value()) sum += each.more.packets;
    return sum;
  };
  EXPECT_FALSE(send_at_xdp(1, frame_of("udp 10.0.0.1:1000 -> 10.0.0.2:2")));
  EXPECT_GT(full_at(), 0U);
  EXPECT_LE(full_at(), linux_meter_time());
  EXPECT_EQ(counted(), 0U);
  // What ends there is charged and counted.
  EXPECT_TRUE(send_at_xdp(1, frame_of("udp 10.0.0.1:1000 -> 10.0.0.2:1")));
  EXPECT_GT(full_at(), 0U);
  EXPECT_EQ(counted(), 1U);
}

// On a random exchange: what is counted and sampled of the same frames is the same.
TEST_F(LinuxXdpTest, CountsAndSamplesAsTcDoes) {
  constexpr std::uint32_t kSeed = 4400;
  constexpr int kPackets = 400;
  constexpr std::uint32_t kRate = 7;
  CompiledWorld compiled(kSeed);
  const auto& exchange = compiled.random.exchange();
  const auto slot_of = [](net::PortNo port) { return port.value % FABRIX_MAX_PORTS; };
  auto other = LinuxDatapath::open("").value();
  const auto each = [&](const auto& act) {
    act();
    std::swap(datapath_, other);
    act();
    std::swap(datapath_, other);
  };
  fabric::LinuxCompiler compiler;
  const auto image = compiler.compile(compiled.program).value();
  each([&] {
    for (const exchange::Router& router : exchange.routers) {
      add_port(router.port.value, slot_of(router.port), kRate);
      std::vector<fabrix_sampler> samplers(io::possible_cpus());
      samplers.at(static_cast<std::size_t>(cpu_)).random = 1 + router.port.value;
      ASSERT_TRUE(datapath_->map("samplers")
                      .put(io::BpfMap::octets_of(slot_of(router.port)),
                           std::as_bytes(std::span(samplers))));
    }
    add_port(exchange.route_server.port.value, slot_of(exchange.route_server.port));
    ASSERT_TRUE(datapath_->install(image));
  });
  std::set<std::uint32_t> meters;
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    for (const program::Row& row : compiled.program.table(static_cast<TableId>(i))) {
      if (row.meter) meters.insert(row.meter->id);
    }
  }
  for (int i = 0; i < kPackets; ++i) {
    each([&] {  // the time is not the same
      for (const std::uint32_t id : meters) {
        ASSERT_TRUE(datapath_->map("meters").put_value(id, std::uint64_t{0}));
      }
    });
    const exchange::Router& from = compiled.random.any_router();
    net::Packet packet = compiled.random.routed_packet(from.id);
    if (const auto mac = compiled.mac_for(from.participant, packet.dst_ip)) packet.dst_mac = *mac;
    for (const net::Packet& sent : {packet, compiled.random.lan_frame(from.id)}) {
      const auto frame = net::build_frame(sent);
      (void)send_by_xdp(sent.in_port.value, frame);
      std::swap(datapath_, other);
      (void)send(sent.in_port.value, frame);
      std::swap(datapath_, other);
    }
  }
  EXPECT_GT(ended_at_xdp_, std::size_t{kPackets} / 2);
  const auto seen = [&] {
    std::map<std::string, std::uint64_t> all;
    for (const exchange::Router& router : exchange.routers) {
      const fabrix_port_counts sum = counts(slot_of(router.port));
      const auto samplers =
          datapath_->map("samplers").values_of<fabrix_sampler>(slot_of(router.port)).value();
      const fabrix_sampler& sampler = samplers.at(static_cast<std::size_t>(cpu_));
      const std::array<std::pair<const char*, std::uint64_t>, 11> values{
          {{"in", sum.in.packets},
           {"octets in", sum.in.octets},
           {"out", sum.out.packets},
           {"octets out", sum.out.octets},
           {"discarded", sum.discarded},
           {"to the controller", sum.to_controller + sum.beyond_limit},
           {"answered", sum.answered},
           {"pool", sampler.pool},
           {"samples", sampler.taken},
           {"skip", static_cast<std::uint64_t>(sampler.skip)},
           {"random", sampler.random}}};
      for (const auto& [what, value] : values) {
        all[fmt::format("port {} {}", router.port.value, what)] = value;
      }
    }
    const auto counters = datapath_->take_counts();
    for (const auto& counted : counters.value()) {
      all[fmt::format("counter {:x}", counted.counter.key)] += counted.more.packets;
    }
    return all;
  };
  auto here = seen();
  std::swap(datapath_, other);
  for (const auto& [what, value] : seen()) EXPECT_EQ(std::exchange(here[what], 0), value) << what;
  for (const auto& [what, value] : here) EXPECT_EQ(value, 0U) << what;
}

}  // namespace
}  // namespace fabrix::controller::tests
