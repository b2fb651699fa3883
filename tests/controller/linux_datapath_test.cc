#include "controller/linux_datapath.h"

#include <chrono>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "net/flow_hash.h"
#include "tests/controller/linux_world.h"

namespace fabrix::controller::tests {
namespace {

using net::Field;
using program::TableId;

program::Row row_to(std::uint32_t port, std::uint16_t priority) {
  program::Row row;
  row.priority = priority;
  row.next = program::Output{net::PortNo{port}};
  return row;
}

net::Packet packet_of(const std::string& text) {
  net::Packet packet = net::parse_packet(text).value();
  packet.dst_mac = net::MacAddress::from_u64(0x080027000002);
  packet.src_mac = net::MacAddress::from_u64(0x080027000001);
  return packet;
}

class LinuxDatapathTest : public LinuxWorld {
 protected:
  void SetUp() override {
    LinuxWorld::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (std::uint32_t port = 1; port <= 4; ++port) add_port(port, port - 1);
  }

  // BPF_PROG_RUN refuses frames whose IP header is not whole (net/bpf/test_run.c).
  static std::size_t least_size(std::span<const std::byte> frame) {
    const auto type =
        std::to_integer<unsigned>(frame[12]) << 8U | std::to_integer<unsigned>(frame[13]);
    if (type == net::kEthTypeIpv4) return 14 + 20;
    return type == net::kEthTypeIpv6 ? 14 + 40 : 14 + 1;
  }

  // The fields of the frame as the kernel read them.
  static void expect_read(const fabrix_scratch& scratch, net::Packet packet) {
    for (std::size_t i = 0; i < net::kFieldCount; ++i) {
      const auto field = static_cast<Field>(i);
      ASSERT_EQ(scratch.fields[i], net::value_of(packet, field)) << net::name_of(field);
    }
  }
};

// By net/frame.h, whatever the frame is: whole, cut short, or with octets that are wrong.
TEST_F(LinuxDatapathTest, ReadsFramesAsTheParserDoes) {
  program::Program program;
  program::Row row;
  row.next = program::Discard{};
  row.hashes = {net::HashKey::kFlow};
  program.table(TableId::kAdmit).push_back(row);
  install(program);
  std::mt19937 random{20261121};
  const auto below = [&random](std::size_t count) { return random() % count; };
  const std::vector<std::string> texts{"tcp 10.0.0.1:1000 -> 10.0.0.2:80",
                                       "udp [2001:db8::1]:53 -> [2001:db8::2]:53",
                                       "icmp 10.0.0.1 -> 10.0.0.2",
                                       "icmp6 2001:db8::1 -> 2001:db8::2",
                                       "sctp 10.0.0.1:5 -> 10.0.0.2:6",
                                       "ip 44 2001:db8::1 -> 2001:db8::2",
                                       "ip 0 2001:db8::1 -> 2001:db8::2",
                                       "ip 51 2001:db8::1 -> 2001:db8::2",
                                       "tcp [2001:db8::1]:1 -> [2001:db8::2]:2",
                                       "ip 47 10.0.0.1 -> 10.0.0.2"};
  for (int i = 0; i < 20'000; ++i) {
    SCOPED_TRACE(i);
    net::Packet packet = packet_of(texts[below(texts.size())]);
    if (below(4) == 0) packet.vlan_id = static_cast<std::uint16_t>(below(4096));
    if (packet.icmp_type == 128 && below(2) == 0) packet.icmp_type = 135;
    std::vector<std::byte> payload(below(80));
    for (std::byte& octet : payload) octet = static_cast<std::byte>(below(256));
    auto frame = net::build_frame(packet, payload);
    for (std::size_t wrong = below(4); wrong > 0; --wrong) {
      frame[12 + below(frame.size() - 12)] = static_cast<std::byte>(below(256));
    }
    if (below(10) == 0) {
      frame = net::build_arp_request(packet.src_mac, net::IpAddress::v4({10, 0, 0, 1}),
                                     net::IpAddress::v4({10, 0, 0, 2}));
      frame[14 + below(28)] = static_cast<std::byte>(below(256));
    }
    if (below(4) == 0) {
      const std::size_t least = least_size(frame);
      frame.resize(least + below(frame.size() - least));
    }
    net::Packet read = *net::parse_frame(frame);
    read.in_port = net::PortNo{1};
    ASSERT_NO_FATAL_FAILURE(expect_read(send(1, frame).scratch, net::hashed(read)));
  }
}

TEST_F(LinuxDatapathTest, AnInterfaceThatIsNoPortGetsNothing) {
  program::Program program;
  program.table(TableId::kAdmit).push_back(row_to(2, 1));
  install(program);
  const auto frame = net::build_frame(packet_of("udp 10.0.0.1:1 -> 10.0.0.2:2"));
  EXPECT_EQ(send(1, frame).leaving.size(), 1U);
  const auto run = io::run_bpf_program(datapath_->entrance(), frame,
                                       {.interface = kFirstInterface + 77, .repeat = 1});
  EXPECT_EQ(run.value().action, 2U);  // TC_ACT_SHOT
}

TEST_F(LinuxDatapathTest, NothingLeavesByThePortThatItCameInBy) {
  program::Program program;
  program.table(TableId::kAdmit).push_back(row_to(2, 1));
  program.table(TableId::kAdmit)[0].copies = {net::PortNo{1}, net::PortNo{3}};
  install(program);
  const auto frame = net::build_frame(packet_of("udp 10.0.0.1:1 -> 10.0.0.2:2"));
  EXPECT_EQ(send(1, frame).leaving.size(), 2U);
  EXPECT_EQ(send(2, frame).leaving.size(), 2U);
  EXPECT_EQ(send(4, frame).leaving.size(), 3U);
}

// RFC 3290 A: a bucket of 15,000 octets lets ten long frames pass at once, and then the rate.
TEST_F(LinuxDatapathTest, MetersLetTheBurstPassAndThenTheRate) {
  program::Program program;
  program.table(TableId::kAdmit).push_back(row_to(2, 1));
  program.table(TableId::kAdmit)[0].meter = program::Meter{.id = 5, .kbps = 8};  // an octet a ms
  install(program);
  const std::vector<std::byte> payload(1000 - 42);
  const auto frame = net::build_frame(packet_of("udp 10.0.0.1:1 -> 10.0.0.2:2"), payload);
  ASSERT_EQ(frame.size(), 1000U);
  std::size_t passed = 0;
  for (int i = 0; i < 100; ++i) passed += send(1, frame).leaving.size();
  EXPECT_GE(passed, 15U);
  EXPECT_LE(passed, 17U);  // a frame a second while the test runs
}

TEST_F(LinuxDatapathTest, OnlyWhatDiffersIsLoadedAgain) {
  program::Program program;
  program.table(TableId::kAdmit).push_back(row_to(2, 1));
  install(program);
  EXPECT_GT(datapath_->loaded(), 0U);
  install(program);  // the other version's slots
  EXPECT_EQ(datapath_->loaded(), 0U);
  program.table(TableId::kTransit).push_back(row_to(3, 1));
  install(program);
  EXPECT_EQ(datapath_->loaded(), 1U);
  EXPECT_EQ(datapath_->installs(), 3U);
}

TEST_F(LinuxDatapathTest, EntriesOfProgramsThatAreGoneGoToo) {
  for (std::uint64_t round = 0; round < 4; ++round) {
    program::Program program;
    for (std::uint64_t i = 0; i < 100; ++i) {
      program::Row row = row_to(2, 1);
      row.match.exact(Field::kDstPort, 97 * i + round);  // far apart: no array
      program.table(TableId::kAdmit).push_back(row);
    }
    program.canonicalize();
    install(program);
    const auto to = fmt::format("udp 10.0.0.1:1 -> 10.0.0.2:{}", std::uint64_t{97} * 42 + round);
    EXPECT_EQ(send(1, net::build_frame(packet_of(to))).leaving.size(), 1U);
  }
  // Those in force, and those before them.
  EXPECT_EQ(datapath_->map("narrow").keys().value().size(), 200U);
}

TEST_F(LinuxDatapathTest, CountsPortsAndCutsFloodsToTheController) {
  program::Program program;
  program::Row row;
  row.next = program::ToController{};
  program.table(TableId::kAdmit).push_back(row);
  install(program);
  const auto frame = net::build_frame(packet_of("udp 10.0.0.1:1 -> 10.0.0.2:2"));
  for (int i = 0; i < 400; ++i) (void)send(3, frame);
  const auto counts = datapath_->map("port_counts").values_of<fabrix_port_counts>(std::uint32_t{2});
  fabrix_port_counts all{};
  for (const auto& each : counts.value()) {
    all.in.packets += each.in.packets;
    all.to_controller += each.to_controller;
    all.beyond_limit += each.beyond_limit;
  }
  EXPECT_EQ(all.in.packets, 400U);
  EXPECT_GE(all.to_controller, std::uint64_t{FABRIX_PUNTS_AT_ONCE});
  EXPECT_EQ(all.to_controller + all.beyond_limit, 400U);
}

TEST_F(LinuxDatapathTest, CutsWhatAllPortsTogetherSendToTheController) {
  program::Program program;
  program::Row row;
  row.next = program::ToController{};
  program.table(TableId::kAdmit).push_back(row);
  install(program);
  constexpr std::uint32_t kFlooding = 5;
  constexpr std::uint32_t kFirst = 11;
  constexpr std::uint32_t kFrames = FABRIX_PUNTS_AT_ONCE;  // each port may
  constexpr std::uint64_t kLeft = 50;                      // in the bucket of all ports
  const auto frame = net::build_frame(packet_of("udp 10.0.0.1:1 -> 10.0.0.2:2"));
  for (std::uint32_t i = 0; i < kFlooding; ++i) add_port(kFirst + i, kFirst + i);
  const auto began = std::chrono::steady_clock::now();
  const std::chrono::nanoseconds filled = began.time_since_epoch();
  constexpr std::uint64_t kEach = 1'000'000'000 / FABRIX_ALL_PUNTS_A_SECOND;
  const std::uint64_t full_at =
      static_cast<std::uint64_t>(filled.count()) + kEach * (FABRIX_ALL_PUNTS_AT_ONCE - kLeft);
  ASSERT_TRUE(datapath_->map("all_punts_at").put_value(std::uint32_t{0}, full_at));
  for (std::uint32_t i = 0; i < kFlooding; ++i) {
    const auto run =
        io::run_bpf_program(datapath_->entrance(), frame,
                            {.interface = kFirstInterface + kFirst + i, .repeat = kFrames});
    ASSERT_TRUE(run) << run.error().message;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::uint64_t let_in = 0;
  std::uint64_t cut = 0;
  for (std::uint32_t i = 0; i < kFlooding; ++i) {
    const auto counts =
        datapath_->map("port_counts").values_of<fabrix_port_counts>(kFirst + i).value();
    for (const auto& each : counts) {
      let_in += each.to_controller;
      cut += each.beyond_limit;
    }
  }
  EXPECT_EQ(let_in + cut, std::uint64_t{kFlooding} * kFrames);
  EXPECT_GE(let_in, kLeft);
  constexpr double kRate{FABRIX_ALL_PUNTS_A_SECOND};
  EXPECT_LE(static_cast<double>(let_in), kLeft + 1 + took.count() * kRate);
}

}  // namespace
}  // namespace fabrix::controller::tests
