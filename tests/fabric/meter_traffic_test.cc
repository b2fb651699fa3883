// police() on a real Open vSwitch: the meter is there, limits what passes, and counts.
#include <chrono>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fabric/openflow_fabric.h"
#include "net/frame.h"
#include "tests/fabric/on_open_vswitch.h"

namespace fabrix::fabric {
namespace {

// What comes in at the controller's port is limited on its way to port 2.
program::ProgramPtr limited(std::uint64_t kbps) {
  auto program = std::make_shared<program::Program>();
  program::Row row;
  row.match.exact(net::Field::kInPort, 1);
  row.next = program::Output{net::PortNo{2}};
  row.meter = program::meter_of(net::ParticipantId{3}, 1, kbps);
  program->table(program::TableId::kAdmit) = {row};
  return program;
}

std::uint64_t number_after(const std::string& text, const std::string& what) {
  const auto at = text.find(what);
  return at == std::string::npos ? 0 : std::stoull(text.substr(at + what.size()));
}

class MeterTrafficTest : public OnOpenVswitch {
 protected:
  MeterTrafficTest() : OnOpenVswitch({net::PortNo{1}, net::PortNo{2}}) {}

  // In hexadecimal digits.
  static std::string frame() {
    const auto packet = net::parse_packet("udp 100.0.0.1:40000 -> 140.0.0.1:80").value();
    std::string hex;
    for (const std::byte octet : net::build_frame(packet)) {
      hex += fmt::format("{:02x}", std::to_integer<unsigned>(octet));
    }
    return hex;
  }

  std::string ofctl(const std::string& command, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"ovs-ofctl", "-O", "OpenFlow14", command, ovs_.management("ix")};
    words.insert(words.end(), more.begin(), more.end());
    return tests::run_program(words).output;
  }
};

TEST_F(MeterTrafficTest, IsInstalledChangedAndRemoved) {
  ASSERT_TRUE(link_.install(limited(1000)).value());
  EXPECT_NE(ofctl("dump-meters")
                .find("meter=188 kbps burst stats bands=\ntype=drop rate=1000 "
                      "burst_size=120"),
            std::string::npos)
      << ofctl("dump-meters");
  EXPECT_NE(ovs_.dump_flows("ix").find("meter:188"), std::string::npos) << ovs_.dump_flows("ix");
  ASSERT_TRUE(link_.install(limited(20'000)).value());
  EXPECT_NE(ofctl("dump-meters").find("rate=20000 burst_size=2000"), std::string::npos);
  ASSERT_TRUE(link_.install(std::make_shared<const program::Program>()).value());
  EXPECT_EQ(ofctl("dump-meters").find("meter=188"), std::string::npos);
}

// A burst of 120 kbit is 10 frames of 1500 octets; what follows at once exceeds the rate.
TEST_F(MeterTrafficTest, LimitsWhatPassesAndCountsIt) {
  ASSERT_TRUE(link_.install(limited(20)).value());
  std::string hex = frame();
  hex.resize(std::size_t{2} * 1500, '0');
  constexpr int kFrames = 40;
  std::vector<std::string> frames;
  for (int i = 0; i < kFrames; ++i) {
    ofctl("packet-out", {"in_port=1, packet=" + hex + ", actions=TABLE"});
  }
  const std::string stats = ofctl("meter-stats", {"meter=188"});
  EXPECT_EQ(number_after(stats, "packet_in_count:"), kFrames) << stats;
  const std::uint64_t dropped = number_after(stats, "0: packet_count:");
  EXPECT_GT(dropped, kFrames / 4) << stats;
  EXPECT_LT(dropped, kFrames) << stats;
}

// Ports without a limit of their own send as much as they can.
TEST_F(MeterTrafficTest, WhatComesHereIsBoundedForAllPortsTogether) {
  auto program = std::make_shared<program::Program>();
  program::Row row;
  row.next = program::ToController{};
  program->table(program::TableId::kAdmit) = {row};
  ASSERT_TRUE(link_.install(program).value());
  ASSERT_NE(ofctl("dump-meters")
                .find("meter=controller pktps burst stats bands=\n"
                      "type=drop rate=5000 burst_size=1000"),
            std::string::npos)
      << ofctl("dump-meters");
  std::uint64_t heard = 0;
  fabric_.on_frame = [&heard](net::PortNo, std::span<const std::byte>) { ++heard; };

  constexpr std::uint64_t kFrames = 20'000;
  const std::string path = ovs_.run_directory() + "/frames";
  std::ofstream file(path);
  for (std::uint64_t i = 0; i < kFrames; ++i) {
    file << fmt::format("packet-out in_port={}, packet={}, actions=TABLE\n", 1 + i % 20, frame());
  }
  file.close();
  const auto began = std::chrono::steady_clock::now();
  ofctl("bundle", {path});
  const auto counted = [&] {
    return number_after(ofctl("meter-stats", {"meter=controller"}), "packet_in_count:") == kFrames;
  };
  ASSERT_TRUE(link_.run_until(counted)) << ofctl("meter-stats");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const std::string stats = ofctl("meter-stats", {"meter=controller"});
  const std::uint64_t passed = kFrames - number_after(stats, "0: packet_count:");
  // Open vSwitch gives up what the connection does not take at once.
  EXPECT_TRUE(link_.run_until([&] { return heard > 0; }));
  EXPECT_LE(heard, passed);
  EXPECT_GE(passed, 1000U);
  EXPECT_LE(static_cast<double>(passed), 1001 + 5000 * took.count());
}

}  // namespace
}  // namespace fabrix::fabric
