// Two edges and two cores of a real Open vSwitch, with traffic between hosts at the edges.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>

#include "fabric/openflow_network.h"
#include "fabric/simulated.h"
#include "net/frame.h"
#include "tests/fabric/leaf_spine.h"
#include "tests/fabric/network_link.h"
#include "tests/fabric/wire.h"
#include "tests/openflow/private_ovs.h"

namespace fabrix::fabric {
namespace {

using Clock = std::chrono::steady_clock;
using tests::run_program;

constexpr std::uint64_t kFirstMac = 0x020000000000;
constexpr std::uint16_t kNumbered = 7777;  // UDP port

std::string mac_of(unsigned port) {
  return "02:00:00:00:00:0" + std::to_string(port);
}
std::string address_of(unsigned port) {
  return "10.0.0." + std::to_string(port);
}

// Frames without a tag go by destination address; from port 2 to port 4 none does.
program::ProgramPtr by_destination() {
  auto made = std::make_shared<program::Program>();
  auto& rows = made->table(program::TableId::kAdmit);
  for (std::uint32_t port = 1; port <= 4; ++port) {
    for (std::uint32_t to = 1; to <= 4; ++to) {
      if (port == to || (port == 2 && to == 4)) continue;
      program::Row row;
      row.priority = 10;
      row.match.exact(net::Field::kInPort, port);
      row.match.exact(net::Field::kVlanId, 0);
      row.match.exact(net::Field::kDstMac, kFirstMac + to);
      row.next = program::Output{net::PortNo{to}};
      rows.push_back(row);
    }
  }
  made->canonicalize();
  return made;
}

// A UDP socket in a namespace.
class Endpoint {
 public:
  Endpoint(const std::string& netns, unsigned port) {
    const int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    const int there = open(("/run/netns/" + netns).c_str(), O_RDONLY | O_CLOEXEC);
    if (there >= 0 && setns(there, CLONE_NEWNET) == 0) {
      socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      // A veth leaves the checksum to a device that is not there.
      const int yes = 1;
      setsockopt(socket_, SOL_SOCKET, SO_NO_CHECK, &yes, sizeof yes);
      const sockaddr_in own = address(port);
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API.
      (void)bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own);
    }
    setns(home, CLONE_NEWNET);
    close(home);
    if (there >= 0) close(there);
  }
  Endpoint(const Endpoint&) = delete;
  Endpoint(Endpoint&&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  Endpoint& operator=(Endpoint&&) = delete;
  ~Endpoint() { close(socket_); }

  void send_number(std::uint32_t number, unsigned to) const {
    const sockaddr_in there = address(to);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API.
    const auto* generic = reinterpret_cast<const sockaddr*>(&there);
    sendto(socket_, &number, sizeof number, 0, generic, sizeof there);
  }

  std::optional<std::uint32_t> receive() const {
    std::uint32_t number = 0;
    return recv(socket_, &number, sizeof number, 0) == sizeof number ? std::optional(number)
                                                                     : std::nullopt;
  }

 private:
  static sockaddr_in address(unsigned port) {
    sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_port = htons(5000);
    inet_pton(AF_INET, address_of(port).c_str(), &made.sin_addr);
    return made;
  }

  int socket_ = -1;
};

// Numbered packets from one port to another, at a fixed rate, on a thread of its own.
class Stream {
 public:
  static constexpr std::chrono::microseconds kInterval{1000};

  Stream(const Endpoint& from, const Endpoint& at, unsigned to)
      : from_(from), at_(at), to_(to), thread_([this] { run(); }) {}
  Stream(const Stream&) = delete;
  Stream(Stream&&) = delete;
  Stream& operator=(const Stream&) = delete;
  Stream& operator=(Stream&&) = delete;
  ~Stream() { stop(); }

  void stop() {
    ended_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::uint32_t sent() const { return sent_; }

  std::uint32_t received() const { return received_; }
  // Until so many more packets have arrived; false: they do not.
  bool await(std::uint32_t more) const {
    const std::uint32_t enough = received_ + more;
    const auto patience = Clock::now() + std::chrono::seconds(20);
    while (received_ < enough && Clock::now() < patience) std::this_thread::sleep_for(kInterval);
    return received_ >= enough;
  }

  // After stop().
  std::uint32_t lost() const { return sent_ - received_; }
  std::uint32_t out_of_order() const { return out_of_order_; }
  std::chrono::microseconds longest_gap() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(longest_gap_);
  }

 private:
  void run() {
    auto next = Clock::now();
    while (!ended_) {
      next += kInterval;
      from_.send_number(sent_++, to_);
      take();
      std::this_thread::sleep_until(next);
    }
    const auto patience = Clock::now() + std::chrono::milliseconds(300);
    while (Clock::now() < patience && received_ < sent_) take();
  }

  void take() {
    while (const auto number = at_.receive()) {
      const auto now = Clock::now();
      if (received_ > 0) {
        longest_gap_ = std::max(longest_gap_, now - last_at_);
        if (*number < last_) ++out_of_order_;
      }
      ++received_;
      last_ = *number;
      last_at_ = now;
    }
  }

  const Endpoint& from_;
  const Endpoint& at_;
  unsigned to_;
  std::atomic<bool> ended_ = false;
  std::atomic<std::uint32_t> sent_ = 0;
  std::atomic<std::uint32_t> received_ = 0;
  std::atomic<std::uint32_t> out_of_order_ = 0;
  std::uint32_t last_ = 0;
  Clock::time_point last_at_;
  Clock::duration longest_gap_{};
  std::thread thread_;
};

class NetworkTrafficTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = tests::PrivateOvs::unavailable()) GTEST_SKIP() << *reason;
    ASSERT_TRUE(ovs_.start()) << ovs_.error();
    ASSERT_TRUE(link_.listen_on(ovs_.run_directory() + "/ix.ctl"));
    for (const char* name : {"e1", "e2", "c1", "c2"}) make_switch(name);
    wire("e1", 21, "c1", 31);
    wire("e1", 22, "c2", 31);
    wire("e2", 21, "c1", 32);
    wire("e2", 22, "c2", 32);
    for (unsigned port = 1; port <= 4; ++port) make_host(port);
    for (const char* name : {"e1", "e2", "c1", "c2"}) connect(name);
    network_.on_ready = [this] { ++ready_; };
    ASSERT_TRUE(link_.run_until([this] { return ready_ >= 4; })) << network_.status();
    const auto installed = link_.install(by_destination());
    ASSERT_TRUE(installed && *installed) << (installed ? installed->error().message : "");
  }

  void TearDown() override {
    for (const std::string& host : hosts_) run_program({"ip", "netns", "delete", host});
  }

  static void ip(std::vector<std::string> words, const std::string& netns) {
    words.insert(words.begin(), {"ip", "-n", netns});
    const auto ran = run_program(words);
    ASSERT_EQ(ran.status, 0) << words[3] << ' ' << words[4] << ' ' << words[5] << ran.output;
  }

  void make_switch(const std::string& name) {
    ASSERT_TRUE(ovs_.bridge(name)) << ovs_.error();
    ASSERT_TRUE(
        ovs_.vsctl({"set", "bridge", name, "other-config:datapath-id=00000000000000" + name}));
  }

  void connect(const std::string& name) {
    ASSERT_TRUE(ovs_.vsctl({"set-controller", name, "unix:" + ovs_.run_directory() + "/ix.ctl",
                            "--", "set", "controller", name, "max_backoff=1000"}));
  }

  void wire(const std::string& one, unsigned port, const std::string& other, unsigned its) {
    ip({"link", "add", one + other, "type", "veth", "peer", "name", other + one}, ovs_.netns());
    ip({"link", "set", one + other, "up"}, ovs_.netns());
    ip({"link", "set", other + one, "up"}, ovs_.netns());
    ASSERT_TRUE(ovs_.add_port(one, one + other, port, "system")) << ovs_.error();
    ASSERT_TRUE(ovs_.add_port(other, other + one, its, "system")) << ovs_.error();
  }

  // Knows the others without asking.
  void make_host(unsigned port) {
    const std::string host = ovs_.netns() + "-h" + std::to_string(port);
    const std::string device = "m" + std::to_string(port);
    ASSERT_EQ(run_program({"ip", "netns", "add", host}).status, 0);
    hosts_.push_back(host);
    ip({"link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", host},
       ovs_.netns());
    ip({"link", "set", device, "up"}, ovs_.netns());
    ip({"link", "set", "eth0", "address", mac_of(port), "up"}, host);
    ip({"address", "add", address_of(port) + "/24", "dev", "eth0"}, host);
    for (unsigned other = 1; other <= 4; ++other) {
      if (other == port) continue;
      ip({"neighbor", "add", address_of(other), "lladdr", mac_of(other), "dev", "eth0"}, host);
    }
    const std::string edge = port <= 2 ? "e1" : "e2";
    ASSERT_TRUE(ovs_.add_port(edge, device, port % 2 == 1 ? 11 : 12, "system")) << ovs_.error();
  }

  bool pings(unsigned from, unsigned to) {
    return run_program(
               {"ip", "netns", "exec", hosts_[from - 1], "ping", "-c1", "-W1", address_of(to)})
               .status == 0;
  }

  // Both links of the core.
  void set_core(const std::string& core, const std::string& state) {
    for (const char* edge : {"e1", "e2"}) ip({"link", "set", core + edge, state}, ovs_.netns());
  }

  std::ptrdiff_t broken_links() const {
    return std::ranges::count(network_.links(), false, &OpenFlowNetwork::Part::is_right);
  }

  // Packets arrive while the controller is served.
  bool goes_on(const Stream& stream) {
    const std::uint32_t enough = stream.received() + 500;
    return link_.run_until([&stream, enough] { return stream.received() >= enough; });
  }

  tests::PrivateOvs ovs_;
  OpenFlowNetwork network_{leaf_spine()};
  NetworkLink link_{network_};
  std::vector<std::string> hosts_;
  int ready_ = 0;
};

TEST_F(NetworkTrafficTest, FramesPassBetweenEdgesAsTheProgramSays) {
  EXPECT_TRUE(pings(1, 2));
  EXPECT_TRUE(pings(1, 3)) << network_.status() << ovs_.dump_flows("e1") << ovs_.dump_flows("c1");
  EXPECT_TRUE(pings(4, 1));
  EXPECT_FALSE(pings(2, 4));
  EXPECT_EQ(network_.status().find("link"), std::string::npos) << network_.status();
}

// A frame of that number, from one port to another, as its host sends it.
net::Packet numbered(unsigned from, unsigned to, std::uint16_t vlan, std::uint16_t number) {
  net::Packet packet;
  packet.in_port = net::PortNo{from};
  packet.src_mac = net::MacAddress::from_u64(kFirstMac + from);
  packet.dst_mac = net::MacAddress::from_u64(kFirstMac + to);
  packet.vlan_id = vlan;
  packet.eth_type = net::kEthTypeIpv4;
  packet.src_ip = *net::IpAddress::parse(address_of(from));
  packet.dst_ip = *net::IpAddress::parse(address_of(to));
  packet.protocol = net::kProtocolUdp;
  packet.src_port = number;
  packet.dst_port = kNumbered;
  return packet;
}

// Numbers and tags of such frames that come out, up to that number.
using Seen = std::vector<std::pair<std::uint16_t, std::uint16_t>>;
Seen seen_at(const tests::Wire& wire, std::uint16_t last) {
  Seen seen;
  while (const auto frame = wire.take()) {
    const auto packet = net::parse_frame(*frame);
    if (!packet || packet->protocol != net::kProtocolUdp || packet->dst_port != kNumbered) continue;
    seen.emplace_back(packet->src_port, packet->vlan_id);
    if (packet->src_port == last) break;
  }
  return seen;
}

// Ports at both edges have tags, and ports at both have none: with the right tag, another's, and
// none, from each port to each, frames come out as the simulated fabric has it.
TEST_F(NetworkTrafficTest, TagsOfPortsAreTakenOffAndPutOnAtTheEdges) {
  const PortTags tags{{net::PortNo{1}, 101}, {net::PortNo{3}, 103}};
  SimulatedFabric simulated;
  simulated.set_tags(tags);
  simulated.install(by_destination(), [](const Result<void>&) {});
  network_.set_tags(tags);
  ASSERT_TRUE(link_.install(std::make_shared<program::Program>()));
  const auto installed = link_.install(by_destination());
  ASSERT_TRUE(installed && *installed);

  std::uint16_t number = 1000;
  for (unsigned to = 1; to <= 4; ++to) {
    const tests::Wire there(hosts_[to - 1]);
    for (unsigned from = 1; from <= 4; ++from) {
      if (from == to || (from == 2 && to == 4)) continue;
      SCOPED_TRACE(std::to_string(from) + " to " + std::to_string(to));
      const tests::Wire here(hosts_[from - 1]);
      Seen wanted;
      const std::uint16_t own = tag_of(tags, net::PortNo{from});
      for (const std::uint16_t tag :
           {std::uint16_t{0}, std::uint16_t{101}, std::uint16_t{103}, own}) {
        const net::Packet packet = numbered(from, to, tag, ++number);
        const auto outcome = simulated.send(packet);
        if (outcome.output == net::PortNo{to}) wanted.emplace_back(number, outcome.packet.vlan_id);
        ASSERT_TRUE(here.put(net::build_frame(packet)));
      }
      ASSERT_FALSE(wanted.empty());
      EXPECT_EQ(wanted.back(), std::pair(number, tag_of(tags, net::PortNo{to})));
      EXPECT_EQ(seen_at(there, number), wanted);
    }
  }
}

// Whichever core the flow goes by is one of the two, and both die in turn, with the controller
// looking away at first: the edges find the other way by themselves.
TEST_F(NetworkTrafficTest, AFlowKeepsItsOrderAndOutlivesACore) {
  const Endpoint from(hosts_[0], 1);
  const Endpoint to(hosts_[2], 3);
  Stream stream(from, to, 3);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(goes_on(stream));
  EXPECT_EQ(stream.out_of_order(), 0U);
  for (const std::string core : {"c1", "c2"}) {
    set_core(core, "down");
    ASSERT_TRUE(stream.await(500)) << "without the controller";
    ASSERT_TRUE(link_.run_until([this] { return broken_links() == 2; })) << network_.status();
    ASSERT_TRUE(goes_on(stream));
    set_core(core, "up");
    ASSERT_TRUE(link_.run_until([this] { return broken_links() == 0; })) << network_.status();
    ASSERT_TRUE(goes_on(stream));
  }
  stream.stop();
  std::printf("%u packets, %u lost, %u out of order, longest gap %lld us\n", stream.sent(),
              stream.lost(), stream.out_of_order(),
              static_cast<long long>(stream.longest_gap().count()));
}

}  // namespace
}  // namespace fabrix::fabric
