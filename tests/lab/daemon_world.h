// The world of the daemons' tests: a router's plan; and, for real runs, the router's namespace and
// that of a transparent route server (BIRD) on one cable, all removed at the end.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "io/addresses.h"
#include "io/event_loop.h"
#include "io/file.h"
#include "io/links.h"
#include "io/namespace.h"
#include "io/netlink_socket.h"
#include "io/routes.h"
#include "lab/daemon.h"
#include "lab/processes.h"
#include "lab/program.h"

namespace fabrix::lab::testing {

inline net::IpAddress ip(const std::string& text) {
  return net::IpAddress::parse(text).value();
}

inline net::Prefix prefix(const std::string& text) {
  return net::Prefix::parse(text).value();
}

// Of the golden configurations and of the real runs.
inline RouterPlan sample_plan() {
  RouterPlan plan;
  plan.name = "a1";
  plan.asn = net::Asn{64501};
  plan.router_id = ip("192.0.2.1");
  plan.lan_addresses = {ip("192.0.2.1"), ip("2001:db8::1")};
  plan.route_server_asn = net::Asn{64500};
  plan.route_server_addresses = {ip("192.0.2.254"), ip("2001:db8::fe")};
  plan.route_server_port = 1790;
  plan.prefixes = {prefix("198.51.100.0/24"), prefix("2001:db8:1::/48")};
  plan.directory = "/lab/a1";
  return plan;
}

// A directory that other users may enter (FRR runs as one).
class WorldDirectory {
 public:
  WorldDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "fabrix-lab-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  ~WorldDirectory() { std::filesystem::remove_all(path_); }
  WorldDirectory(const WorldDirectory&) = delete;
  WorldDirectory& operator=(const WorldDirectory&) = delete;
  WorldDirectory(WorldDirectory&&) = delete;
  WorldDirectory& operator=(WorldDirectory&&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// What is called `done` within the deadline is asked every 50 ms. Generous: GoBGP takes up to ten
// seconds to connect for the first time, and machines are busy.
inline bool eventually(const std::function<bool()>& done) {
  constexpr std::chrono::seconds kPatience{60};
  constexpr std::chrono::milliseconds kPeriod{50};
  io::EventLoop loop;
  bool answer = false;
  std::unique_ptr<io::Timer> timer;
  timer = std::make_unique<io::Timer>(loop, [&] {
    answer = done();
    if (!answer) timer->start(kPeriod);
  });
  timer->start(std::chrono::milliseconds(0));
  return loop.run_until([&] { return answer; }, kPatience);
}

// The route server: passes routes on as they are, and has two of its own whose next hops are on the
// LAN and which begin with another AS than its own.
inline constexpr const char* kRouteServer = R"(
log "DIRECTORY/rs.log" all;
router id 192.0.2.254;
protocol device { }
protocol static announced4 { ipv4; route 203.0.113.0/24 via 192.0.2.77; }
protocol static announced6 { ipv6; route 2001:db8:77::/48 via 2001:db8::77; }
filter as_member {
  if source = RTS_STATIC then { bgp_path.prepend(64999); accept; }
  reject;
}
protocol bgp client4 {
  local 192.0.2.254 port 1790 as 64500;
  neighbor 192.0.2.1 as 64501;
  passive; rs client; direct; error wait time 1, 2;
  ipv4 { import all; export filter as_member; next hop keep; };
}
protocol bgp client6 {
  local 2001:db8::fe port 1790 as 64500;
  neighbor 2001:db8::1 as 64501;
  passive; rs client; direct; error wait time 1, 2;
  ipv6 { import all; export filter as_member; next hop keep; };
}
)";

class DaemonWorld : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: creates network namespaces";
    if (!find_program("bird")) GTEST_SKIP() << "bird is not installed: the route server";
    const std::string stem = "fxt-" + std::to_string(getpid()) + "-";
    namespaces_ = {stem + "router", stem + "rs"};
    ASSERT_NO_FATAL_FAILURE(build_network());
    ASSERT_NO_FATAL_FAILURE(start_route_server());
    plan_ = sample_plan();
    plan_.network_namespace = router();
    plan_.directory = directory_ / "router";
    std::filesystem::create_directory(plan_.directory);
  }

  void TearDown() override {
    if (namespaces_.empty()) return;
    const auto ended = end_processes_in(namespaces_);
    EXPECT_TRUE(ended) << ended.error().message;
    for (const std::string& name : namespaces_) EXPECT_TRUE(io::delete_namespace(name));
  }

  const std::string& router() const { return namespaces_.at(0); }
  const std::string& server() const { return namespaces_.at(1); }

  // Whether the route server has a route from the router.
  bool server_has(const net::Prefix& wanted) const {
    const auto answer = ask_server({"show", "route", "where", "source = RTS_BGP"});
    return answer && answer->find(wanted.to_string() + " ") != std::string::npos;
  }

  Result<std::string> ask_server(std::vector<std::string> words) const {
    words.insert(words.begin(), {"-s", directory_ / "rs.ctl"});
    return run_program({"birdc", std::move(words), {}});
  }

  // Whether the router's kernel sends packets for `destination` to `gateway`.
  bool kernel_has(const std::string& destination, const std::string& gateway) const {
    auto netlink = io::NetlinkSocket::open(router()).value();
    const net::Prefix wanted = prefix(destination);
    const auto routes = io::list_routes(netlink, wanted.family()).value();
    return std::ranges::any_of(routes, [&](const io::Route& route) {
      return route.destination == wanted && route.gateway == ip(gateway) && route.link == "ix0";
    });
  }

  bool kernel_knows(const net::Prefix& destination) const {
    auto netlink = io::NetlinkSocket::open(router()).value();
    const auto routes = io::list_routes(netlink, destination.family()).value();
    return std::ranges::find(routes, destination, &io::Route::destination) != routes.end();
  }

  WorldDirectory directory_;
  RouterPlan plan_;

 private:
  void build_network() {
    for (const std::string& name : namespaces_) {
      const auto created = io::create_namespace(name);
      ASSERT_TRUE(created) << created.error().message;
    }
    auto near = io::NetlinkSocket::open(router()).value();
    auto far = io::NetlinkSocket::open(server()).value();
    const auto cable =
        io::create_veth(near, {.name = "ix0"}, {.name = "ix0", .network_namespace = server()});
    ASSERT_TRUE(cable) << cable.error().message;
    add_addresses(near, "ix0", {{"192.0.2.1", 24}, {"2001:db8::1", 64}});
    add_addresses(near, "lo", {{"198.51.100.1", 32}, {"2001:db8:1::1", 128}});
    add_addresses(far, "ix0", {{"192.0.2.254", 24}, {"2001:db8::fe", 64}});
    add_addresses(far, "lo", {});
  }

  static void add_addresses(io::NetlinkSocket& netlink, const std::string& link,
                            const std::vector<std::pair<std::string, std::uint8_t>>& addresses) {
    EXPECT_TRUE(io::set_link_up(netlink, link));
    for (const auto& [address, length] : addresses) {
      EXPECT_TRUE(
          io::add_address(netlink, {.link = link, .address = ip(address), .length = length}));
    }
  }

  void start_route_server() {
    std::string text = kRouteServer;
    const std::string placeholder = "DIRECTORY/";
    text.replace(text.find(placeholder), placeholder.size(), directory_ / "");
    ASSERT_TRUE(io::write_file_atomically(directory_ / "rs.conf", text));
    const auto started = run_program(
        {"bird",
         {"-c", directory_ / "rs.conf", "-s", directory_ / "rs.ctl", "-P", directory_ / "rs.pid"},
         server()});
    ASSERT_TRUE(started) << started.error().message;
  }

  std::vector<std::string> namespaces_;
};

}  // namespace fabrix::lab::testing
