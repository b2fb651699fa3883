// Many clauses in the kernel, a fiftieth of what bench/controller/linux_scale_bench.cc measures:
// packets go where the Program sends them, and what was read back is what was told.
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "compiler/compiler.h"
#include "tests/compiler/world.h"
#include "tests/controller/linux_world.h"

namespace fabrix::controller::tests {
namespace {

constexpr unsigned kMembers = 50;
constexpr unsigned kClauses = 40;
constexpr std::uint32_t kSeed = 20261121;

class LinuxScaleTest : public LinuxWorld {
 protected:
  // Clauses of a member: TCP to a port of each, to the others in turn.
  static std::shared_ptr<const policy::Policy> policy_of(unsigned member, unsigned first_port) {
    std::vector<policy::Clause> clauses;
    for (unsigned i = 0; i < kClauses; ++i) {
      const auto port = static_cast<std::uint16_t>(first_port + i);
      clauses.push_back(compiler::clause(
          compiler::all_of({compiler::ether_type(net::kEthTypeIpv4),
                            compiler::test(net::Field::kProtocol, {{6, 6}}),
                            compiler::test(net::Field::kDstPort, {{port, port}})}),
          compiler::fwd(compiler::participant((member + 1 + i % (kMembers - 1)) % kMembers))));
    }
    return compiler::policy_of(
        compiler::list_of(std::move(clauses), policy::Shape::Kind::kParallel), {});
  }
  std::size_t suspects() const {
    const std::atomic<bool> stop = false;
    auto expected = datapath_->expectation();
    const auto found = read_datapath(datapath_->maps(), expected, stop);
    EXPECT_TRUE(found);
    return static_cast<std::size_t>(std::ranges::count_if(*found, [](const LinuxSuspect& each) {
      return each.place < LinuxPlace::kPortIn;  // the ports here are not the expectation's
    }));
  }
};

TEST_F(LinuxScaleTest, TwoThousandClausesDoWhatTheProgramMeans) {
  const auto exchange = compiler::make_exchange(std::vector<unsigned>(kMembers, 1));
  compiler::RouteTable routes(exchange);
  for (unsigned i = 0; i < kMembers; ++i) {
    routes.announce(compiler::router(i), compiler::prefix(fmt::format("20.{}.0.0/16", i)));
    routes.announce(compiler::router(i), compiler::prefix("30.0.0.0/16"), static_cast<int>(i));
    add_port(i + 1, i);
  }
  compiler::Compiler compiler(exchange, routes);
  for (unsigned i = 0; i < kMembers; ++i) {
    ASSERT_TRUE(compiler.set_policy(compiler::participant(i), policy_of(i, 1000), ""));
  }
  std::mt19937 random{kSeed};
  for (unsigned round = 0; round < 3; ++round) {
    // An edit of one member's.
    (void)compiler.set_policy(compiler::participant(7), policy_of(7, 1000 + 7 * round), "");
    const auto program = compiler.compile(std::chrono::steady_clock::time_point{}).program;
    install(*program);
    EXPECT_EQ(suspects(), 0U);
    std::vector<net::MacAddress> tags;
    for (const auto& each : program->neighbors) tags.push_back(each.mac);
    ASSERT_FALSE(tags.empty());
    for (int i = 0; i < 300; ++i) {
      const unsigned from = i % 3 == 0 ? 7 : static_cast<unsigned>(random()) % kMembers;
      net::Packet packet = net::parse_packet(fmt::format("tcp 10.0.0.1:1 -> 20.0.0.1:{}",
                                                         995 + random() % (kClauses + 20)))
                               .value();
      packet.in_port = net::PortNo{from + 1};
      packet.src_mac = exchange.routers[from].mac;
      packet.dst_mac = tags[random() % tags.size()];
      SCOPED_TRACE(fmt::format("seed {} {} from {} to {}", kSeed, net::to_string(packet), from,
                               packet.dst_mac.to_string()));
      const auto outcome = program::evaluate(*program, packet);
      EXPECT_EQ(send(from + 1, net::build_frame(packet)).leaving, leaving_of(outcome));
    }
  }
}

}  // namespace
}  // namespace fabrix::controller::tests
