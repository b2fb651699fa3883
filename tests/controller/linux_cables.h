// Members of a Linux fabric for tests: network namespaces at the other ends of its ports.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/mount.h>

#include "controller/linux_fabric.h"
#include "io/addresses.h"
#include "io/command.h"
#include "io/event_loop.h"
#include "io/links.h"
#include "io/namespace.h"
#include "net/frame.h"
#include "program/program.h"
#include "tests/io/world.h"

namespace fabrix::controller::tests {

// Member i (from 1) has eth0, with 10.9.0.i and 2001:db8:9::i, at port i of the fabric, p<i>.
class LinuxCables : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kMembers = 3;
  static constexpr auto kPatience = io::testing::kPatience;

  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    for (std::uint32_t i = 1; i <= kMembers; ++i) connect(i);
  }

  static net::MacAddress mac_of(std::uint32_t member) {
    return net::MacAddress({0x08, 0, 0x27, 0, 9, static_cast<std::uint8_t>(member)});
  }
  static std::string port_name(std::uint32_t member) { return "p" + std::to_string(member); }
  const std::string& member(std::uint32_t number) const { return members_.at(number - 1)->name(); }

  void connect(std::uint32_t number) {
    members_.push_back(std::make_unique<io::testing::TestNamespace>());
    auto fabric = fabric_home_.netlink();
    auto home = members_.back()->netlink();
    ASSERT_TRUE(io::create_veth(
        fabric, {.name = port_name(number)},
        {.name = "eth0", .mac = mac_of(number), .network_namespace = members_.back()->name()}));
    const std::string last = std::to_string(number);
    for (const std::string& text : {"10.9.0." + last + "/24", "2001:db8:9::" + last + "/64"}) {
      const std::string address = text.substr(0, text.find('/'));
      const auto length = static_cast<std::uint8_t>(std::stoul(text.substr(text.find('/') + 1)));
      ASSERT_TRUE(io::add_address(
          home, {.link = "eth0", .address = io::testing::ip(address), .length = length}));
    }
    ASSERT_TRUE(io::set_link_up(fabric, port_name(number)));
    ASSERT_TRUE(io::set_link_up(home, "eth0"));
  }

  static std::vector<LinuxPort> all_ports() {
    std::vector<LinuxPort> ports;
    for (std::uint32_t i = 1; i <= kMembers; ++i) {
      ports.push_back({net::PortNo{i}, port_name(i)});
    }
    return ports;
  }

  std::unique_ptr<LinuxFabric> start(const std::string& pin_directory = "") {
    const auto scope = io::NamespaceScope::enter(fabric_home_.name());
    EXPECT_TRUE(scope);
    auto fabric = LinuxFabric::start(loop_, {.ports = all_ports(), .pin_directory = pin_directory});
    EXPECT_TRUE(fabric) << fabric.error().message;
    return fabric ? *std::move(fabric) : nullptr;
  }

  static void install(LinuxFabric& fabric, const program::Program& program) {
    bool called = false;
    fabric.install(std::make_shared<const program::Program>(program), [&](Result<void> outcome) {
      called = true;
      EXPECT_TRUE(outcome) << outcome.error().message;
    });
    EXPECT_TRUE(called);
  }

  // A fabric that sends what comes from one port to another, and back.
  static program::Program wire(std::uint32_t from, std::uint32_t to) {
    program::Program program;
    for (const auto& [in, out] : {std::pair{from, to}, std::pair{to, from}}) {
      program::Row row;
      row.priority = 10;
      row.match.exact(net::Field::kInPort, in);
      row.next = program::Output{net::PortNo{out}};
      program.table(program::TableId::kAdmit).push_back(row);
    }
    program.canonicalize();
    return program;
  }

  // What a command said in a member's namespace; its success.
  struct Said {
    bool success = false;
    std::string text;
  };
  Said run(std::uint32_t number, std::vector<std::string> argv) const {
    return run_in(member(number), std::move(argv));
  }
  static Said run_in(const std::string& network_namespace, std::vector<std::string> argv) {
    const auto output = io::run_command({.process = {.argv = std::move(argv),
                                                     .environment = {},
                                                     .working_directory = {},
                                                     .network_namespace = network_namespace},
                                         .timeout = std::chrono::seconds(30)});
    EXPECT_TRUE(output) << output.error().message;
    if (!output) return {};
    return {output->status.success(), output->out + output->err};
  }
  // No kernel says anything by itself any more, at either end of a cable: IPv6 would.
  void hush() const {
    const std::vector<std::string> quiet{"sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"};
    for (std::uint32_t i = 1; i <= kMembers; ++i) ASSERT_TRUE(run(i, quiet).success);
    ASSERT_TRUE(run_in(fabric_home_.name(), quiet).success);
  }

  // Whether there is an answer to one request.
  bool ping_once(std::uint32_t number, const std::string& address) const {
    return run(number, {"ping", "-c", "1", "-W", "1", address}).success;
  }
  // Whether there is one in the end: address resolution that failed before is given up for a while.
  bool ping(std::uint32_t number, const std::string& address) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!ping_once(number, address)) {
      if (std::chrono::steady_clock::now() > deadline) return false;
    }
    return true;
  }

  io::EventLoop loop_;
  io::testing::TestNamespace fabric_home_;
  std::vector<std::unique_ptr<io::testing::TestNamespace>> members_;
};

// With a directory for a fabric that outlives its object.
class PinnedCables : public LinuxCables {
 protected:
  void TearDown() override {
    if (pins_.empty()) return;
    const auto removed = LinuxFabric::remove(pins_);
    EXPECT_TRUE(removed) << removed.error().message;
    umount2(pins_.c_str(), MNT_DETACH);
    std::filesystem::remove(pins_);
  }
  const std::string& pins() {
    pins_ = (std::filesystem::temp_directory_path() /
             ("fxt-bpf-" + std::to_string(getpid()) + "-" + fabric_home_.name()))
                .string();
    return pins_;
  }

  std::string pins_;
};

// Pings that go on while something is done, 200 a second, until so many were answered.
class Flood {
 public:
  Flood(const std::string& home, const std::string& address, int count) : count_(count) {
    // Without -w it would wait for the last answer no longer than for the next turn to ask.
    thread_ = std::thread([=, this] {
      const auto output = io::run_command({.process = {.argv = {"ping", "-c", std::to_string(count),
                                                                "-i", "0.005", "-w", "60", address},
                                                       .environment = {},
                                                       .working_directory = {},
                                                       .network_namespace = home},
                                           .timeout = std::chrono::seconds(90)});
      if (output) text_ = output->out;
      over_ = true;
    });
  }
  bool is_over() const { return over_; }
  // Waits for the end. The numbers of those that were not answered, though later ones were; all, if
  // none was.
  std::vector<int> lost() {
    thread_.join();
    constexpr std::string_view kNumber = "icmp_seq=";
    std::set<int> answered;
    for (auto at = text_.find(kNumber); at != std::string::npos; at = text_.find(kNumber, at + 1)) {
      answered.insert(std::stoi(text_.substr(at + kNumber.size(), 9)));
    }
    const int last = answered.empty() ? count_ : std::max(count_, *answered.rbegin());
    std::vector<int> missing;
    for (int number = 1; number <= last; ++number) {
      if (!answered.contains(number)) missing.push_back(number);
    }
    return missing;
  }

 private:
  int count_;
  std::thread thread_;
  std::string text_;
  std::atomic<bool> over_ = false;
};

}  // namespace fabrix::controller::tests
