#include "fabric/simulated.h"

#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "net/frame.h"
#include "program/drop.h"

namespace fabrix::fabric {
namespace {

constexpr net::PortNo kA{1};
constexpr net::PortNo kB{2};

// Everything from A goes to B; everything from B to the controller.
program::ProgramPtr small_program() {
  auto program = std::make_shared<program::Program>();
  program::Row forward;
  forward.match.exact(net::Field::kInPort, kA.value);
  forward.next = program::Output{kB};
  program::Row ask;
  ask.match.exact(net::Field::kInPort, kB.value);
  ask.next = program::ToController{};
  program->table(program::TableId::kAdmit) = {forward, ask};
  program->canonicalize();
  return program;
}

void install(SimulatedFabric& fabric) {
  bool done = false;
  fabric.install(small_program(), [&](const Result<void>& result) { done = result.has_value(); });
  ASSERT_TRUE(done);
}

net::Packet packet_from(net::PortNo port) {
  net::Packet packet = net::parse_packet("tcp 100.0.0.1:40000 -> 140.0.0.1:80").value();
  packet.in_port = port;
  return packet;
}

TEST(SimulatedFabricTest, DropsEverythingBeforeTheFirstInstall) {
  SimulatedFabric fabric;
  EXPECT_FALSE(fabric.send(packet_from(kA)).output);
  EXPECT_EQ(fabric.installed(), nullptr);
  EXPECT_EQ(fabric.status(), "simulated: 0 rules");
}

TEST(SimulatedFabricTest, ForwardsAsTheProgramSays) {
  SimulatedFabric fabric;
  install(fabric);
  EXPECT_EQ(fabric.send(packet_from(kA)).output, kB);
  EXPECT_EQ(fabric.status(), "simulated: 2 rules");
  EXPECT_EQ(fabric.installs(), 1U);
}

TEST(SimulatedFabricTest, TakesTagsOffWhereFramesComeInAndPutsThemOnWhereTheyLeave) {
  SimulatedFabric fabric;
  install(fabric);
  fabric.set_tags({{kB, 100}});
  const auto sent = fabric.send(packet_from(kA));
  EXPECT_EQ(sent.output, kB);
  EXPECT_EQ(sent.packet.vlan_id, 100);
  net::Packet tagged = packet_from(kB);
  tagged.vlan_id = 100;
  std::vector<std::byte> handed;
  fabric.on_frame = [&](net::PortNo, std::span<const std::byte> frame) {
    handed.assign(frame.begin(), frame.end());
  };
  EXPECT_TRUE(fabric.send(tagged).to_controller);
  EXPECT_EQ(handed, net::build_frame(packet_from(kB)));
  fabric.send_frame(kB, handed);
  EXPECT_EQ(fabric.take_sent_frames().at(0).octets, with_tag(handed, 100));
}

TEST(SimulatedFabricTest, HandsFramesToTheController) {
  SimulatedFabric fabric;
  install(fabric);
  std::vector<std::pair<net::PortNo, net::Packet>> seen;
  fabric.on_frame = [&](net::PortNo port, std::span<const std::byte> frame) {
    net::Packet packet = net::parse_frame(frame).value();
    packet.in_port = port;
    seen.emplace_back(port, packet);
  };
  EXPECT_TRUE(fabric.send(packet_from(kB)).to_controller);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].first, kB);
  EXPECT_EQ(net::hashed(seen[0].second), packet_from(kB));
}

TEST(SimulatedFabricTest, ReportsAPortOnlyWhenItChanges) {
  SimulatedFabric fabric;
  std::vector<std::pair<net::PortNo, bool>> seen;
  fabric.on_port = [&](net::PortNo port, bool up) { seen.emplace_back(port, up); };
  fabric.bring_up(kB);
  fabric.take_down(kB);
  fabric.take_down(kB);
  fabric.bring_up(kB);
  EXPECT_EQ(seen, (std::vector<std::pair<net::PortNo, bool>>{{kB, false}, {kB, true}}));
}

TEST(SimulatedFabricTest, APortThatIsDownNeitherTakesNorGives) {
  SimulatedFabric fabric;
  install(fabric);
  fabric.take_down(kB);
  EXPECT_FALSE(fabric.send(packet_from(kA)).output);
  EXPECT_FALSE(fabric.send(packet_from(kB)).to_controller);
  fabric.send_frame(kB, std::vector<std::byte>(60));
  EXPECT_TRUE(fabric.take_sent_frames().empty());
}

TEST(SimulatedFabricTest, RemembersTheFramesItWasToldToSend) {
  SimulatedFabric fabric;
  fabric.send_frame(kA, std::vector<std::byte>(60, std::byte{7}));
  const auto sent = fabric.take_sent_frames();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].port, kA);
  EXPECT_EQ(sent[0].octets, std::vector<std::byte>(60, std::byte{7}));
  EXPECT_TRUE(fabric.take_sent_frames().empty());
}

TEST(SimulatedFabricTest, KeepsWhatItHasWhenAnInstallFails) {
  SimulatedFabric fabric;
  install(fabric);
  const auto before = fabric.installed();
  fabric.refuse_next_install(Error{"table full"});
  std::string message;
  fabric.install(std::make_shared<program::Program>(), [&](const Result<void>& result) {
    ASSERT_FALSE(result);
    message = result.error().message;
  });
  EXPECT_EQ(message, "table full");
  EXPECT_EQ(fabric.installed(), before);
  install(fabric);
}

// Everything from A is limited on its way to B, and copied to a third port.
program::ProgramPtr limited_program() {
  auto program = std::make_shared<program::Program>();
  program::Row row;
  row.match.exact(net::Field::kInPort, kA.value);
  row.next = program::Output{kB};
  row.meter = program::Meter{.id = 1, .kbps = 1200};
  row.copies = {net::PortNo{3}};
  program->table(program::TableId::kAdmit) = {row};
  return program;
}

TEST(SimulatedFabricTest, AMeterLetsItsBurstPassAndThenItsRate) {
  using std::chrono::milliseconds;
  SimulatedFabric fabric;
  fabric.install(limited_program(), [](const Result<void>&) {});
  int passed = 0;
  // 120 kbit at once: ten frames of 1500 octets.
  for (int i = 0; i < 20; ++i) {
    const auto outcome = fabric.send(packet_from(kA), {.at = milliseconds(0), .octets = 1500});
    passed += outcome.output ? 1 : 0;
    EXPECT_EQ(outcome.copies.size(), outcome.output ? 1U : 0U);
  }
  EXPECT_EQ(passed, 10);
  // 1200 kbit/s are one frame of 1500 octets each 10 ms.
  passed = 0;
  for (int i = 1; i <= 100; ++i) {
    const auto at = milliseconds(5 * i);
    passed += fabric.send(packet_from(kA), {.at = at, .octets = 1500}).output ? 1 : 0;
  }
  EXPECT_EQ(passed, 50);
  EXPECT_EQ(fabric.meter_count(1).packets, 120U);
  EXPECT_EQ(fabric.meter_count(1).dropped, 60U);
}

TEST(SimulatedFabricTest, AMeterOfPacketsCountsWhatItDiscards) {
  using std::chrono::milliseconds;
  auto program = std::make_shared<program::Program>(*limited_program());
  auto& row = program->table(program::TableId::kAdmit).front();
  const program::PortDrop drop{.port = {9}, .reason = program::DropReason::kStorm};
  row.meter = program::Meter{.id = 1, .pps = 100, .counter = program::drop_counter(drop)};
  SimulatedFabric fabric;
  fabric.install(program, [](const Result<void>&) {});
  int passed = 0;
  for (int i = 0; i < 300; ++i) {
    passed += fabric.send(packet_from(kA), {.at = milliseconds(0), .octets = 60}).output ? 1 : 0;
  }
  EXPECT_EQ(passed, 100) << "a second's worth at once";
  EXPECT_TRUE(fabric.send(packet_from(kA), {.at = milliseconds(10), .octets = 60}).output);
  EXPECT_FALSE(fabric.send(packet_from(kA), {.at = milliseconds(10), .octets = 60}).output);
  const auto found =
      fabric.query_counts().find({.owner = {}, .query = program::drop_counter(drop)});
  ASSERT_NE(found, fabric.query_counts().end());
  EXPECT_EQ(found->second.packets, 201U);
}

TEST(SimulatedFabricTest, WithoutATimeMetersOnlyCount) {
  SimulatedFabric fabric;
  fabric.install(limited_program(), [](const Result<void>&) {});
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(fabric.send(packet_from(kA)).output);
  EXPECT_EQ(fabric.meter_count(1).packets, 50U);
  EXPECT_EQ(fabric.meter_count(1).dropped, 0U);
  EXPECT_EQ(fabric.meter_count(2).packets, 0U);
}

TEST(SimulatedFabricTest, NoCopyLeavesByAPortThatIsDown) {
  SimulatedFabric fabric;
  fabric.install(limited_program(), [](const Result<void>&) {});
  fabric.take_down(net::PortNo{3});
  const auto outcome = fabric.send(packet_from(kA));
  EXPECT_TRUE(outcome.output);
  EXPECT_TRUE(outcome.copies.empty());
}

// Flow buckets 0 to 31 of what A sends go to B.
program::ProgramPtr half_of_it() {
  auto program = std::make_shared<program::Program>();
  program::Row row;
  row.match.exact(net::Field::kInPort, kA.value).ternary(net::Field::kFlowBucket, 0, 0x20);
  row.next = program::Output{kB};
  program->table(program::TableId::kAdmit) = {row};
  return program;
}

TEST(SimulatedFabricTest, PutsPacketsInTheBucketsOfItsHash) {
  SimulatedFabric fabric;
  fabric.install(half_of_it(), [](const Result<void>&) {});
  int passed = 0;
  for (std::uint16_t port = 0; port < 1000; ++port) {
    net::Packet packet = packet_from(kA);
    packet.src_port = port;
    packet.buckets = {};
    const bool wanted = net::bucket_of(packet, net::HashKey::kFlow) < net::kBucketCount / 2;
    EXPECT_EQ(fabric.send(packet).output.has_value(), wanted);
    if (wanted) ++passed;
  }
  EXPECT_NEAR(passed, 500, 64);  // four standard deviations
}

TEST(SimulatedFabricTest, MayHaveAHashThatATestChose) {
  SimulatedFabric fabric;
  fabric.install(half_of_it(), [](const Result<void>&) {});
  for (const unsigned bucket : {0U, 31U, 32U, 63U}) {
    fabric.hash_by([bucket](net::Packet packet) {
      net::set_value(packet, net::Field::kFlowBucket, bucket);
      return packet;
    });
    EXPECT_EQ(fabric.send(packet_from(kA)).output.has_value(), bucket < 32);
  }
}

}  // namespace
}  // namespace fabrix::fabric
