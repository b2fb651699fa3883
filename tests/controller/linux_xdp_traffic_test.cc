// The Linux fabric at XDP, with real interfaces, namespaces and traffic. Needs root.
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/mount.h>

#include "controller/linux_fabric.h"
#include "fabric/linux_layout.h"
#include "io/bpf_map.h"
#include "io/bpf_object.h"
#include "io/offload.h"
#include "tests/controller/linux_cables.h"
#include "tests/controller/next_hop_program.h"

namespace fabrix::controller::tests {
namespace {

using exchange::FabricAttach;

class LinuxXdpTrafficTest : public LinuxCables {
 protected:
  void TearDown() override {
    if (pins_.empty()) return;
    EXPECT_TRUE(LinuxFabric::remove(pins_));
    umount2(pins_.c_str(), MNT_DETACH);
    std::filesystem::remove(pins_);
  }

  static std::vector<LinuxPort> ports_at(FabricAttach how) {
    auto ports = all_ports();
    for (LinuxPort& port : ports) port.attach = how;
    return ports;
  }

  std::unique_ptr<LinuxFabric> start(FabricAttach how) {
    pins_ = (std::filesystem::temp_directory_path() /
             ("fxt-xdp-" + std::to_string(getpid()) + "-" + fabric_home_.name()))
                .string();
    const auto scope = io::NamespaceScope::enter(fabric_home_.name());
    auto fabric = LinuxFabric::start(loop_, {.ports = ports_at(how), .pin_directory = pins_});
    EXPECT_TRUE(fabric) << fabric.error().message;
    return fabric ? *std::move(fabric) : nullptr;
  }

  // As members whose veths do GRO do.
  void receive_at_xdp(std::uint32_t number) const {
    const auto done = io::face_xdp("eth0", member(number));
    ASSERT_TRUE(done) << done.error().message;
  }

  void configure(LinuxFabric& fabric, FabricAttach how) {
    const auto scope = io::NamespaceScope::enter(fabric_home_.name());
    fabric.set_interfaces(ports_at(how));
  }

  // Of what came in by a port.
  std::uint64_t ended_at_xdp(std::uint32_t port) const {
    auto pinned = io::open_pinned(pins_ + "/port_counts");
    const auto map = io::BpfMap::adopt(std::move(pinned).value(), "port_counts");
    const auto cpus = map.value().values_of<fabrix_port_counts>(port - 1);
    std::uint64_t sum = 0;
    for (const fabrix_port_counts& each : cpus.value()) sum += each.at_xdp;
    return sum;
  }

  // Pings until packets have ended at XDP.
  bool pings_at_xdp() const {
    const std::uint64_t before = ended_at_xdp(1);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      if (ping_once(1, "10.9.0.2") && ended_at_xdp(1) > before) return true;
    }
    return false;
  }

  std::string pins_;
};

TEST_F(LinuxXdpTrafficTest, CarriesPingByXdpWhereTheOtherEndsTakeIt) {
  for (std::uint32_t i = 1; i <= kMembers; ++i) receive_at_xdp(i);
  const auto fabric = start(FabricAttach::kXdp);
  ASSERT_NE(fabric, nullptr);
  EXPECT_NE(fabric->status().find("3 at XDP"), std::string::npos) << fabric->status();
  install(*fabric, wire(1, 2));
  EXPECT_TRUE(ping(1, "10.9.0.2"));
  EXPECT_TRUE(ping(1, "2001:db8:9::2"));
  EXPECT_TRUE(pings_at_xdp());
  EXPECT_FALSE(ping_once(3, "10.9.0.2"));
}

TEST_F(LinuxXdpTrafficTest, CarriesEverythingByTcWhereTheyDoNot) {
  const auto fabric = start(FabricAttach::kXdp);
  ASSERT_NE(fabric, nullptr);
  install(*fabric, wire(1, 2));
  EXPECT_TRUE(ping(1, "10.9.0.2"));
  EXPECT_TRUE(ping(1, "2001:db8:9::2"));
  // A change of the other end is seen by the next look.
  const std::uint64_t before = ended_at_xdp(1);
  EXPECT_TRUE(ping(1, "10.9.0.2"));
  EXPECT_EQ(ended_at_xdp(1), before);
  receive_at_xdp(1);
  receive_at_xdp(2);
  configure(*fabric, FabricAttach::kXdp);
  EXPECT_TRUE(pings_at_xdp());
}

// Whose checksums are unfinished, as these hosts send it.
TEST_F(LinuxXdpTrafficTest, CarriesTcp) {
  for (std::uint32_t i = 1; i <= kMembers; ++i) receive_at_xdp(i);
  const auto fabric = start(FabricAttach::kXdp);
  ASSERT_NE(fabric, nullptr);
  install(*fabric, wire(1, 2));
  ASSERT_TRUE(ping(1, "10.9.0.2"));
  Said served;
  std::thread server([&] { served = run(2, {"iperf3", "-s", "-1", "-p", "5301"}); });
  Said said;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!said.success && std::chrono::steady_clock::now() < deadline) {
    said = run(1, {"iperf3", "-c", "10.9.0.2", "-p", "5301", "-n", "20M"});
  }
  server.join();
  EXPECT_TRUE(said.success) << said.text;
}

// RFC 826, RFC 4861.
TEST_F(LinuxXdpTrafficTest, AnswersForVirtualNextHops) {
  for (std::uint32_t i = 1; i <= kMembers; ++i) receive_at_xdp(i);
  const auto fabric = start(FabricAttach::kXdp);
  ASSERT_NE(fabric, nullptr);
  install(*fabric, asking_for_next_hops());
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (const std::string address : {"10.9.0.77", "2001:db8:9::77"}) {
    Said table;
    while (table.text.find("lladdr 02:00:00:00:00:77") == std::string::npos &&
           std::chrono::steady_clock::now() < deadline) {
      (void)run(1, {"ping", "-c", "1", "-W", "1", address});
      table = run(1, {"ip", "neigh", "show", address});
    }
    EXPECT_NE(table.text.find("lladdr 02:00:00:00:00:77"), std::string::npos) << table.text;
  }
  EXPECT_GT(ended_at_xdp(1), 0U);
}

// A process that is killed leaves the same behind as one that ends.
TEST_F(LinuxXdpTrafficTest, GoesOnWithoutTheProcessAndIsTakenOver) {
  for (std::uint32_t i = 1; i <= kMembers; ++i) receive_at_xdp(i);
  auto fabric = start(FabricAttach::kXdp);
  ASSERT_NE(fabric, nullptr);
  install(*fabric, wire(1, 2));
  ASSERT_TRUE(ping(1, "10.9.0.2"));
  const std::uint64_t before = ended_at_xdp(1);
  fabric.reset();
  EXPECT_TRUE(ping(1, "10.9.0.2"));
  fabric = start(FabricAttach::kXdp);
  ASSERT_NE(fabric, nullptr);
  EXPECT_GT(ended_at_xdp(1), before);
  install(*fabric, wire(1, 2));
  EXPECT_TRUE(pings_at_xdp());
  // And by one that is told to be at tc alone.
  fabric.reset();
  fabric = start(FabricAttach::kTc);
  ASSERT_NE(fabric, nullptr);
  EXPECT_EQ(fabric->status().find("XDP"), std::string::npos);
  for (const auto& entry : std::filesystem::directory_iterator(pins_)) {
    EXPECT_FALSE(entry.path().string().ends_with("_xdp")) << entry.path();
  }
  EXPECT_TRUE(ping(1, "10.9.0.2"));
  install(*fabric, wire(1, 2));
  EXPECT_TRUE(ping(1, "10.9.0.2"));
}

TEST_F(LinuxXdpTrafficTest, ChangesItsHookWhileItForwards) {
  for (std::uint32_t i = 1; i <= kMembers; ++i) receive_at_xdp(i);
  const auto fabric = start(FabricAttach::kTc);
  ASSERT_NE(fabric, nullptr);
  install(*fabric, wire(1, 2));
  ASSERT_TRUE(ping(1, "10.9.0.2"));
  for (int i = 0; i < 2; ++i) {
    configure(*fabric, FabricAttach::kXdp);
    EXPECT_TRUE(pings_at_xdp());
    configure(*fabric, FabricAttach::kTc);
    EXPECT_TRUE(ping(1, "10.9.0.2"));
    EXPECT_EQ(fabric->status().find("XDP"), std::string::npos);
  }
  install(*fabric, wire(1, 3));
  EXPECT_TRUE(ping(1, "10.9.0.3"));
  EXPECT_FALSE(ping_once(1, "10.9.0.2"));
}

TEST_F(LinuxXdpTrafficTest, EachPortIsWhereItIsToldToBe) {
  for (std::uint32_t i = 1; i <= kMembers; ++i) receive_at_xdp(i);
  const auto fabric = start(FabricAttach::kTc);
  ASSERT_NE(fabric, nullptr);
  const auto at = [&](std::uint32_t port) { return fabric->attach_of(net::PortNo{port}); };
  EXPECT_EQ(at(1), (exchange::PortAttach{FabricAttach::kTc, ""}));
  install(*fabric, wire(1, 2));
  auto ports = all_ports();
  ports[0].attach = FabricAttach::kXdp;  // whose packets leave by a port that is at tc
  ports[2].attach = FabricAttach::kXdp;
  ports[2].interface = "none";
  const auto scope = io::NamespaceScope::enter(fabric_home_.name());
  fabric->set_interfaces(ports);
  EXPECT_EQ(at(1), (exchange::PortAttach{FabricAttach::kXdp, ""}));
  EXPECT_EQ(at(2), (exchange::PortAttach{FabricAttach::kTc, ""}));
  EXPECT_EQ(at(3), std::nullopt) << "it is not there";
  EXPECT_EQ(at(7), std::nullopt);
  EXPECT_NE(fabric->status().find("1 at XDP"), std::string::npos) << fabric->status();
  const std::uint64_t before = ended_at_xdp(1);
  EXPECT_TRUE(ping(1, "10.9.0.2"));
  EXPECT_EQ(ended_at_xdp(1), before);
  ports[1].attach = FabricAttach::kXdp;
  fabric->set_interfaces(ports);
  EXPECT_TRUE(pings_at_xdp());
}

TEST_F(LinuxXdpTrafficTest, AnInterfaceWithoutXdpSaysSo) {
  const auto scope = io::NamespaceScope::enter(fabric_home_.name());
  const auto fabric = start(FabricAttach::kTc);
  ASSERT_NE(fabric, nullptr);
  auto ports = all_ports();
  ports[1].interface = "lo";
  ports[1].attach = FabricAttach::kXdp;
  fabric->set_interfaces(ports);
  const auto attach = fabric->attach_of(net::PortNo{2});
  ASSERT_TRUE(attach);
  EXPECT_EQ(attach->at, FabricAttach::kTc);
  EXPECT_NE(attach->refusal, "");
}

TEST_F(LinuxXdpTrafficTest, LosesNothingWhilePortsChangeTheirHooks) {
  for (std::uint32_t i = 1; i <= kMembers; ++i) receive_at_xdp(i);
  const auto fabric = start(FabricAttach::kTc);
  ASSERT_NE(fabric, nullptr);
  install(*fabric, wire(1, 2));
  ASSERT_TRUE(ping(1, "10.9.0.2"));
  Flood flood(member(1), "10.9.0.2", 200);
  while (!flood.is_over()) {
    configure(*fabric, FabricAttach::kXdp);
    configure(*fabric, FabricAttach::kTc);
  }
  EXPECT_EQ(flood.lost(), std::vector<int>{});
}

}  // namespace
}  // namespace fabrix::controller::tests
