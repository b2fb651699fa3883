// BirdWorld: a BgpWorld whose router b1 is a real BIRD, in a network namespace of its own, over a
// cable. Skipped where BIRD is not installed.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "io/child_process.h"
#include "io/command.h"
#include "tests/controller/bgp_world.h"

namespace fabrix::controller {

class BirdWorld : public BgpWorld {
 protected:
  BirdWorld() : BgpWorld("b1") {}

  void SetUp() override {
    if (!std::filesystem::exists("/usr/sbin/bird")) GTEST_SKIP() << "bird is not installed";
    BgpWorld::SetUp();
    if (IsSkipped()) return;
    far_.emplace();
    auto netlink = namespace_->netlink();
    const auto made =
        io::create_veth(netlink, {.name = "eth0", .mac = near_mac_, .network_namespace = ""},
                        {.name = "eth0", .mac = far_mac_, .network_namespace = far_->name()});
    ASSERT_TRUE(made) << made.error().message;
    give(*namespace_, "172.0.255.254", "2001:db8:ff::fffe");
    give(*far_, "172.0.0.11", "2001:db8:ff::11");
  }

  void configure_bird(std::string_view text) {
    std::ofstream(directory_ / "bird.conf", std::ios::trunc) << text;
  }

  void TearDown() override {
    bird_.reset();
    far_.reset();
    BgpWorld::TearDown();
  }

  static void give(const io::testing::TestNamespace& where, const std::string& v4,
                   const std::string& v6) {
    auto netlink = where.netlink();
    ASSERT_TRUE(io::set_link_up(netlink, "lo"));
    ASSERT_TRUE(io::set_link_up(netlink, "eth0"));
    ASSERT_TRUE(
        io::add_address(netlink, {.link = "eth0", .address = World::address(v4), .length = 16}));
    ASSERT_TRUE(
        io::add_address(netlink, {.link = "eth0", .address = World::address(v6), .length = 64}));
  }

  // `more` are further arguments.
  void start_bird(const std::vector<std::string>& more = {}) {
    io::ChildOptions options;
    options.process.argv = {"/usr/sbin/bird",
                            "-f",
                            "-c",
                            directory_ / "bird.conf",
                            "-s",
                            directory_ / "bird.ctl",
                            "-P",
                            directory_ / "bird.pid"};
    options.process.argv.insert(options.process.argv.end(), more.begin(), more.end());
    options.process.network_namespace = far_->name();
    options.process.parent_death = io::ParentDeath::kKill;
    auto child = io::ChildProcess::start(loop_, options, [](const io::ExitStatus&) {});
    ASSERT_TRUE(child) << child.error().message;
    bird_.emplace(*std::move(child));
  }

  void kill_bird() {
    bird_->send_signal(SIGKILL);
    ASSERT_TRUE(wait([this] { return !bird_->is_running(); }));
  }

  // What birdc prints; empty while BIRD does not listen.
  std::string birdc(const std::vector<std::string>& words) {
    io::CommandOptions options;
    options.process.argv = {"/usr/sbin/birdc", "-s", directory_ / "bird.ctl"};
    options.process.argv.insert(options.process.argv.end(), words.begin(), words.end());
    // It ends with an error when it finds no route, and says so.
    const auto output = io::run_command(options);
    return output ? output->out : "";
  }

  // Serves the loop until BIRD says what is wanted.
  bool wait_for_bird(const std::vector<std::string>& words,
                     const std::function<bool(const std::string&)>& is_wanted) {
    const auto give_up = io::EventLoop::now() + kPatience;
    while (io::EventLoop::now() < give_up) {
      said_ = birdc(words);
      if (is_wanted(said_)) return true;
      loop_.run_until([] { return false; }, std::chrono::milliseconds(50));
    }
    return false;
  }

  bool knows(const std::string& prefix, const std::vector<std::string>& texts) {
    return wait_for_bird({"show", "route", "for", prefix, "all"}, [&](const std::string& said) {
      return std::ranges::all_of(
          texts, [&](const std::string& text) { return said.find(text) != std::string::npos; });
    });
  }

  // BIRD reads another configuration.
  void reconfigure_bird(std::string_view text) {
    configure_bird(text);
    EXPECT_NE(birdc({"configure"}).find("Reconfig"), std::string::npos);
  }

  net::MacAddress near_mac_{{2, 0, 0, 0, 0, 1}};
  net::MacAddress far_mac_{{2, 0, 0, 0, 0, 2}};
  std::optional<io::testing::TestNamespace> far_;
  io::testing::TemporaryDirectory directory_;
  std::optional<io::ChildProcess> bird_;
  std::string said_;
};

}  // namespace fabrix::controller
