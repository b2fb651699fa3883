#include "lab/fib_sync.h"

#include <algorithm>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/lab/daemon_world.h"

namespace fabrix::lab {
namespace {

using testing::ip;
using testing::prefix;

io::Route installed(const std::string& destination, const std::string& gateway) {
  return {.destination = prefix(destination),
          .gateway = ip(gateway),
          .link = "ix0",
          .protocol = io::kRouteProtocolBgp,
          .metric = 20};
}

LearnedRoute learned(const std::string& destination, const std::string& gateway) {
  return {prefix(destination), ip(gateway)};
}

TEST(FibChangeTest, IsNothingWhenTheKernelHasWhatWasLearned) {
  const std::vector<io::Route> kernel{installed("203.0.113.0/24", "192.0.2.77"),
                                      installed("2001:db8:77::/48", "2001:db8::77")};
  const std::vector<LearnedRoute> routes{learned("2001:db8:77::/48", "2001:db8::77"),
                                         learned("203.0.113.0/24", "192.0.2.77")};
  EXPECT_EQ(fib_change(kernel, routes), FibChange{});
}

TEST(FibChangeTest, ReplacesAChangedGatewayInOneStep) {
  const std::vector<io::Route> kernel{installed("203.0.113.0/24", "192.0.2.77")};
  const FibChange change = fib_change(kernel, std::vector{learned("203.0.113.0/24", "192.0.2.78")});
  EXPECT_TRUE(change.remove.empty());
  ASSERT_EQ(change.replace.size(), 1U);
  EXPECT_EQ(change.replace[0].gateway, ip("192.0.2.78"));
}

using Random = std::mt19937;

std::string one_of_three(Random& random) {
  return "192.0.2." + std::to_string(random() % 3);
}

std::vector<io::Route> random_kernel(Random& random) {
  std::vector<io::Route> routes;
  for (int net = 0; net < 6; ++net) {
    const std::string destination = "203.0." + std::to_string(net) + ".0/24";
    if (random() % 2 == 0) continue;
    routes.push_back(installed(destination, one_of_three(random)));
    if (random() % 4 == 0) routes.back().metric = 7;
  }
  return routes;
}

// Sorted.
std::vector<LearnedRoute> random_rib(Random& random) {
  std::vector<LearnedRoute> routes;
  for (int net = 0; net < 6; ++net) {
    const std::string destination = "203.0." + std::to_string(net) + ".0/24";
    if (random() % 2 == 0) routes.push_back(learned(destination, one_of_three(random)));
  }
  return routes;
}

// The kernel replaces what has the same destination and metric.
void carry_out(const FibChange& change, std::vector<io::Route>& kernel) {
  for (const io::Route& gone : change.remove) std::erase(kernel, gone);
  for (const io::Route& added : change.replace) {
    std::erase_if(kernel, [&](const io::Route& one) {
      return one.destination == added.destination && one.metric == added.metric;
    });
    kernel.push_back(added);
  }
}

TEST(FibChangeTest, LeadsFromAnyTableToWhatWasLearned) {
  constexpr unsigned kSeed = 20260521;
  SCOPED_TRACE(kSeed);
  Random random(kSeed);
  for (int round = 0; round < 500; ++round) {
    std::vector<io::Route> kernel = random_kernel(random);
    const std::vector<LearnedRoute> wanted = random_rib(random);
    carry_out(fib_change(kernel, wanted), kernel);
    std::vector<LearnedRoute> result(kernel.size());
    std::ranges::transform(kernel, result.begin(), [](const io::Route& one) {
      return LearnedRoute{one.destination, one.gateway.value()};
    });
    std::ranges::sort(result, {}, &LearnedRoute::destination);
    EXPECT_EQ(result, wanted);
  }
}

TEST(FibSyncTest, RefusesDaemonsThatInstallTheirRoutesThemselves) {
  const auto done = run_fib_sync({DaemonKind::kBird, "/nowhere", ""});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "bird installs its routes itself");
}

TEST(FibSyncTest, HasACommandThatWantsThreeArguments) {
  EXPECT_EQ(fib_sync_command({}), 2);
  EXPECT_EQ(fib_sync_command(std::vector<std::string>{"zebra", "/nowhere", ""}), 2);
  EXPECT_EQ(fib_sync_command(std::vector<std::string>{"frr", "/nowhere", ""}), 1);
}

TEST(FibSyncTest, ReachesGoBgpThroughASocketInItsDirectory) {
  EXPECT_EQ(gobgp_api("/lab/a1"), "unix:///lab/a1/gobgpd.sock");
}

}  // namespace
}  // namespace fabrix::lab

// start_fib_sync() starts the program that it is part of, which in tests is this one.
int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() > 2 && arguments[0] == "internal" && arguments[1] == "fib-sync") {
    return fabrix::lab::fib_sync_command(std::span(arguments).subspan(2));
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
