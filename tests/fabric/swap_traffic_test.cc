// Programs of which every rule differs replace one another on a real Open vSwitch while packets go:
// none meets some of the one and some of the other, with bundles (OpenFlow 1.4) and without (1.3).
#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>

#include "net/frame.h"
#include "net/packet.h"
#include "tests/fabric/on_open_vswitch.h"

namespace fabrix::fabric {
namespace {

constexpr std::uint32_t kMixed = 4;
constexpr std::uint64_t kMany = 1500;

// What enters at port 1 leaves at port 2 by the first version's rules, at 3 by the second's, and
// at 4 by a rule of the one and a rule of the other. Then there are many that nothing meets.
program::ProgramPtr version(std::uint64_t number) {
  auto program = std::make_shared<program::Program>();
  program::Row admit;
  admit.priority = 10;
  admit.match.exact(net::Field::kInPort, 1);
  admit.write_metadata = {.bits = number, .mask = 3};
  admit.next = program::Goto{program::TableId::kTransit};
  program->table(program::TableId::kAdmit) = {admit};
  for (std::uint64_t i = 0; i < kMany; ++i) {
    program::Row other;
    other.priority = 20;
    other.match.exact(net::Field::kInPort, 5);
    other.match.exact(net::Field::kDstMac, 0x020000000000 + 0x10000 * number + i);
    other.next = program::Output{net::PortNo{2}};
    program->table(program::TableId::kAdmit).push_back(other);
  }
  for (std::uint64_t met = 1; met <= 2; ++met) {
    program::Row transit;
    transit.priority = 10;
    transit.match.metadata = {.bits = met, .mask = 3};
    transit.next = program::Output{
        net::PortNo{met == number ? static_cast<std::uint32_t>(1 + number) : kMixed}};
    program->table(program::TableId::kTransit).push_back(transit);
  }
  program->canonicalize();
  return program;
}

// Frames out of a device of a namespace, on a thread of its own.
class Sender {
 public:
  Sender(const std::string& netns, const std::string& device) {
    const int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    const int there = open(("/run/netns/" + netns).c_str(), O_RDONLY | O_CLOEXEC);
    if (there >= 0 && setns(there, CLONE_NEWNET) == 0) {
      socket_ = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
      sockaddr_ll place{};
      place.sll_family = AF_PACKET;
      place.sll_ifindex = static_cast<int>(if_nametoindex(device.c_str()));
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API.
      EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&place), sizeof place), 0);
    }
    setns(home, CLONE_NEWNET);
    close(home);
    if (there >= 0) close(there);
    thread_ = std::thread([this] { run(); });
  }
  Sender(const Sender&) = delete;
  Sender(Sender&&) = delete;
  Sender& operator=(const Sender&) = delete;
  Sender& operator=(Sender&&) = delete;
  ~Sender() {
    stop();
    close(socket_);
  }

  std::uint64_t stop() {
    ended_ = true;
    if (thread_.joinable()) thread_.join();
    return sent_;
  }

 private:
  void run() {
    const auto packet = net::parse_packet("udp 10.0.0.1:4000 -> 10.0.0.2:5000").value();
    const auto frame = net::build_frame(packet);
    auto next = std::chrono::steady_clock::now();
    while (!ended_) {
      next += std::chrono::microseconds(250);
      if (send(socket_, frame.data(), frame.size(), 0) > 0) ++sent_;
      std::this_thread::sleep_until(next);
    }
  }

  int socket_ = -1;
  std::atomic<bool> ended_ = false;
  std::uint64_t sent_ = 0;
  std::thread thread_;
};

class SwapTrafficTest : public OnOpenVswitch {
 protected:
  SwapTrafficTest()
      : OnOpenVswitch({net::PortNo{1}, net::PortNo{2}, net::PortNo{3}, net::PortNo{4}}) {}

  void SetUp() override {
    OnOpenVswitch::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (unsigned port = 1; port <= 4; ++port) {
      const std::string name = "p" + std::to_string(port);
      ASSERT_TRUE(ovs_.add_port("ix", name, port)) << ovs_.error();
      const auto up = tests::run_program({"ip", "-n", ovs_.netns(), "link", "set", name, "up"});
      ASSERT_EQ(up.status, 0) << up.output;
    }
  }

  void speak(const std::string& protocols) {
    bool ready = false;
    fabric_.on_ready = [&ready] { ready = true; };
    ASSERT_TRUE(ovs_.vsctl({"set", "bridge", "ix", "protocols=" + protocols})) << ovs_.error();
    link_.hang_up();
    ASSERT_TRUE(link_.run_until([&ready] { return ready; }));
    fabric_.on_ready = nullptr;
  }

  // Packets that left at a port.
  std::uint64_t left_at(std::uint32_t port) {
    const std::string name = "p" + std::to_string(port);
    const std::string text =
        tests::run_program({"ip", "netns", "exec", ovs_.netns(), "cat",
                            "/sys/class/net/" + name + "/statistics/rx_packets"})
            .output;
    return text.empty() ? 0 : std::stoull(text);
  }

  void swap_under_traffic() {
    ASSERT_TRUE(link_.install(version(1)).value());
    const std::uint64_t before = left_at(2) + left_at(3);
    Sender sender(ovs_.netns(), "p1");
    for (std::uint64_t swap = 0; swap < 10; ++swap) {
      const auto installed = link_.install(version(2 - swap % 2));
      ASSERT_TRUE(installed && *installed);
    }
    const std::uint64_t sent = sender.stop();
    link_.run_until([this] { return fabric_.in_sync(); });
    const std::uint64_t arrived = left_at(2) + left_at(3) - before;
    std::cout << sent << " packets, " << arrived << " by one version, " << left_at(kMixed)
              << " by both\n";
    EXPECT_EQ(left_at(kMixed), 0U);
    EXPECT_GT(arrived, sent / 2);
    EXPECT_GT(left_at(2), 0U);
    EXPECT_GT(left_at(3), 0U);
  }
};

TEST_F(SwapTrafficTest, NoPacketMeetsTwoVersionsWithBundles) {
  swap_under_traffic();
}

TEST_F(SwapTrafficTest, NoPacketMeetsTwoVersionsWithoutBundles) {
  speak("OpenFlow13");
  ASSERT_FALSE(HasFatalFailure());
  swap_under_traffic();
}

// The switch has room for one version, and half of another: all of that goes again.
TEST_F(SwapTrafficTest, AFullTableRefusesTheNewVersionWholeWithoutBundles) {
  speak("OpenFlow13");
  const program::ProgramPtr first = version(1);
  ASSERT_TRUE(link_.install(first).value());  // in the second bank: it is the first change
  ASSERT_TRUE(
      ovs_.vsctl({"--", "--id=@t", "create", "Flow_Table", "flow_limit=700",
                  "overflow_policy=refuse", "--", "set", "bridge", "ix", "flow_tables:0=@t"}))
      << ovs_.error();
  const auto outcome = link_.install(version(2));
  ASSERT_TRUE(outcome);
  ASSERT_FALSE(*outcome);
  EXPECT_EQ(outcome->error().message, "flow mod failed: table full");
  std::optional<Result<FabricAudit>> found;
  fabric_.audit(first, [&found](Result<FabricAudit> audit) { found = std::move(audit); });
  ASSERT_TRUE(link_.run_until([&found] { return found.has_value(); }));
  ASSERT_TRUE(*found);
  EXPECT_TRUE((*found)->agrees());
  EXPECT_EQ((*found)->right, kMany + 3);
}

}  // namespace
}  // namespace fabrix::fabric
