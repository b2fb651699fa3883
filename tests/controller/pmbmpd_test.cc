// A collector that is not ours: what pmacct's pmbmpd makes of a connection is what the table holds.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "controller/bmp_connection.h"
#include "io/child_process.h"
#include "io/command.h"
#include "io/file.h"
#include "io/listener.h"
#include "tests/io/world.h"
#include "tests/monitoring/world.h"

namespace fabrix::controller {
namespace {

using io::testing::kPatience;
using monitoring::PeerKey;
using monitoring::RouteState;
using monitoring::testing::attributes;
using monitoring::testing::prefix;
using monitoring::testing::route;
using monitoring::testing::session;

// The value of a member of a JSON object on one line; empty: there is none.
std::string member(const std::string& line, const std::string& name) {
  const std::string key = "\"" + name + "\": ";
  const auto found = line.find(key);
  if (found == std::string::npos) return "";
  auto value = line.substr(found + key.size());
  if (value.starts_with('"')) return value.substr(1, value.find('"', 1) - 1);
  return value.substr(0, value.find_first_of(",}"));
}

class PmbmpdTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto found = io::run_command({.process = {.argv = {"pmbmpd", "-V"}}});
    if (!found) GTEST_SKIP() << "needs pmbmpd (package pmacct)";
    const std::uint16_t port = free_port();
    const std::string config = directory_ / "pmbmpd.conf";
    ASSERT_TRUE(io::write_file_atomically(
        config, fmt::format("bmp_daemon_ip: 127.0.0.1\nbmp_daemon_port: {}\n"
                            "bmp_daemon_msglog_file: {}\nbmp_daemon_max_peers: 4\n",
                            port, log())));
    io::ChildOptions options;
    options.process.argv = {"pmbmpd", "-f", config};
    auto child = io::ChildProcess::start(loop_, options, [](const io::ExitStatus&) {});
    ASSERT_TRUE(child) << child.error().message;
    collector_.emplace(*std::move(child));
    fill();
    connection_.emplace(loop_,
                        BmpStation{.endpoint = io::IpEndpoint{io::testing::ip("127.0.0.1"), port},
                                   .feed = {.system_name = "rs1", .system_description = "Fabrix"},
                                   .first_retry = std::chrono::milliseconds(20),
                                   .last_retry = std::chrono::milliseconds(20)},
                        table_);
    connection_->start();
  }

  std::uint16_t free_port() {
    return io::Listener::listen(loop_, io::IpEndpoint{io::testing::ip("127.0.0.1"), 0}, {},
                                [](const io::ByteStream&) {})
        .value()
        .port();
  }

  void fill() {
    table_.sessions = {session(1), session(2, net::Family::kIpv6)};
    bgp::PathAttributes rich = attributes({64501, 7, 4'200'000'000});
    rich.med = 30;
    rich.communities = {bgp::Community{65535U << 16U | 666U}, bgp::Community{100U << 16U | 1U}};
    rich.large_communities = {{65000, 1, 2}};
    table_.routes[prefix("198.51.100.0/24")] = {
        route(1, rich, "192.0.2.11"),
        route(2, attributes({64502}), "192.0.2.12", RouteState::kFiltered)};
    table_.routes[prefix("2001:db8:1::/48")] = {route(2, attributes({64502, 1}), "2001:db8::c")};
  }

  std::string log() const { return directory_ / "messages.json"; }

  // "update pre 192.0.2.11 198.51.100.0/24 192.0.2.11 64501 7", of what came of a kind.
  std::vector<std::string> heard(const std::string& kind) const {
    const auto text = io::read_file(log(), std::size_t{1} << 20U);
    std::vector<std::string> all;
    std::string rest = text ? *text : "";
    for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
      const std::string line = rest.substr(0, end);
      rest.erase(0, end + 1);
      if (member(line, "bmp_msg_type") != kind) continue;
      std::string said = member(line, "log_type");
      said += member(line, "is_post") == "1" ? " post" : " pre";
      for (const char* const name : {"peer_ip", "ip_prefix", "bgp_nexthop", "as_path", "comms",
                                     "lcomms", "med", "reason_type"}) {
        const auto value = member(line, name);
        if (!value.empty()) said += " " + value;
      }
      all.push_back(said);
    }
    return all;
  }

  std::vector<std::string> in_order(const std::string& kind) const {
    auto all = heard(kind);
    std::ranges::sort(all);
    return all;
  }

  bool wait_for(const std::string& kind, std::size_t count) {
    return loop_.run_until(
        [&] {
          loop_.post([] {});
          return heard(kind).size() >= count;
        },
        kPatience);
  }

  using Strings = std::vector<std::string>;
  const io::testing::TemporaryDirectory directory_;
  io::EventLoop loop_;
  monitoring::testing::MemoryTable table_;
  std::optional<io::ChildProcess> collector_;
  std::optional<BmpConnection> connection_;
};

TEST_F(PmbmpdTest, Rfc7854_5_ACollectorHoldsWhatTheTableHolds) {
  ASSERT_TRUE(wait_for("route_monitor", 5));
  EXPECT_EQ(in_order("peer_up"), (Strings{" pre 192.0.2.11", " pre 2001:db8::c"}));
  const std::string rich =
      " 192.0.2.11 198.51.100.0/24 192.0.2.11 64501 7 4200000000 100:1 65535:666 65000:1:2 30";
  const std::string six = " 2001:db8::c 2001:db8:1::/48 2001:db8::c 64502 1";
  const std::string filtered = " 2001:db8::c 198.51.100.0/24 192.0.2.12 64502";
  EXPECT_EQ(in_order("route_monitor"),
            (Strings{"update post" + rich, "update post" + six, "update pre" + rich,
                     "update pre" + filtered, "update pre" + six}));

  // It is judged otherwise, and is gone; its peer is gone.
  const std::vector prefixes{prefix("198.51.100.0/24")};
  connection_->routes_judged(
      {.peer = PeerKey{1},
       .prefixes = prefixes,
       .now = route(1, attributes({64501}), "192.0.2.11", RouteState::kFiltered),
       .before = RouteState::kAccepted,
       .time = monitoring::testing::time()});
  connection_->routes_changed({.peer = PeerKey{1},
                               .prefixes = prefixes,
                               .now = std::nullopt,
                               .before = RouteState::kFiltered,
                               .time = monitoring::testing::time()});
  connection_->peer_down(PeerKey{2}, monitoring::RemoteClosed{}, monitoring::testing::time());
  ASSERT_TRUE(wait_for("peer_down", 1));
  EXPECT_EQ(heard("peer_down"), Strings{" pre 2001:db8::c 4"});
  const auto all = heard("route_monitor");
  ASSERT_EQ(all.size(), 7U);
  EXPECT_EQ(all[5], "withdraw post 192.0.2.11 198.51.100.0/24");
  EXPECT_EQ(all[6], "withdraw pre 192.0.2.11 198.51.100.0/24");
}

}  // namespace
}  // namespace fabrix::controller
