// Datagrams that no agent should send, to the real command: it goes on, answers, and does not grow.
#include <array>
#include <csignal>
#include <fstream>
#include <functional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <sys/types.h>

#include "io/datagram_socket.h"
#include "sflow/datagram_writer.h"
#include "sflow/record.h"
#include "tests/app/running_analyzer.h"
#include "tests/sflow/frames.h"

namespace fabrix::app {
namespace {

using testing::RunningAnalyzer;
using Octets = std::vector<std::byte>;
using Random = std::mt19937;

// What the kernel keeps of them until they are read, whatever its limits are.
constexpr std::size_t kBatch = 32;
constexpr std::size_t kLongest = 1400;

std::uint32_t any(Random& random) {
  return static_cast<std::uint32_t>(random());
}

void put(Octets& octets, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4 && at + i < octets.size(); ++i) {
    octets[at + i] = static_cast<std::byte>(value >> (24 - 8 * i));
  }
}

Octets words(const std::vector<std::uint32_t>& numbers) {
  Octets octets(numbers.size() * 4);
  for (std::size_t i = 0; i < numbers.size(); ++i) put(octets, i * 4, numbers[i]);
  return octets;
}

net::IpAddress agent(std::uint32_t number) {
  return net::IpAddress::v4({10, static_cast<std::uint8_t>(number >> 16U),
                             static_cast<std::uint8_t>(number >> 8U),
                             static_cast<std::uint8_t>(number)});
}

sflow::Bytes bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// A packet from anywhere, what its host says, and an interface's counters.
Octets good(Random& random, const sflow::DatagramHeader& header, const sflow::SourceId& source) {
  sflow::DatagramWriter out(header);
  Octets frame = sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80");
  for (std::size_t at = 26; at < 30; ++at) frame[at] = static_cast<std::byte>(random());
  out.begin(
      sflow::FlowSample{.sequence = any(random), .source = source, .sampling_rate = any(random)},
      sflow::SampleForm::kExpanded);
  out.record(sflow::SampledHeader{.protocol = 1, .frame_length = any(random), .header = frame});
  out.begin(sflow::CounterSample{.sequence = any(random), .source = source},
            sflow::SampleForm::kExpanded);
  std::vector<sflow::FieldValue> counters(19);
  for (auto& counter : counters) counter = std::uint64_t{random()};
  const auto interface = sflow::Tag::of(0, 1);
  out.record(interface, sflow::encode_record(*sflow::find_counter_schema(interface), counters));
  const std::string name = "host" + std::to_string(random());
  const Octets uuid(16);
  const auto host = sflow::Tag::of(0, 2000);
  const std::vector<sflow::FieldValue> described{bytes(name), sflow::Bytes(uuid), std::uint64_t{3},
                                                 std::uint64_t{2}, bytes("6.1")};
  out.record(host, sflow::encode_record(*sflow::find_counter_schema(host), described));
  const auto adapters = sflow::Tag::of(0, 2001);
  out.record(adapters, words({1, 3, 1, any(random), 0}));
  return out.take();
}

Octets ordinary(Random& random) {
  return good(random, {.agent = agent(1), .sequence = any(random)}, {0, 7});
}

using Kind = std::function<Octets(Random&)>;

Octets noise(Random& random) {
  Octets octets(random() % kLongest);
  for (std::byte& octet : octets) octet = static_cast<std::byte>(random());
  return octets;
}

Octets noise_after_a_header(Random& random) {
  Octets octets = words({5, 1, 0x0a000001, 0, 1, 1, 0xffffffff, 1});
  const Octets rest = noise(random);
  octets.insert(octets.end(), rest.begin(), rest.end());
  return octets;
}

Octets cut_off(Random& random) {
  Octets octets = ordinary(random);
  octets.resize(random() % octets.size());
  return octets;
}

Octets damaged(Random& random) {
  Octets octets = ordinary(random);
  for (std::uint32_t n = any(random) % 8; n-- > 0;) {
    octets[random() % octets.size()] = static_cast<std::byte>(random());
  }
  return octets;
}

// Numbers and lengths as large as they get, or a little too large.
Octets huge(Random& random) {
  static constexpr std::array kValues{0xffffffffU, 0xfffffffeU, 0x80000000U, 0x7fffffffU,
                                      0x40000000U, 0x10000U,    0x401U,      0xfffffffcU};
  Octets octets = ordinary(random);
  for (std::uint32_t n = 1 + any(random) % 3; n-- > 0;) {
    put(octets, random() % (octets.size() / 4) * 4, kValues[random() % kValues.size()]);
  }
  return octets;
}

// Every agent another one, every port, every sequence: as many of each as there are.
Octets anybody(Random& random) {
  return good(random,
              {.agent = agent(any(random) & 0xffffffU),
               .sub_agent = any(random),
               .sequence = any(random),
               .uptime_ms = any(random)},
              {any(random) % 5, any(random) & 0xffffffU});
}

Octets any_port(Random& random) {
  return good(random, {.agent = agent(2), .sequence = any(random)}, {0, any(random) & 0xffffffU});
}

// Of each kind, and what they come to; one after another as they would in the wild.
class Flood {
 public:
  explicit Flood(RunningAnalyzer& analyzer) : analyzer_(analyzer) {
    const std::string to = analyzer.sflow();
    const auto port = static_cast<std::uint16_t>(std::stoi(to.substr(to.rfind(':') + 1)));
    to_ = {net::IpAddress::v4({127, 0, 0, 1}), port};
  }

  void send(std::size_t count) {
    static const std::vector<Kind> kinds{
        noise, noise_after_a_header, cut_off, damaged, huge, anybody, any_port, ordinary};
    for (std::size_t n = 1; n <= count; ++n) {
      send(kinds[n % kinds.size()](random_));
      if (n % kBatch != 0 && n != count) continue;
      ASSERT_TRUE(is_taken()) << n;
    }
  }

  void send(const Octets& datagram) {
    EXPECT_TRUE(socket_.send(to_, datagram));
    octets_ += datagram.size();
  }

  // Whether all that was sent has come, sooner or later.
  bool is_taken() {
    const auto deadline = io::Clock::now() + testing::kPatience;
    while (received() != octets_) {
      if (io::Clock::now() > deadline) return false;
    }
    return true;
  }

 private:
  std::size_t received() {
    const auto counters = boost::json::parse(analyzer_.ask("GET /analyzer/json"));
    return counters.at("sFlowBytesReceived").to_number<std::size_t>();
  }

  RunningAnalyzer& analyzer_;
  io::DatagramSocket socket_ = io::DatagramSocket::open(net::Family::kIpv4).value();
  io::IpEndpoint to_;
  std::size_t octets_ = 0;
  Random random_{20261122};  // NOLINT(cert-msc51-cpp): the same every time
};

// In kilobytes, of /proc/PID/status.
std::size_t resident(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  while (status >> word && word != "VmRSS:") {
  }
  std::size_t kilobytes = 0;
  status >> kilobytes;
  return kilobytes;
}

// Clock ticks that the process has run for, of /proc/PID/stat: fields 14 and 15.
std::size_t ticks(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(stat, line);
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  std::size_t user = 0;
  std::size_t system = 0;
  fields >> user >> system;
  return user + system;
}

class SflowHostile : public ::testing::Test {
 protected:
  SflowHostile() {
    // All kinds of state that samples can fill.
    const auto put = [&](const std::string& path, const std::string& body) {
      EXPECT_EQ(analyzer_.ask("PUT " + path, body), "") << path;
    };
    put("/flow/pair/json", R"({"keys":"ipsource,ipdestination","value":"bytes","log":true})");
    put("/flow/wide/json",
        R"({"keys":"agent,inputifindex,macsource,stack,null:[host:macsource:host_name],)"
        R"(null:[mask:ipsource:24]","value":"frames","values":"count:ipsource,avg:bytes"})");
    put("/flow/drops/json", R"({"keys":"reason","value":"frames","dropped":true})");
    put("/threshold/pair/json", R"({"metric":"pair","value":1,"byFlow":true})");
    put("/threshold/load/json", R"({"metric":"ifinoctets","value":1})");
  }

  io::EventLoop loop_;
  RunningAnalyzer analyzer_{loop_, {"--dns", "127.0.0.1:1"}};
  Flood flood_{analyzer_};
};

TEST_F(SflowHostile, GoesOnAndAnswers) {
  ASSERT_NO_FATAL_FAILURE(flood_.send(4000));
  // A thousand random agents, ports and addresses later it still measures what is right.
  EXPECT_EQ(analyzer_.ask("PUT /flow/last/json", R"({"keys":"ipdestination","value":"frames"})"),
            "");
  Random random(1);  // NOLINT(cert-msc51-cpp): the same every time
  flood_.send(ordinary(random));
  ASSERT_TRUE(flood_.is_taken());
  const auto flows = boost::json::parse(analyzer_.ask("GET /activeflows/ALL/last/json"));
  ASSERT_EQ(flows.as_array().size(), 1U);
  EXPECT_EQ(flows.at(0).at("key"), "10.1.2.3");
  for (const char* const path :
       {"/agents/json", "/metrics/json", "/flowkeys/json", "/events/json", "/flows/json",
        "/activeflows/ALL/wide/json?aggMode=sum", "/dump/ALL/host_name/json"}) {
    boost::system::error_code wrong;
    boost::json::parse(analyzer_.ask(std::string("GET ") + path), wrong);
    EXPECT_FALSE(wrong) << path;
  }
  analyzer_.command().signal(SIGTERM);
  EXPECT_EQ(analyzer_.command().ended().code, 0);
}

// It is idle when there is nothing to do, and has not grown without bounds.
TEST_F(SflowHostile, NeitherSpinsNorGrows) {
  const pid_t pid = analyzer_.command().pid();
  ASSERT_NO_FATAL_FAILURE(flood_.send(3000));
  RecordProperty("resident_kilobytes", static_cast<int>(resident(pid)));
  // With sanitizers too, whose allocators keep what is free.
  constexpr std::size_t kMost = std::size_t{2} << 20U;
  EXPECT_LT(resident(pid), kMost);
  constexpr std::chrono::milliseconds kInterval{200};
  constexpr std::size_t kIdle = 4;  // of 20 ticks
  std::size_t before = ticks(pid);
  std::size_t ran = kIdle + 1;
  io::Timer timer(loop_, [&] {
    const std::size_t now = ticks(pid);
    ran = now - before;
    before = now;
    timer.start(kInterval);
  });
  timer.start(kInterval);
  EXPECT_TRUE(loop_.run_until([&] { return ran <= kIdle; }, testing::kPatience));
}

}  // namespace
}  // namespace fabrix::app
