// FlowSpec between two real GoBGP daemons: one announces a rule, the other hears of it while the
// announcer's unicast route holds it up.
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/child_process.h"
#include "io/command.h"
#include "tests/controller/bgp_world.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kDaemon = "/usr/bin/gobgpd";
constexpr std::string_view kClient = "/usr/bin/gobgp";

// It only dials: the namespace has one loopback for all.
constexpr std::string_view kConfiguration = R"([global.config]
  as = {asn}
  router-id = "{address}"
  port = -1
[[neighbors]]
  [neighbors.config]
    peer-as = 65000
    neighbor-address = "172.0.255.254"
  [neighbors.timers.config]
    connect-retry = 1
  [neighbors.transport.config]
    local-address = "{address}"
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv4-unicast"
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv4-flowspec"
)";

constexpr std::string_view kB = "172.0.0.11";
constexpr std::string_view kC = "172.0.0.21";

class GoBgpFlowSpecTest : public BgpWorld {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kDaemon) || !std::filesystem::exists(kClient)) {
      GTEST_SKIP() << "gobgpd is not installed";
    }
    BgpWorld::SetUp();
    if (IsSkipped()) return;
    exchange_.route_server.flowspec = exchange::FlowSpecScope::kEveryone;
    for (const auto* name : {"B", "C"}) session_of(name).flowspec = true;
    start();
    start_gobgp("b", 200, kB);
    start_gobgp("c", 300, kC);
    ASSERT_TRUE(wait([&] { return view(kB).state == kUp && view(kC).state == kUp; }));
  }

  void TearDown() override {
    daemons_.clear();
    BgpWorld::TearDown();
  }

  std::string target(std::string_view name) const {
    return fmt::format("unix://{}/{}.sock", directory_.path(), name);
  }

  void start_gobgp(const std::string& name, unsigned asn, std::string_view address) {
    const std::string file = directory_ / (name + ".toml");
    std::ofstream(file) << fmt::format(kConfiguration, fmt::arg("asn", asn),
                                       fmt::arg("address", address));
    io::ChildOptions options;
    options.process.argv = {std::string(kDaemon), "-f",         file,
                            "--api-hosts",        target(name), "--pprof-disable"};
    options.process.network_namespace = namespace_->name();
    options.process.parent_death = io::ParentDeath::kKill;
    auto child = io::ChildProcess::start(loop_, options, [](const io::ExitStatus&) {});
    ASSERT_TRUE(child) << child.error().message;
    daemons_.push_back(*std::move(child));
  }

  // What the daemon answers; empty if it does not.
  std::string ask(std::string_view name, std::vector<std::string> words) const {
    io::CommandOptions options;
    options.process.argv = {std::string(kClient), "--target", target(name)};
    options.process.argv.insert(options.process.argv.end(), words.begin(), words.end());
    const auto output = io::run_command(options);
    return output ? output->out + output->err : output.error().message;
  }
  void tell(std::string_view name, std::vector<std::string> words) const {
    EXPECT_EQ(ask(name, std::move(words)), "");
  }

  std::string rules_of(std::string_view name) const {
    return ask(name, {"global", "rib", "-a", "ipv4-flowspec"});
  }

  // Serves the loop until the daemon knows of the rule, or does not.
  bool wait_for_rule(std::string_view name, bool known) {
    const auto give_up = io::EventLoop::now() + kPatience;
    while (io::EventLoop::now() < give_up) {
      const bool is_known = rules_of(name).find("destination: 140.0.0.0/25") != std::string::npos;
      if (is_known == known) return true;
      loop_.run_until([] { return false; }, std::chrono::milliseconds(50));
    }
    return false;
  }

  std::string verdicts() const {
    std::string text;
    controller_.flowspec().for_each([&](const auto&, auto entries) {
      for (const auto& entry : entries) text += to_string(entry.verdict) + "\n";
    });
    return text;
  }

  io::testing::TemporaryDirectory directory_;
  std::vector<io::ChildProcess> daemons_;
};

const std::vector<std::string> kRule{"match",    "destination", "140.0.0.0/25",
                                     "protocol", "==udp",       "destination-port",
                                     "==53",     "then",        "discard"};

std::vector<std::string> change(std::string verb) {
  std::vector<std::string> words{"global", "rib", "-a", "ipv4-flowspec", std::move(verb)};
  words.insert(words.end(), kRule.begin(), kRule.end());
  return words;
}

TEST_F(GoBgpFlowSpecTest, Rfc8955_6_ARuleIsHeardWhileItsMembersRouteHoldsItUp) {
  // Before there is a route, the rule is nobody's to make.
  tell("b", change("add"));
  ASSERT_TRUE(wait([&] { return !verdicts().empty(); }));
  EXPECT_EQ(verdicts(), "no unicast route covers the destination\n");

  tell("b", {"global", "rib", "-a", "ipv4", "add", "140.0.0.0/24"});
  ASSERT_TRUE(wait_for_rule("c", true)) << rules_of("c") << verdicts();
  const std::string heard = rules_of("c");
  EXPECT_NE(heard.find("protocol: ==udp"), std::string::npos) << heard;
  EXPECT_NE(heard.find("destination-port: ==53"), std::string::npos) << heard;
  EXPECT_NE(heard.find("discard"), std::string::npos) << heard;
  EXPECT_NE(heard.find(" 200 "), std::string::npos) << "the path is B's alone: " << heard;

  tell("b", {"global", "rib", "-a", "ipv4", "del", "140.0.0.0/24"});
  ASSERT_TRUE(wait_for_rule("c", false)) << rules_of("c");
  EXPECT_EQ(verdicts(), "no unicast route covers the destination\n");

  tell("b", {"global", "rib", "-a", "ipv4", "add", "140.0.0.0/24"});
  ASSERT_TRUE(wait_for_rule("c", true));
  tell("b", change("del"));
  EXPECT_TRUE(wait_for_rule("c", false));
  EXPECT_EQ(verdicts(), "");
}

TEST_F(GoBgpFlowSpecTest, Rfc8955_6_ARuleAboutAnothersNetworkIsNotTold) {
  Speaker& a = establish("172.0.0.1");
  a.announce(World::path({100}), World::address("172.0.0.1"), {World::prefix("140.0.0.0/24")});
  tell("b", change("add"));
  ASSERT_TRUE(wait([&] {
    return verdicts() == "the best unicast route for the destination is another member's\n";
  })) << verdicts();
  // A rule that may be told, later than the one that may not.
  tell("b", {"global", "rib", "-a", "ipv4", "add", "150.0.0.0/24"});
  tell("b", {"global", "rib", "-a", "ipv4-flowspec", "add", "match", "destination", "150.0.0.0/24",
             "then", "discard"});
  const auto give_up = io::EventLoop::now() + kPatience;
  while (rules_of("c").find("150.0.0.0/24") == std::string::npos &&
         io::EventLoop::now() < give_up) {
    loop_.run_until([] { return false; }, std::chrono::milliseconds(50));
  }
  const std::string heard = rules_of("c");
  EXPECT_NE(heard.find("150.0.0.0/24"), std::string::npos) << heard;
  EXPECT_EQ(heard.find("140.0.0.0/25"), std::string::npos) << heard;
}

}  // namespace
}  // namespace fabrix::controller
