#include "agent/host_agent.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "io/child_process.h"
#include "io/command.h"
#include "io/file.h"
#include "sflow/datagram.h"
#include "sflow/record.h"
#include "tests/agent/world.h"

namespace fabrix::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// In the near namespace of a cable, where a collector listens at the loopback.
class HostAgentTest : public io::testing::CableTest {
 protected:
  void SetUp() override {
    CableTest::SetUp();
    if (IsSkipped()) return;
    auto scope = io::NamespaceScope::enter(near_->name());
    scope_.emplace(*std::move(scope));
    auto collector = io::DatagramSocket::bind({.address = testing::ip("127.0.0.1"), .port = 0});
    collector_.emplace(*std::move(collector));
  }

  host::Config config() const {
    host::Config config;
    config.polling_seconds = 1;
    config.collectors = {{.address = testing::ip("127.0.0.1"), .port = collector_->local().port}};
    return config;
  }

  void start(const host::Config& config) {
    auto started = HostAgent::start(loop_, config);
    ASSERT_TRUE(started) << started.error().message;
    agent_ = *std::move(started);
  }

  // Counter samples, by their source: the last one's records.
  void receive() {
    for (const auto& received : collector_->receive()) {
      const auto datagram = sflow::Datagram::open(received.octets);
      ASSERT_TRUE(datagram);
      agent_address_ = datagram->header().agent;
      auto samples = datagram->samples();
      while (const auto item = samples.next()) {
        if (!sflow::is_counter_sample(item->tag)) continue;
        const auto sample = sflow::read_counter_sample(*item);
        ASSERT_TRUE(sample);
        auto& records = counted_[sample->source];
        records.clear();
        auto cursor = sample->records();
        while (const auto record = cursor.next()) {
          records.push_back(
              {.tag = record->tag, .octets = {record->body.begin(), record->body.end()}});
        }
        ASSERT_FALSE(cursor.fault());
      }
    }
  }

  bool wait(const std::function<bool()>& done) {
    return loop_.run_until(
        [&] {
          receive();
          return done();
        },
        testing::kPatience);
  }

  std::optional<sflow::FieldValue> value(const sflow::SourceId& source, std::uint32_t format,
                                         std::string_view name) const {
    const auto found = counted_.find(source);
    if (found == counted_.end()) return std::nullopt;
    const auto tag = sflow::Tag::of(0, format);
    const auto record = std::ranges::find(found->second, tag, &sflow::Record::tag);
    if (record == found->second.end()) return std::nullopt;
    return sflow::find_field(*sflow::find_counter_schema(tag), record->octets, name);
  }
  std::uint64_t number(const sflow::SourceId& source, std::uint32_t format,
                       std::string_view name) const {
    const auto found = value(source, format, name);
    return found ? std::get<std::uint64_t>(*found) : 0;
  }
  std::string text(const sflow::SourceId& source, std::uint32_t format,
                   std::string_view name) const {
    const auto found = value(source, format, name);
    return found ? std::string(sflow::as_text(std::get<sflow::Bytes>(*found))) : "";
  }

  io::EventLoop loop_;
  std::optional<io::NamespaceScope> scope_;
  std::optional<io::DatagramSocket> collector_;
  std::optional<net::IpAddress> agent_address_;
  std::map<sflow::SourceId, std::vector<sflow::Record>> counted_;
  std::unique_ptr<HostAgent> agent_;
};

constexpr sflow::SourceId kHost{.type = 2, .index = 1};

TEST_F(HostAgentTest, CountsInterfacesAndTheHost) {
  auto netlink = near_->netlink();
  const std::uint32_t eth0 = io::find_link(netlink, "eth0").value().index;
  const sflow::SourceId interface { .type = 0, .index = eth0 };
  start(config());
  testing::send_datagrams("192.0.2.2", 30);
  ASSERT_TRUE(wait([&] {
    return number(interface, 1, "ifOutUcastPkts") >= 30 && counted_.contains(kHost) &&
           number(kHost, 2006, "nio_pkts_out") >= 30;
  }));
  EXPECT_EQ(agent_address_, testing::ip("192.0.2.1"));
  EXPECT_EQ(number(interface, 1, "ifIndex"), eth0);
  EXPECT_EQ(number(interface, 1, "networkType"), 6U);
  EXPECT_EQ(number(interface, 1, "ifSpeed"), 10'000'000'000U);
  EXPECT_EQ(number(interface, 1, "ifDirection"), 1U);
  EXPECT_EQ(number(interface, 1, "ifStatus"), 3U);
  EXPECT_GE(number(interface, 1, "ifOutOctets"), 30U * 142);
  EXPECT_EQ(text(interface, 1005, "ifName"), "eth0");
  EXPECT_EQ(number(kHost, 2001, "adaptor_%_ifIndex"), eth0);
  EXPECT_EQ(text(kHost, 2001, "adaptor_%_MACs"), std::string("\x02\0\0\0\0\x01\0\0", 8));
  EXPECT_GT(number(kHost, 2003, "cpu_num"), 0U);
  EXPECT_EQ(counted_.size(), 2U);  // not the loopback
  // A port without its cable is down.
  auto far = far_->netlink();
  ASSERT_TRUE(io::set_link_down(far, "eth0"));
  EXPECT_TRUE(wait([&] { return number(interface, 1, "ifStatus") == 1; }));
}

TEST_F(HostAgentTest, ServicesAndContainersAreNodes) {
  const io::testing::TemporaryDirectory mount;
  testing::make_cgroups(mount.path());
  host::Config config = this->config();
  config.services = true;
  config.containers = true;
  config.cgroup = mount.path();
  start(config);
  const sflow::SourceId first{.type = 3, .index = HostAgent::kFirstNode};
  const sflow::SourceId second{.type = 3, .index = HostAgent::kFirstNode + 1};
  ASSERT_TRUE(wait([&] {
    return counted_.contains(first) && counted_.contains(second) && counted_.contains(kHost);
  }));
  EXPECT_EQ((std::set<std::string>{text(first, 2000, "hostname"), text(second, 2000, "hostname")}),
            (std::set<std::string>{"docker-aaaaaaaaaaaa", "web.service"}));
  EXPECT_EQ(number(first, 2101, "vcpu_cpu_mS"), 7000U);
  EXPECT_EQ(number(first, 2102, "vmem_memory"), 4096U);
  EXPECT_EQ(number(first, 2102, "vmem_maxMemory"), 8192U);
  EXPECT_EQ(number(first, 2103, "vdsk_wr_bytes"), 2U);
  EXPECT_EQ(number(first, 2002, "parent_dsClass"), 2U);
  EXPECT_EQ(number(kHost, 2100, "vnode_num_domains"), 2U);
}

TEST_F(HostAgentTest, AContainersOwnNetworkIsCounted) {
  const io::testing::TemporaryDirectory mount;
  testing::make_cgroups(mount.path());
  const auto inside = io::ChildProcess::start(loop_,
                                              {.process = {.argv = {"sleep", "600"},
                                                           .network_namespace = far_->name(),
                                                           .parent_death = io::ParentDeath::kKill},
                                               .out = {},
                                               .err = {}},
                                              [](const io::ExitStatus&) {});
  ASSERT_TRUE(inside);
  const std::string group = "/system.slice/docker-" + std::string(64, 'a') + ".scope";
  std::ofstream(mount.path() + group + "/cgroup.procs") << inside->pid() << "\n";
  host::Config config = this->config();
  config.containers = true;
  config.cgroup = mount.path();
  start(config);
  testing::send_datagrams("192.0.2.2", 30);
  const sflow::SourceId container{.type = 3, .index = HostAgent::kFirstNode};
  EXPECT_TRUE(wait([&] { return number(container, 2104, "vnio_pkts_in") >= 30; }));
}

TEST_F(HostAgentTest, ControlGroupsOfVersionOneAreLeftAside) {
  const io::testing::TemporaryDirectory mount;
  std::filesystem::create_directory(mount / "memory");
  host::Config config = this->config();
  config.services = true;
  config.cgroup = mount.path();
  start(config);
  EXPECT_TRUE(wait([&] { return counted_.contains(kHost); }));
}

TEST_F(HostAgentTest, FollowsInterfacesThatComeAndGo) {
  host::Config config = this->config();
  config.sampled = {{.device = "late"}, {.device = "eth0", .rate = 7}};
  start(config);
  EXPECT_THAT(agent_->sampled(), ElementsAre("eth0 1:7"));
  auto netlink = near_->netlink();
  ASSERT_TRUE(io::create_veth(netlink, {.name = "late"}, {.name = "later"}));
  // 10 Gbit/s, so one in 10,000.
  EXPECT_TRUE(wait([&] { return agent_->sampled().size() == 2; }));
  EXPECT_THAT(agent_->sampled(), ::testing::Contains("late 1:10000"));
  ASSERT_TRUE(io::delete_link(netlink, "late"));
  EXPECT_TRUE(wait([&] { return agent_->sampled().size() == 1; }));
  EXPECT_THAT(agent_->sampled(), ElementsAre("eth0 1:7"));
}

TEST_F(HostAgentTest, SamplesAllOfASpeed) {
  host::Config config = this->config();
  config.sampled = {{.speed = {.lowest = 1'000'000'000, .highest = 20'000'000'000}, .rate = 5}};
  start(config);
  EXPECT_THAT(agent_->sampled(), ElementsAre("eth0 1:5"));
  config.sampled[0].speed.highest = 2'000'000'000;
  start(config);
  EXPECT_THAT(agent_->sampled(), IsEmpty());
}

TEST_F(HostAgentTest, SamplesNothingAtARateOfNone) {
  host::Config config = this->config();
  config.sampled = {{.device = "eth0", .rate = 0}};
  start(config);
  EXPECT_THAT(agent_->sampled(), IsEmpty());
}

TEST_F(HostAgentTest, SendsFromANamespaceByAnInterface) {
  {
    const auto there = io::NamespaceScope::enter(far_->name()).value();
    collector_ = io::DatagramSocket::bind({.address = testing::ip("127.0.0.1"), .port = 0}).value();
  }
  host::Config config = this->config();
  config.collectors[0].network_namespace = far_->name();
  config.collectors[0].device = "lo";
  start(config);
  EXPECT_TRUE(wait([&] { return counted_.contains(kHost); }));
  EXPECT_EQ(agent_address_, testing::ip("192.0.2.1"));
}

// What passes there goes out and comes in: it is one packet.
TEST_F(HostAgentTest, SamplesTheLoopbackOnce) {
  host::Config config = this->config();
  config.polling_seconds = 0;
  config.collectors = {{.address = testing::ip("192.0.2.2"), .port = 9}};
  config.sampled = {{.device = "lo", .rate = 1}};
  start(config);
  testing::send_datagrams("127.0.0.1", 50);
  auto netlink = near_->netlink();
  const auto passed = [&] {
    const auto links = io::list_link_statistics(netlink).value();
    const auto lo = std::ranges::find_if(
        links, [](const io::LinkStatistics& link) { return link.is_loopback; });
    return lo->in.packets;
  };
  EXPECT_TRUE(wait([&] { return agent_->counts().samples >= 50; }));
  EXPECT_LE(agent_->counts().samples, passed());
}

bool is_bound(std::uint16_t port) {
  std::ifstream sockets("/proc/thread-self/net/udp");
  const std::string all((std::istreambuf_iterator<char>(sockets)), {});
  return all.find(fmt::format("0100007F:{:04X} ", port)) != std::string::npos;
}

// sfcapd, which reads sFlow by its own lights, and nfdump.
TEST_F(HostAgentTest, SfcapdReadsWhatIsSent) {
  const io::testing::TemporaryDirectory folder;
  const auto address = testing::ip("127.0.0.1");
  const std::uint16_t port =
      io::DatagramSocket::bind({.address = address, .port = 0})->local().port;
  auto sfcapd = io::ChildProcess::start(
      loop_,
      {.process = {.argv = {"sfcapd", "-w", folder.path(), "-b", "127.0.0.1", "-p",
                            std::to_string(port), "-I", "fabrix", "-t", "2"},
                   .parent_death = io::ParentDeath::kKill},
       .out = {},
       .err = {}},
      [](const io::ExitStatus&) {});
  if (!sfcapd) GTEST_SKIP() << "sfcapd is not installed (package nfdump-sflow)";
  host::Config config = this->config();
  config.collectors.push_back({.address = address, .port = port});
  config.sampled = {{.device = "eth0", .rate = 1}};
  start(config);
  ASSERT_TRUE(wait([&] { return is_bound(port) || !sfcapd->is_running(); }));
  testing::send_datagrams("192.0.2.2", 30);
  // A file is there when the next one begins. 100 octets, UDP, IPv4, Ethernet with its FCS.
  std::map<std::string, int> seen;
  EXPECT_TRUE(wait([&] {
    const auto read = io::run_command(
        {.process = {.argv = {"nfdump", "-R", folder.path(), "-q", "-o",
                              "fmt:%sa,%da,%pr,%dp,%pkt,%byt", "-N", "dst port 9"}}});
    seen.clear();
    std::string all = read ? read->out : "";
    std::erase(all, ' ');
    std::istringstream lines(all);
    for (std::string line; std::getline(lines, line);) ++seen[line];
    return seen["192.0.2.1,192.0.2.2,17,9,1,146"] >= 30;
  })) << ::testing::PrintToString(seen);
}

// pmacct's sfacctd: what it prints each second are packets and octets since it last did.
TEST_F(HostAgentTest, SfacctdReadsWhatIsSent) {
  const io::testing::TemporaryDirectory folder;
  const auto address = testing::ip("127.0.0.1");
  const std::uint16_t port =
      io::DatagramSocket::bind({.address = address, .port = 0})->local().port;
  const std::string file = folder / "flows.csv";
  const std::string log = folder / "log";
  ASSERT_TRUE(io::write_file_atomically(
      folder / "sfacctd.conf",
      fmt::format("daemonize: false\nsfacctd_ip: 127.0.0.1\nsfacctd_port: {}\nlogfile: {}\n"
                  "plugins: print\nprint_refresh_time: 1\nprint_output: csv\n"
                  "print_output_file: {}\nprint_output_file_append: true\n"
                  "aggregate: src_host, dst_host, proto, dst_port\n",
                  port, log, file)));
  auto sfacctd =
      io::ChildProcess::start(loop_,
                              {.process = {.argv = {"sfacctd", "-f", folder / "sfacctd.conf"},
                                           .parent_death = io::ParentDeath::kKill},
                               .out = {},
                               .err = {}},
                              [](const io::ExitStatus&) {});
  if (!sfacctd) GTEST_SKIP() << "sfacctd is not installed (package pmacct)";
  host::Config config = this->config();
  config.collectors.push_back({.address = address, .port = port});
  config.sampled = {{.device = "eth0", .rate = 1}};
  start(config);
  // What comes before its plugin is ready is lost.
  ASSERT_TRUE(wait([&] {
    const auto text = io::read_file(log);
    return (text && text->find("*** Purging cache - END") != std::string::npos) ||
           !sfacctd->is_running();
  }));
  // 100 octets, UDP, IPv4, Ethernet with its FCS.
  testing::send_datagrams("192.0.2.2", 30);
  int packets = 0;
  int octets = 0;
  EXPECT_TRUE(wait([&] {
    packets = octets = 0;
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
      constexpr std::string_view kFlow = "192.0.2.1,192.0.2.2,9,udp,";
      char comma = 0;
      int frames = 0;
      int length = 0;
      if (!line.starts_with(kFlow)) continue;
      std::istringstream(line.substr(kFlow.size())) >> frames >> comma >> length;
      packets += frames;
      octets += length;
    }
    return packets >= 30;
  }));
  EXPECT_EQ(octets, 146 * packets);
}

TEST_F(HostAgentTest, CountsWhatCannotBeSent) {
  host::Config config = this->config();
  config.collectors.push_back({.address = testing::ip("203.0.113.1"), .port = 9});  // no route
  start(config);
  EXPECT_TRUE(wait([&] { return agent_->counts().unsent > 0 && agent_->counts().datagrams > 0; }));
}

TEST_F(HostAgentTest, SaysWhyItCannotStart) {
  host::Config config = this->config();
  config.agent_device = "none";
  const auto started = HostAgent::start(loop_, config);
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("interface none has no address"));
  config.agent_device.clear();
  config.collectors[0].device = "none";
  EXPECT_THAT(HostAgent::start(loop_, config).error().message, HasSubstr("send by none"));
  config.collectors[0].device = "an-interface-of-that-name";
  EXPECT_THAT(HostAgent::start(loop_, config).error().message, HasSubstr("no name of"));
  config.collectors[0].device.clear();
  config.collectors[0].network_namespace = "fxt-none";
  EXPECT_THAT(HostAgent::start(loop_, config).error().message, HasSubstr("fxt-none"));
}

}  // namespace
}  // namespace fabrix::agent
