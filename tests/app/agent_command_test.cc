#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <map>
#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/socket.h>

#include "io/datagram_socket.h"
#include "io/socket_address.h"
#include "sflow/datagram.h"
#include "sflow/flow_records.h"
#include "sflow/record.h"
#include "tests/app/running_command.h"
#include "tests/io/world.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using testing::kPatience;

// The command at the near end of a cable, where its collector is this process.
class AgentCommandTest : public io::testing::CableTest {
 protected:
  struct Flow {
    sflow::FlowSample sample;
    sflow::SampledHeader header;
    std::vector<std::byte> octets;
    std::map<std::string, std::uint64_t> tcp;
  };

  void SetUp() override {
    CableTest::SetUp();
    if (IsSkipped()) return;
    auto scope = io::NamespaceScope::enter(near_->name());
    scope_.emplace(*std::move(scope));
    auto collector = io::DatagramSocket::bind({.address = io::testing::ip("127.0.0.1"), .port = 0});
    collector_.emplace(*std::move(collector));
    auto netlink = near_->netlink();
    index_ = io::find_link(netlink, "eth0").value().index;
  }

  std::string config(const std::string& more) const {
    return scratch_.write(
        "agent.conf",
        fmt::format("sflow {{ polling=1 collector {{ ip=127.0.0.1 udpport={} }} {} }}",
                    collector_->local().port, more));
  }

  void start(std::vector<std::string> words) {
    words.insert(words.begin(), "agent");
    command_.emplace(loop_, std::move(words), near_->name());
    ASSERT_TRUE(command_->says("ends this")) << command_->err();
  }

  void receive() {
    for (const auto& received : collector_->receive()) {
      const auto datagram = sflow::Datagram::open(received.octets);
      ASSERT_TRUE(datagram);
      auto samples = datagram->samples();
      while (const auto item = samples.next()) {
        if (sflow::is_flow_sample(item->tag)) {
          take(sflow::read_flow_sample(*item).value());
        } else {
          take(sflow::read_counter_sample(*item).value());
        }
      }
    }
  }

  void take(const sflow::FlowSample& sample) {
    Flow& flow = flows_.emplace_back();
    flow.sample = sample;
    auto records = sample.records();
    while (const auto record = records.next()) {
      if (record->tag == sflow::kSampledHeader) {
        flow.header = sflow::read_sampled_header(record->body).value();
        flow.octets.assign(flow.header.header.begin(), flow.header.header.end());
      }
      if (record->tag != sflow::Tag::of(0, 2209)) continue;
      sflow::FieldCursor fields(*sflow::find_flow_schema(record->tag), record->body);
      while (const auto field = fields.next()) {
        flow.tcp[std::string(field->schema->name)] = std::get<std::uint64_t>(field->value);
      }
    }
  }

  void take(const sflow::CounterSample& sample) {
    auto records = sample.records();
    while (const auto record = records.next()) {
      if (sample.source.index != index_ || record->tag != sflow::Tag::of(0, 1)) continue;
      sflow::FieldCursor fields(*sflow::find_counter_schema(record->tag), record->body);
      while (const auto field = fields.next()) {
        counters_[std::string(field->schema->name)] = std::get<std::uint64_t>(field->value);
      }
    }
  }

  bool wait(const std::function<bool()>& done) {
    // The loop asks after each event; some of the things that are waited for are none.
    io::Timer wake(loop_, [] {});
    const auto deadline = io::EventLoop::now() + kPatience;
    for (bool is_done = false; !is_done;) {
      if (io::EventLoop::now() > deadline) return false;
      wake.start(std::chrono::milliseconds(10));
      (void)loop_.run_until([&] { return !wake.is_running(); }, kPatience);
      receive();
      is_done = done();
    }
    return true;
  }

  std::string shown(std::vector<std::string> argv) const {
    io::CommandOptions options;
    options.process.argv = std::move(argv);
    options.process.network_namespace = near_->name();
    return io::run_checked(options).value_or("");
  }

  static void send_datagrams(int count) {
    auto socket = io::DatagramSocket::open(net::Family::kIpv4).value();
    const std::array<std::byte, 200> payload{};
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(socket.send({.address = io::testing::ip("192.0.2.2"), .port = 9}, payload));
    }
  }

  testing::Scratch scratch_;
  io::EventLoop loop_;
  std::optional<io::NamespaceScope> scope_;
  std::optional<io::DatagramSocket> collector_;
  std::uint32_t index_ = 0;
  std::optional<testing::RunningCommand> command_;
  std::vector<Flow> flows_;
  std::map<std::string, std::uint64_t> counters_;
};

// As tests/agent/packet_sampler_test.cc says: six times the root of n / (3 * rate).
TEST_F(AgentCommandTest, SamplesAreOneInSoManyOfWhatPassed) {
  constexpr std::uint32_t kRate = 20;
  constexpr int kPackets = 10'000;
  start({"--config", config("pcap { dev=eth0 sampling=20 }")});
  const auto cpus = static_cast<double>(sysconf(_SC_NPROCESSORS_CONF));
  const double begun = 2 * kRate * cpus;
  const auto pool = [&] { return flows_.empty() ? 0U : flows_.back().sample.sample_pool; };
  for (int sent = 0; sent < kPackets; sent += 500) {
    send_datagrams(500);
    ASSERT_TRUE(wait([&] { return pool() + begun >= sent; }));
  }
  ASSERT_TRUE(wait([&] { return pool() + begun >= kPackets; }));
  // Numbered, so that none was lost on its way here.
  const Flow& last = flows_.back();
  EXPECT_EQ(last.sample.sequence, flows_.size());
  const double expected = static_cast<double>(pool()) / kRate;
  const double sigma = std::sqrt(static_cast<double>(pool()) / (3 * kRate));
  EXPECT_NEAR(static_cast<double>(flows_.size() + last.sample.drops), expected,
              6 * sigma + 2 * cpus);
  const auto sent = std::ranges::find_if(flows_, [](const Flow& flow) {
    return flow.header.frame_length == 246;  // 200 octets, UDP, IPv4, Ethernet with its FCS
  });
  ASSERT_NE(sent, flows_.end());
  EXPECT_EQ(sent->sample.source, (sflow::SourceId{.type = 0, .index = index_}));
  EXPECT_EQ(sent->sample.sampling_rate, kRate);
  EXPECT_EQ(sent->sample.input.value, sflow::Interface::kInternal);
  EXPECT_EQ(sent->sample.output.value, index_);
  EXPECT_EQ(sent->header.stripped, 4U);
  EXPECT_EQ(sent->octets.size(), 128U);
  // What is counted is what iproute2 shows, once both have looked at the same moment.
  EXPECT_TRUE(wait([&] {
    const std::string link = shown({"ip", "-s", "link", "show", "dev", "eth0"});
    const auto shows = [&](const std::string& name) {
      return link.find(fmt::format(" {} ", counters_[name])) != std::string::npos;
    };
    return counters_["ifOutUcastPkts"] >= kPackets && shows("ifOutOctets") &&
           shows("ifOutUcastPkts") && shows("ifInOctets");
  }));
  EXPECT_LE(pool(), counters_["ifOutUcastPkts"] + counters_["ifInUcastPkts"] +
                        counters_["ifInMulticastPkts"]);
  command_->signal(SIGINT);
  EXPECT_TRUE(command_->ended().success());
  EXPECT_THAT(command_->err(), HasSubstr(" samples, 0 lost; "));
}

// A word of `ss -ti`, such as "mss:1448".
std::string word_after(const std::string& text, const std::string& key) {
  const std::size_t begin = text.find(" " + key);
  if (begin == std::string::npos) return "";
  const std::size_t value = begin + key.size() + 1;
  return text.substr(value, text.find_first_of(" \n/", value) - value);
}

TEST_F(AgentCommandTest, ASampledTcpPacketSaysHowItsConnectionIs) {
  start({"--config", config("tcp { }"), "--interface", "eth0", "--sampling", "1"});
  io::FileDescriptor listening;
  {
    const auto scope = io::NamespaceScope::enter(far_->name());
    listening = io::FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  const auto local =
      io::SocketAddress::from(
          io::Endpoint(io::IpEndpoint{.address = io::testing::ip("192.0.2.2"), .port = 0}))
          .value();
  ASSERT_EQ(bind(listening.get(), local.data(), local.size()), 0);
  ASSERT_EQ(listen(listening.get(), 1), 0);
  const auto remote = io::SocketAddress::of(listening.get(), getsockname);
  const io::FileDescriptor near(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(connect(near.get(), remote.data(), remote.size()), 0);
  const io::FileDescriptor far(accept(listening.get(), nullptr, nullptr));
  const auto has = [&](std::uint64_t direction) {
    return std::ranges::any_of(flows_, [&](const Flow& flow) {
      const auto found = flow.tcp.find("tcpinfo_direction");
      return found != flow.tcp.end() && found->second == direction;
    });
  };
  std::array<char, 1000> data{};
  ASSERT_TRUE(wait([&] {
    EXPECT_EQ(send(near.get(), data.data(), data.size(), 0), 1000);
    EXPECT_EQ(recv(far.get(), data.data(), data.size(), MSG_WAITALL), 1000);
    return has(1) && has(2);
  }));
  // What does not change while the connection lasts is as ss shows it.
  const std::string said = shown({"ss", "-tinH", "dst", "192.0.2.2"});
  const auto sent = std::ranges::find_if(flows_, [](const Flow& flow) {
    const auto found = flow.tcp.find("tcpinfo_direction");
    return found != flow.tcp.end() && found->second == 2;
  });
  ASSERT_NE(sent, flows_.end());
  EXPECT_EQ(std::to_string(sent->tcp["tcpinfo_send_mss"]), word_after(said, "mss:")) << said;
  EXPECT_EQ(std::to_string(sent->tcp["tcpinfo_path_mtu"]), word_after(said, "pmtu:"));
  EXPECT_EQ(std::to_string(sent->tcp["tcpinfo_receive_mss"]), word_after(said, "rcvmss:"));
  EXPECT_GT(sent->tcp["tcpinfo_rtt_uS"], 0U);
  EXPECT_GE(sent->tcp["tcpinfo_rtt_uS"], sent->tcp["tcpinfo_rtt_uS_min"]);
}

TEST_F(AgentCommandTest, ReadsItsFileAgain) {
  const std::string file = config("pcap { dev=eth0 sampling=7 }");
  start({"--config", file});
  EXPECT_THAT(command_->err(), HasSubstr("samples eth0 1:7"));
  (void)scratch_.write("agent.conf", "sflow { pcap { } }");
  command_->signal(SIGHUP);
  EXPECT_TRUE(command_->says("'pcap' does not say enough"));  // and goes on
  (void)config("pcap { dev=eth0 sampling=8 }");
  command_->signal(SIGHUP);
  EXPECT_TRUE(command_->says("samples eth0 1:8"));
  command_->signal(SIGTERM);
  EXPECT_TRUE(command_->ended().success());
}

TEST(AgentCommandUsageTest, SaysWhatIsWrong) {
  const testing::Scratch scratch;
  EXPECT_THAT(fabrix({"agent", "--help"}).out, HasSubstr("usage: fabrix agent"));
  EXPECT_EQ(fabrix({"agent"}).status.code, 2);
  const std::string file = scratch.write("a.conf", "sflow { poling=3 }\n");
  const auto wrong = fabrix({"agent", "--config", file});
  EXPECT_EQ(wrong.status.code, 78);
  EXPECT_THAT(wrong.err, HasSubstr("a.conf:1:9"));
  EXPECT_THAT(wrong.err, HasSubstr("did you mean 'polling'?"));
  EXPECT_EQ(fabrix({"agent", "--config", scratch / "none"}).status.code, 78);
  const auto nowhere = fabrix({"agent", "--config", scratch.write("b.conf", "sflow { }\n")});
  EXPECT_EQ(nowhere.status.code, 78);
  EXPECT_THAT(nowhere.err, HasSubstr("there is no collector"));
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"agent", "--collector", "192.0.2.300"},
           {"agent", "--collector", "nobody:a"},
           {"agent", "--collector", "nobody,"},
           {"agent", "--collector", "192.0.2.1", "--sampling", "0", "--interface", "a"},
           {"agent", "--collector", "192.0.2.1", "--polling", "often"},
           {"agent", "--collector", "192.0.2.1", "--direction", "up"},
           {"agent", "--collector", "192.0.2.1", "--interface", "a,,b"}}) {
    EXPECT_EQ(fabrix(words).status.code, 2) << words.back();
  }
}

TEST(AgentCommandUsageTest, ChecksAFileWithoutRunning) {
  const testing::Scratch scratch;
  const auto checked = fabrix(
      {"agent", "--check", "--config",
       scratch.write("a.conf", "sflow { collector { ip=192.0.2.1 } nvml { } pcap { dev=x } }\n")});
  EXPECT_EQ(checked.status.code, 0);
  EXPECT_THAT(checked.err, HasSubstr("warning[H0104]: 'nvml' of hsflowd"));
}

}  // namespace
}  // namespace fabrix::app
