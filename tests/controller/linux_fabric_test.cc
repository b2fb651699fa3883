// The Linux fabric with real interfaces, namespaces and traffic. Needs root.
#include "controller/linux_fabric.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "fabric/linux_unit.h"
#include "io/bpf_object.h"
#include "tests/controller/linux_cables.h"
#include "tests/controller/next_hop_program.h"

namespace fabrix::controller::tests {
namespace {

using net::Field;

using LinuxFabricTest = PinnedCables;

TEST_F(LinuxFabricTest, CarriesPingAndTcpBetweenNamespaces) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  EXPECT_FALSE(ping_once(1, "10.9.0.2"));  // no Program: nothing passes
  install(*fabric, wire(1, 2));
  EXPECT_TRUE(ping(1, "10.9.0.2"));
  EXPECT_TRUE(ping(1, "2001:db8:9::2"));
  EXPECT_FALSE(ping_once(3, "10.9.0.2"));
  install(*fabric, wire(1, 3));
  EXPECT_TRUE(ping(1, "10.9.0.3"));
  EXPECT_FALSE(ping_once(1, "10.9.0.2"));
}

// Trains of segments with unfinished checksums, whose addresses, ports and DSCP are rewritten.
TEST_F(LinuxFabricTest, RewritesTrainsOfTcpSegments) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  program::Program program = wire(1, 2);
  for (const bool forth : {true, false}) {
    program::Row row;
    row.priority = 20;
    row.match.exact(Field::kInPort, forth ? 1 : 2)
        .exact(Field::kEthType, net::kEthTypeIpv4)
        .exact(Field::kProtocol, net::kProtocolTcp);
    constexpr std::uint64_t kTo = 0x0a090002;    // 10.9.0.2
    constexpr std::uint64_t kFrom = 0x0a090063;  // 10.9.0.99, as member 1 knows it
    if (forth) {
      row.match.exact(Field::kDstIp4, kFrom);
      row.set_fields = {{Field::kDstIp4, kTo},
                        {Field::kDstPort, 5301},
                        {Field::kDscp, 10},
                        {Field::kDstMac, mac_of(2).to_u64()}};
    } else {
      row.set_fields = {{Field::kSrcIp4, kFrom}, {Field::kSrcPort, 5999}};
    }
    row.next = program::Output{net::PortNo{forth ? 2U : 1U}};
    program.table(program::TableId::kAdmit).push_back(row);
  }
  program.canonicalize();
  install(*fabric, program);
  ASSERT_TRUE(
      run(1, {"ip", "neigh", "replace", "10.9.0.99", "lladdr", "02:00:00:00:00:99", "dev", "eth0"})
          .success);
  Said served;
  std::thread server([&] { served = run(2, {"iperf3", "-s", "-1", "-p", "5301"}); });
  Said said;
  for (int i = 0; i < 50 && !said.success; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    said = run(1, {"iperf3", "-c", "10.9.0.99", "-p", "5999", "-n", "200M"});
  }
  server.join();
  EXPECT_TRUE(said.success) << said.text;
  EXPECT_NE(said.text.find("receiver"), std::string::npos) << said.text;
}

TEST_F(LinuxFabricTest, HandsFramesToTheControllerAndSendsItsOwn) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  program::Program program;
  program::Row row;
  row.match.exact(Field::kEthType, net::kEthTypeArp);
  row.next = program::ToController{};
  program.table(program::TableId::kAdmit).push_back(row);
  program.canonicalize();
  install(*fabric, program);
  std::optional<net::Packet> asked;
  fabric->on_frame = [&](net::PortNo port, std::span<const std::byte> frame) {
    asked = net::parse_frame(frame);
    asked->in_port = port;
    fabric->send_frame(
        port, net::build_arp_reply(mac_of(7), asked->dst_ip, asked->src_mac, asked->src_ip));
  };
  std::thread pinging([this] { (void)run(1, {"ping", "-c", "1", "-W", "1", "10.9.0.77"}); });
  EXPECT_TRUE(loop_.run_until([&] { return asked.has_value(); }, kPatience));
  pinging.join();
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->in_port, net::PortNo{1});
  EXPECT_EQ(asked->dst_ip.to_string(), "10.9.0.77");
  const Said table = run(1, {"ip", "neigh", "show"});
  EXPECT_NE(table.text.find("10.9.0.77 dev eth0 lladdr 08:00:27:00:09:07"), std::string::npos)
      << table.text;
}

// RFC 826, RFC 4861: without the controller.
TEST_F(LinuxFabricTest, AnswersForVirtualNextHops) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  install(*fabric, asking_for_next_hops());
  for (const std::string address : {"10.9.0.77", "2001:db8:9::77"}) {
    // The host keeps the answer only if it is well-formed, checksum and all.
    (void)run(1, {"ping", "-c", "1", "-W", "1", address});
    const Said table = run(1, {"ip", "neigh", "show", address});
    EXPECT_NE(table.text.find("lladdr 02:00:00:00:00:77"), std::string::npos) << table.text;
  }
}

TEST_F(LinuxFabricTest, ReportsPortsThatGoDownAndComeUp) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  const auto scope = io::NamespaceScope::enter(fabric_home_.name());
  std::vector<std::pair<std::uint32_t, bool>> news;
  fabric->on_port = [&](net::PortNo port, bool up) { news.emplace_back(port.value, up); };
  const auto await = [&](std::uint32_t port, bool up) {
    return loop_.run_until(
        [&] {
          return !news.empty() && news.back() == std::pair{port, up};
        },
        kPatience);
  };
  auto netlink = members_[1]->netlink();
  ASSERT_TRUE(io::set_link_down(netlink, "eth0"));
  EXPECT_TRUE(await(2, false));
  ASSERT_TRUE(io::set_link_up(netlink, "eth0"));
  EXPECT_TRUE(await(2, true));
  install(*fabric, wire(1, 2));
  // A cable of the same name is another interface.
  auto home = fabric_home_.netlink();
  ASSERT_TRUE(io::delete_link(home, "p2"));
  EXPECT_TRUE(await(2, false));
  members_.erase(members_.begin() + 1);
  connect(2);
  std::rotate(members_.begin() + 1, members_.end() - 1, members_.end());
  EXPECT_TRUE(await(2, true));
  EXPECT_TRUE(ping(1, "10.9.0.2"));
}

TEST_F(LinuxFabricTest, CountsForQueriesAndForgetsNothingOverAChange) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  program::Program program = wire(1, 2);
  program::Row row;
  row.priority = 20;
  row.match.exact(Field::kInPort, 1).exact(Field::kEthType, net::kEthTypeIpv4);
  row.next = program::Output{net::PortNo{2}};
  row.origin = {program::Origin::Kind::kQuery, net::ParticipantId{3}, 0};
  row.queries = {17};
  program.table(program::TableId::kAdmit).push_back(row);
  program.canonicalize();
  install(*fabric, program);
  EXPECT_TRUE(run(1, {"ping", "-c", "5", "-i", "0.1", "10.9.0.2"}).success);
  install(*fabric, wire(1, 2));
  install(*fabric, wire(1, 2));  // now nothing counts any more
  install(*fabric, wire(1, 2));
  int told = 0;
  fabric->on_query_counts = [&told] { ++told; };
  fabric->read_query_counts();
  EXPECT_EQ(told, 1);
  const auto& counts = fabric->query_counts();
  ASSERT_EQ(counts.size(), 1U);
  EXPECT_EQ(counts.begin()->first, (fabric::QueryKey{net::ParticipantId{3}, 17}));
  EXPECT_EQ(counts.begin()->second, (fabric::QueryCount{5, std::uint64_t{5} * 98}));
}

struct Seen {
  fabric::Sample sample;
  net::Packet packet;
};

TEST_F(LinuxFabricTest, SamplesTheFramesOfThePortsThatAreToBe) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  install(*fabric, wire(1, 2));
  ASSERT_TRUE(ping(1, "10.9.0.2"));
  std::vector<Seen> seen;
  fabric->on_sample = [&](const fabric::Sample& sample) {
    seen.push_back({sample, net::parse_frame(sample.header).value()});
  };
  EXPECT_FALSE(fabric->set_sampling({{net::PortNo{1}, fabric::kMaxSamplingRate + 1}}));
  ASSERT_TRUE(fabric->set_sampling({{net::PortNo{1}, 1}}));
  install(*fabric, wire(1, 2));  // sampling goes on
  ASSERT_TRUE(run(1, {"ping", "-c", "5", "-i", "0.1", "-s", "1000", "10.9.0.2"}).success);
  const auto echoes = [&seen] {
    return std::ranges::count_if(seen, [](const Seen& each) {
      return each.packet.protocol == 1 && each.packet.icmp_type == 8;
    });
  };
  EXPECT_TRUE(loop_.run_until([&] { return echoes() == 5; }, kPatience));
  for (const Seen& each : seen) {
    EXPECT_EQ(each.sample.port, net::PortNo{1});
    EXPECT_EQ(each.packet.src_mac, mac_of(1));
    if (each.packet.protocol != 1) continue;
    EXPECT_EQ(each.sample.egress, net::PortNo{2});
    EXPECT_EQ(each.sample.frame_length, 14U + 20 + 8 + 1000);
  }
  ASSERT_TRUE(fabric->set_sampling({}));
  const std::size_t before = seen.size();
  ASSERT_TRUE(run(1, {"ping", "-c", "5", "-i", "0.1", "10.9.0.2"}).success);
  (void)loop_.run_until([] { return false; }, std::chrono::milliseconds(20));
  EXPECT_EQ(seen.size(), before);
}

// A stream of TCP crosses as trains of segments; on a wire its frames are no longer than the MTU.
TEST_F(LinuxFabricTest, SamplesATrainAsTheFramesThatItWouldBe) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  install(*fabric, wire(1, 2));
  ASSERT_TRUE(ping(1, "10.9.0.2"));
  constexpr std::uint32_t kRate = 100;
  std::uint64_t octets = 0;
  std::uint64_t samples = 0;
  fabric->on_sample = [&](const fabric::Sample& sample) {
    EXPECT_LE(sample.frame_length, 1514U);
    octets += std::uint64_t{sample.frame_length} * sample.times * sample.rate;
    samples += sample.times;
  };
  ASSERT_TRUE(fabric->set_sampling({{net::PortNo{1}, kRate}}));
  Said served;
  std::thread server([&] { served = run(2, {"iperf3", "-s", "-1", "-p", "5302"}); });
  Said said;
  for (int i = 0; i < 50 && !said.success; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    said = run(1, {"iperf3", "-c", "10.9.0.2", "-p", "5302", "-n", "200M"});
  }
  server.join();
  ASSERT_TRUE(said.success) << said.text;
  (void)loop_.run_until([] { return false; }, std::chrono::milliseconds(100));
  // About 1,500 samples of about 150,000 frames; what is sent again is in it, too.
  const double estimate = static_cast<double>(octets) / (200.0 * (1U << 20U));
  EXPECT_GT(samples, 1000U);
  EXPECT_GT(estimate, 0.95);
  EXPECT_LT(estimate, 1.25);
}

TEST_F(LinuxFabricTest, SamplesOnAfterItsProcessAndTellsWhatCameMeanwhile) {
  pins();
  {
    const auto fabric = start(pins_);
    ASSERT_NE(fabric, nullptr);
    install(*fabric, wire(1, 2));
    ASSERT_TRUE(fabric->set_sampling({{net::PortNo{1}, 1}}));
  }
  ASSERT_TRUE(ping(1, "10.9.0.2"));
  const auto fabric = start(pins_);
  ASSERT_NE(fabric, nullptr);
  std::uint32_t pool = 0;
  fabric->on_sample = [&](const fabric::Sample& sample) { pool = sample.pool; };
  EXPECT_TRUE(loop_.run_until([&] { return pool != 0; }, kPatience));
  const std::uint32_t before = pool;
  ASSERT_TRUE(ping(1, "10.9.0.2"));
  EXPECT_TRUE(loop_.run_until([&] { return pool > before; }, kPatience));
}

// A process that takes over goes on counting, also where its ports are others besides.
TEST_F(LinuxFabricTest, CountsWhatPassesPortsOverAnotherProcess) {
  pins();
  {
    const auto fabric = start(pins_);
    ASSERT_NE(fabric, nullptr);
    install(*fabric, wire(1, 2));
    ASSERT_TRUE(ping(1, "10.9.0.2"));
  }
  const auto scope = io::NamespaceScope::enter(fabric_home_.name());
  ASSERT_TRUE(run(1, {"ping", "-c", "10", "-i", "0.1", "-s", "958", "10.9.0.2"}).success);
  auto again = LinuxFabric::start(
      loop_, {.ports = {all_ports().at(1), all_ports().at(0)}, .pin_directory = pins_});
  ASSERT_TRUE(again);
  (*again)->read_port_counts();
  const fabric::PortCounts counts = (*again)->port_counts();
  ASSERT_EQ(counts.size(), 2U);
  for (const auto& [port, count] : counts) {
    EXPECT_GE(count.in.packets, 11U);
    EXPECT_GE(count.out.packets, 11U);
    EXPECT_GE(count.in.octets, 10'000U);
    EXPECT_LE(count.in.octets, 15'000U);
  }
  (*again)->set_interfaces(all_ports());
  (*again)->read_port_counts();
  EXPECT_EQ((*again)->port_counts().size(), 3U);
  EXPECT_EQ((*again)->port_counts().at(net::PortNo{3}).out, fabric::QueryCount{});
  EXPECT_GE((*again)->port_counts().at(net::PortNo{1}).in.packets, 11U);
}

TEST_F(LinuxFabricTest, CountsFramesThatNobodyGets) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  const auto are_discarded = [&] {
    // A frame on its way is counted as come, and not yet as discarded.
    return loop_.run_until(
        [&] {
          fabric->read_port_counts();
          const fabric::PortCount count = fabric->port_counts().at(net::PortNo{1});
          return count.in.packets > 0 && count.discarded == count.in.packets;
        },
        kPatience);
  };
  (void)ping_once(1, "10.9.0.2");
  EXPECT_TRUE(are_discarded());  // there is no Program
  install(*fabric, wire(2, 3));
  (void)ping_once(1, "10.9.0.2");
  EXPECT_TRUE(are_discarded());
}

// The owner is killed with -9 while packets pass; the next one takes over, and changes the Program.
TEST_F(LinuxFabricTest, LosesNothingWhenItsProcessIsKilledAndAnotherTakesOver) {
  pins();
  const pid_t owner = fork();
  ASSERT_GE(owner, 0);
  if (owner == 0) {
    const auto fabric = start(pins_);
    if (fabric == nullptr) _exit(1);
    install(*fabric, wire(1, 2));
    std::filesystem::create_directory(pins_ + "/ready");
    pause();
    _exit(1);
  }
  for (int i = 0; i < 200 && !std::filesystem::exists(pins_ + "/ready"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ASSERT_TRUE(ping(1, "10.9.0.2"));
  Flood flood(member(1), "10.9.0.2", 800);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  ASSERT_EQ(kill(owner, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(waitpid(owner, &status, 0), owner);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  {
    const auto fabric = start(pins_);
    ASSERT_NE(fabric, nullptr);
    const auto program = std::make_shared<const program::Program>(wire(1, 2));
    install(*fabric, *program);
    std::optional<fabric::FabricAudit> audit;
    fabric->audit(program, [&](auto outcome) { audit = outcome.value(); });
    EXPECT_TRUE(loop_.run_until([&] { return audit.has_value(); }, kPatience));
    EXPECT_TRUE(audit && audit->agrees());
    for (int i = 0; i < 20; ++i) install(*fabric, wire(1, 2 + static_cast<std::uint32_t>(i) % 1));
  }
  // Nobody owns it now, and it goes on.
  EXPECT_EQ(flood.lost(), std::vector<int>{});
  ASSERT_TRUE(LinuxFabric::remove(pins_));
  EXPECT_FALSE(ping_once(1, "10.9.0.2"));
}

TEST_F(LinuxFabricTest, FindsAndCorrectsWhatSomebodyElseChanged) {
  const auto fabric = start(pins());
  ASSERT_NE(fabric, nullptr);
  const auto program = std::make_shared<const program::Program>(wire(1, 2));
  install(*fabric, *program);
  ASSERT_TRUE(ping(1, "10.9.0.2"));
  const auto programs =
      io::BpfMap::adopt(io::open_pinned(pins_ + "/programs").value(), "programs").value();
  const std::uint32_t admission = FABRIX_SLOT_COMMON;
  for (std::uint32_t version = 0; version < FABRIX_VERSIONS; ++version) {
    ASSERT_TRUE(programs.erase_key(version * FABRIX_SLOTS + admission));
  }
  EXPECT_FALSE(ping_once(1, "10.9.0.2"));
  std::optional<fabric::FabricAudit> audit;
  const auto note = [&](auto outcome) { audit = outcome.value(); };
  fabric->audit(program, note);
  ASSERT_TRUE(loop_.run_until([&] { return audit.has_value(); }, kPatience));
  EXPECT_EQ(audit->missing, 1U);
  ASSERT_EQ(audit->differences.size(), 1U);
  EXPECT_EQ(audit->differences[0].table, program::TableId::kAdmit);
  EXPECT_TRUE(ping(1, "10.9.0.2"));
  audit.reset();
  fabric->audit(program, note);
  ASSERT_TRUE(loop_.run_until([&] { return audit.has_value(); }, kPatience));
  EXPECT_TRUE(audit->agrees());
}

TEST_F(LinuxFabricTest, APortThatMovesToAnInterfaceThatIsDownAndBackIsReportedTwice) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  std::vector<bool> heard;
  fabric->on_port = [&](net::PortNo port, bool up) {
    if (port == net::PortNo{2}) heard.push_back(up);
  };
  const auto scope = io::NamespaceScope::enter(fabric_home_.name());
  auto elsewhere = all_ports();
  elsewhere[1].interface = "none";
  for (int i = 0; i < 2; ++i) {
    fabric->set_interfaces(elsewhere);
    fabric->set_interfaces(all_ports());
  }
  EXPECT_EQ(heard, (std::vector{false, true, false, true}));
}

TEST_F(LinuxFabricTest, PortsThatStayForwardWhileOthersCome) {
  const auto fabric = start();
  ASSERT_NE(fabric, nullptr);
  install(*fabric, wire(1, 2));
  const auto scope = io::NamespaceScope::enter(fabric_home_.name());
  Flood flood(member(1), "10.9.0.2", 200);
  auto fewer = all_ports();
  fewer.pop_back();
  for (int i = 0; i < 10; ++i) {
    fabric->set_interfaces(i % 2 == 0 ? fewer : all_ports());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(flood.lost(), std::vector<int>{});
  EXPECT_NE(fabric->status().find("3 of 3 ports up"), std::string::npos) << fabric->status();
}

}  // namespace
}  // namespace fabrix::controller::tests
