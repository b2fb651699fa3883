// The examples of the policy language and the scenarios of an exchange, compiled and run.
#include "compiler/compiler.h"

#include <gtest/gtest.h>

#include "policy/parse.h"
#include "tests/compiler/oracle.h"
#include "tests/compiler/symbols.h"

namespace fabrix::compiler {
namespace {

using std::chrono::seconds;

// A world with its compiler. Routers: A 0, B 1, C 2 and 3 (SDX's walkthrough), unless told
// otherwise.
class CompilerTest : public testing::Test {
 protected:
  explicit CompilerTest(const std::vector<unsigned>& routers = {1, 1, 2})
      : world_(routers), compiler_(world_.exchange, world_.routes) {}

  void announce(unsigned from, const std::vector<std::string>& prefixes, int rank = 0) {
    for (const std::string& each : prefixes) {
      const net::Prefix changed = prefix(each);
      world_.routes.announce(router(from), changed, rank);
      compiler_.routes_changed({&changed, 1});
    }
  }
  void withdraw(unsigned from, const std::string& which) {
    const net::Prefix changed = prefix(which);
    world_.routes.withdraw(router(from), changed);
    compiler_.routes_changed({&changed, 1});
  }
  void set_policy(unsigned owner, std::shared_ptr<const policy::Policy> policy) {
    world_.policies[owner] = policy;
    ASSERT_TRUE(compiler_.set_policy(participant(owner), std::move(policy), "test.policy"));
  }
  void set_text(unsigned owner, const std::string& text) {
    auto parsed = policy::parse(text, "test.policy", symbols(world_.exchange, participant(owner)));
    ASSERT_TRUE(parsed) << render(parsed.error(), text);
    set_policy(owner, std::make_shared<const policy::Policy>(std::move(parsed->policy)));
  }
  void set_clauses(unsigned owner, std::vector<policy::Clause> clauses) {
    set_policy(owner, policy_of(list_of(std::move(clauses))));
  }
  Output compile() { return compiler_.compile(at(seconds(0))); }

  // Where a packet that `from` sends comes out, 0: nowhere; and the oracle must say the same.
  unsigned port_of(unsigned from, const std::string& text) {
    const Output output = compile();
    const net::Packet packet = *net::parse_packet(text);
    const Arrival arrival = send(world_, compiler_, *output.program, router(from), packet);
    EXPECT_EQ(arrival, Oracle(world_).deliver(router(from), packet)) << text;
    return arrival.port ? arrival.port->value : 0;
  }
  std::size_t rows(program::TableId table) { return compile().program->table(table).size(); }

  World world_;
  Compiler compiler_;
};

void announce_walkthrough(const std::function<void(unsigned, std::vector<std::string>, int)>& say) {
  say(0, {"100.0.0.0/24", "110.0.0.0/24"}, 0);
  say(1, {"140.0.0.0/24", "150.0.0.0/24", "160.0.0.0/24", "170.0.0.0/24"}, 1);
  say(2, {"140.0.0.0/24", "150.0.0.0/24"}, 2);
  say(2, {"180.0.0.0/24", "190.0.0.0/24"}, 2);
}

TEST_F(CompilerTest, TheAssignmentsPoliciesGoWhereTheySay) {
  announce_walkthrough([this](unsigned from, const std::vector<std::string>& prefixes, int rank) {
    announce(from, prefixes, rank);
  });
  set_text(0, "outbound = match(dstport=80) >> fwd(B) + match(dstport=443/8080) >> fwd(C)\n");
  set_text(2,
           "inbound = match(dstport=443) >> fwd(C1) + match(dstport=80) >> fwd(C2)\n"
           "        + match(dstport=8080) >> drop\n");
  EXPECT_EQ(port_of(0, "tcp 100.0.0.1:40000 -> 140.0.0.1:80"), 2U);
  EXPECT_EQ(port_of(0, "tcp 100.0.0.1:40000 -> 140.0.0.1:443"), 3U);
  EXPECT_EQ(port_of(0, "tcp 100.0.0.1:40000 -> 140.0.0.1:8080"), 0U);
  EXPECT_EQ(port_of(0, "tcp 100.0.0.1:40000 -> 140.0.0.1:22"), 2U);
  EXPECT_EQ(port_of(0, "udp 100.0.0.1:40000 -> 160.0.0.1:443"), 2U);  // C has no route
  EXPECT_EQ(port_of(0, "tcp 100.0.0.1:40000 -> 160.0.0.1:8080"), 2U);
  EXPECT_EQ(port_of(0, "tcp 100.0.0.1:40000 -> 180.0.0.1:80"), 4U);  // B has none: C's inbound
  EXPECT_EQ(port_of(0, "tcp 100.0.0.1:40000 -> 180.0.0.1:22"), 3U);
  EXPECT_EQ(port_of(1, "tcp 1.0.0.1:40000 -> 180.0.0.1:443"), 3U);
  EXPECT_EQ(port_of(0, "tcp 100.0.0.1:40000 -> 99.0.0.1:80"), 0U);
}

TEST_F(CompilerTest, PrefixesThatAgreeShareAVirtualNextHop) {
  announce_walkthrough([this](unsigned from, const std::vector<std::string>& prefixes, int rank) {
    announce(from, prefixes, rank);
  });
  set_text(0, "outbound = match(dstport=80) >> fwd(B) + match(dstport=443/8080) >> fwd(C)\n");
  compile();
  ASSERT_EQ(compiler_.classes().size(), 3U);
  const auto hop = [this](const std::string& of) {
    return compiler_.virtual_next_hop(participant(0), prefix(of)).value();
  };
  EXPECT_EQ(hop("140.0.0.0/24"), hop("150.0.0.0/24"));
  EXPECT_EQ(hop("160.0.0.0/24"), hop("170.0.0.0/24"));
  EXPECT_EQ(hop("180.0.0.0/24"), hop("190.0.0.0/24"));
  EXPECT_NE(hop("140.0.0.0/24"), hop("160.0.0.0/24"));
  EXPECT_NE(hop("160.0.0.0/24"), hop("180.0.0.0/24"));
  for (const ClassInfo& each : compiler_.classes()) EXPECT_EQ(each.prefixes, 2U);
  EXPECT_EQ(compiler_.virtual_next_hop(participant(1), prefix("140.0.0.0/24")), std::nullopt);
}

TEST_F(CompilerTest, OutputSaysWhoseRowsChangedAndWhatTagsSay) {
  set_text(0, "outbound = match(dstport=80) >> fwd(B)\n");
  const Output first = compile();
  EXPECT_EQ(first.rows_changed, std::vector{participant(0)});
  ASSERT_EQ(first.meanings->size(), 3U);
  EXPECT_EQ(first.meanings->at(1), nullptr);
  ASSERT_EQ(first.meanings->at(0)->reached.size(), 1U);
  announce(1, {"140.0.0.0/24"});
  const Output second = compile();
  EXPECT_TRUE(second.rows_changed.empty());
  EXPECT_EQ(second.meanings, first.meanings);
  set_text(2, "inbound = match(dstport=8080) >> drop\n");
  EXPECT_EQ(compile().rows_changed, std::vector{participant(2)});
}

// Two families, three protocols with ports; C has two routers that may be best.
TEST_F(CompilerTest, RowsStayCloseToTheNumberOfClauses) {
  set_text(0, "outbound = match(dstport=80) >> fwd(B) + match(dstport=443/8080) >> fwd(C)\n");
  EXPECT_EQ(rows(program::TableId::kOutbound), 6U + 2 * 2 * 6 + 1);
  set_text(2, "inbound = match(dstport=443) >> fwd(C1) + match(dstport=8080) >> drop\n");
  EXPECT_EQ(rows(program::TableId::kInbound), 2U * 6 + 2);
  EXPECT_EQ(rows(program::TableId::kTransit), 4U);
}

// Scenarios 5 to 8.
TEST_F(CompilerTest, ReachabilityDecidesWhetherAClauseApplies) {
  const std::string web = "tcp 100.0.0.1:40000 -> 140.0.0.1:80";
  announce(2, {"140.0.0.0/24"}, 0);
  set_text(0, "outbound = match(dstport=80) >> fwd(B) // match(dstport=1-100) >> fwd(C)\n");
  EXPECT_EQ(port_of(0, web), 3U);
  announce(1, {"140.0.0.0/24"}, 1);
  EXPECT_EQ(port_of(0, web), 2U);
  const auto before = compile().program;
  withdraw(1, "140.0.0.0/24");
  EXPECT_EQ(port_of(0, web), 3U);
  announce(1, {"140.0.0.0/24"}, 1);
  EXPECT_EQ(port_of(0, web), 2U);
  EXPECT_EQ(*compile().program, *before);
}

// Scenario 9: a destination rewrite is routed anew; and 10: other protocols.
TEST_F(CompilerTest, RewritesAndOtherProtocolsWorkAlike) {
  announce(1, {"140.0.0.0/24", "2001:db8::/32"});
  announce(2, {"150.0.0.0/24"});
  set_clauses(0, {clause(all_of({ether_type(0x0800), test(net::Field::kProtocol, {{17, 17}})}),
                         fwd(participant(2)), {{net::Field::kDstIp4, 0x96000001}}),
                  clause(all_of({ether_type(0x0800), test(net::Field::kProtocol, {{1, 1}})}),
                         fwd(participant(2)), {{net::Field::kDstIp4, 0x8c000009}}),
                  clause(ether_type(net::kEthTypeIpv6), policy::Drop{})});
  EXPECT_EQ(port_of(0, "udp 100.0.0.1:1 -> 140.0.0.1:53"), 3U);
  EXPECT_EQ(port_of(0, "icmp 100.0.0.1 -> 140.0.0.1"), 2U);  // C does not announce 140.0.0.9
  EXPECT_EQ(port_of(0, "tcp 100.0.0.1:1 -> 140.0.0.1:53"), 2U);
  EXPECT_EQ(port_of(0, "icmp6 2001::1 -> 2001:db8::1"), 0U);
  EXPECT_EQ(port_of(2, "icmp6 2001::1 -> 2001:db8::1"), 2U);
}

// Scenario 12.
TEST_F(CompilerTest, AnInboundDropOfOneSenderLeavesTheOthers) {
  announce(2, {"140.0.0.0/24"});
  const auto before = compile().program;
  set_policy(2, policy_of({}, list_of({clause(from(participant(0)), policy::Drop{})})));
  EXPECT_EQ(port_of(0, "tcp 100.0.0.1:1 -> 140.0.0.1:53"), 0U);
  EXPECT_EQ(port_of(1, "tcp 100.0.0.1:1 -> 140.0.0.1:53"), 3U);
  set_policy(2, nullptr);
  EXPECT_EQ(port_of(0, "tcp 100.0.0.1:1 -> 140.0.0.1:53"), 3U);
  EXPECT_EQ(*compile().program, *before);
}

// Scenario 14.
TEST_F(CompilerTest, BilateralTrafficIsNotTouchedByOutboundPolicy) {
  announce(1, {"140.0.0.0/24"});
  set_clauses(0, {clause(anything(), policy::Drop{})});
  const Output output = compile();
  net::Packet packet = *net::parse_packet("tcp 100.0.0.1:1 -> 9.0.0.1:53");
  packet.in_port = {1};
  packet.src_mac = world_.exchange.routers[0].mac;
  packet.dst_mac = world_.exchange.routers[2].mac;
  EXPECT_EQ(program::evaluate(*output.program, packet).output, net::PortNo{3});
  packet.src_mac = world_.exchange.routers[1].mac;
  EXPECT_EQ(program::evaluate(*output.program, packet).output, std::nullopt);
}

TEST_F(CompilerTest, APortThatGoesDownIsReplacedByTheNext) {
  announce(2, {"140.0.0.0/24"});
  const auto set_port = [this](unsigned id, bool up) {
    world_.port_up[id] = up;
    compiler_.set_port(router(id), up);
  };
  set_port(2, false);
  EXPECT_EQ(port_of(0, "tcp 100.0.0.1:1 -> 140.0.0.1:53"), 4U);
  set_port(3, false);
  EXPECT_EQ(port_of(0, "tcp 100.0.0.1:1 -> 140.0.0.1:53"), 0U);
  set_port(2, true);
  EXPECT_EQ(port_of(0, "tcp 100.0.0.1:1 -> 140.0.0.1:53"), 3U);
}

TEST_F(CompilerTest, UnchangedInputsGiveTheSameProgram) {
  announce(1, {"140.0.0.0/24"});
  set_text(0, "outbound = match(dstport=80) >> fwd(B)\n");
  const auto program = compile().program;
  EXPECT_EQ(compile().program, program);
  announce(1, {"140.0.0.0/24"});
  compiler_.set_port(router(0), true);
  EXPECT_EQ(compile().program, program);
  announce(1, {"141.0.0.0/24"});  // of the same class
  EXPECT_EQ(compile().program, program);
}

TEST_F(CompilerTest, AnAmbiguousPolicyChangesNothing) {
  set_text(0, "outbound = match(dstport=80) >> fwd(B)\n");
  const auto program = compile().program;
  const auto refused =
      compiler_.set_policy(participant(0),
                           policy_of(list_of({clause(dst_port(80), fwd(participant(1))),
                                              clause(dst_port(1, 100), fwd(participant(2)))},
                                             policy::Shape::Kind::kParallel)),
                           "A.policy");
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().size(), 1U);
  EXPECT_EQ(refused.error()[0].code, "P0301");
  EXPECT_EQ(compile().program, program);
}

TEST_F(CompilerTest, TooManyRowsAreRefused) {
  std::vector<policy::Interval> thirds;
  for (std::uint64_t i = 0; i < 70000; ++i) thirds.push_back({3 * i, 3 * i});
  const auto refused = compiler_.set_policy(
      participant(0),
      policy_of(list_of(
          {clause(all_of({ether_type(net::kEthTypeIpv4), test(net::Field::kSrcIp4, thirds)}),
                  policy::Drop{})})),
      "f");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error()[0].code, "P0405");
}

TEST_F(CompilerTest, ShadowedClausesAreWarnedOf) {
  const auto set = compiler_.set_policy(
      participant(0),
      policy_of(
          list_of({clause(anything(), policy::Drop{}), clause(dst_port(80), fwd(participant(1)))})),
      "A.policy");
  ASSERT_TRUE(set);
  ASSERT_EQ(set->size(), 1U);
  EXPECT_EQ(set->front().code, "P0310");
}

// Scenario 15.
TEST_F(CompilerTest, TagsAreLocallyAdministeredUnicast) {
  announce(1, {"140.0.0.0/24", "2001:db8::/32"});
  set_text(0, "outbound = match(dstport=80) >> fwd(B)\n");
  const auto program = compile().program;
  ASSERT_EQ(program->neighbors.size(), 2U);
  for (const auto& each : program->neighbors) {
    EXPECT_TRUE(each.mac.is_locally_administered());
    EXPECT_FALSE(each.mac.is_multicast());
  }
}

TEST_F(CompilerTest, AnExhaustedPoolNamesTheSender) {
  World world({1, 1});
  world.exchange.virtual_next_hops = {prefix("172.0.128.0/30")};
  Compiler compiler(world.exchange, world.routes);
  world.routes.announce(router(1), prefix("140.0.0.0/24"));
  world.routes.announce(router(1), prefix("2001:db8::/32"));
  ASSERT_TRUE(compiler.set_policy(participant(0),
                                  policy_of(list_of({clause(dst_port(80), policy::Drop{})})), "f"));
  const Output output = compiler.compile(at(seconds(0)));
  ASSERT_EQ(output.problems.size(), 1U);
  EXPECT_EQ(output.problems[0].code, "K0102");
  EXPECT_NE(output.problems[0].message.find("sender A"), std::string::npos);
  EXPECT_TRUE(compiler.virtual_next_hop(participant(0), prefix("140.0.0.0/24")));
  EXPECT_FALSE(compiler.virtual_next_hop(participant(0), prefix("2001:db8::/32")));
}

TEST_F(CompilerTest, ThousandsOfPolicyChangesLeaveNothingBehind) {
  announce(1, {"140.0.0.0/24"});
  set_text(0, "outbound = match(dstport=80) >> fwd(B)\n");
  const auto program = compile().program;
  for (std::uint16_t i = 0; i < 2000; ++i) {
    set_clauses(0, {clause(not_of(dst_port(i)), fwd(participant(1)))});
    compile();
  }
  set_text(0, "outbound = match(dstport=80) >> fwd(B)\n");
  EXPECT_EQ(*compile().program, *program);
}

// Scenario 16: each target with a port of its own.
class ManyTargets : public testing::TestWithParam<unsigned> {};

void expect_own_targets(unsigned targets, bool shared_prefix) {
  World world(std::vector<unsigned>(targets + 2, 1));
  Compiler compiler(world.exchange, world.routes);
  const unsigned best = targets + 1;
  world.routes.announce(router(best), prefix("140.0.0.0/16"), 0);
  std::vector<policy::Clause> clauses;
  for (unsigned i = 1; i <= targets; ++i) {
    const std::string own = shared_prefix ? "140.0.0.0/16" : "140.0." + std::to_string(i) + ".0/24";
    world.routes.announce(router(i), prefix(own), 1);
    clauses.push_back(clause(dst_port(static_cast<std::uint16_t>(1000 + i)), fwd(participant(i))));
  }
  world.policies[0] = policy_of(list_of(clauses, policy::Shape::Kind::kParallel));
  ASSERT_TRUE(compiler.set_policy(participant(0), world.policies[0], "f"));
  const Output output = compiler.compile(at(seconds(0)));
  ASSERT_TRUE(output.problems.empty());
  const Oracle oracle(world);
  for (unsigned i = 1; i <= targets; ++i) {
    for (const unsigned block : {i, i % targets + 1}) {
      const auto packet = *net::parse_packet("tcp 1.0.0.1:1 -> 140.0." + std::to_string(block) +
                                             ".1:" + std::to_string(1000 + i));
      const Arrival arrival = send(world, compiler, *output.program, router(0), packet);
      EXPECT_EQ(arrival, oracle.deliver(router(0), packet));
      if (block == i) {
        EXPECT_EQ(arrival.port, net::PortNo{i + 1});
      }
    }
  }
}

TEST_P(ManyTargets, EachGetsItsOwnTraffic) {
  expect_own_targets(GetParam(), true);
  expect_own_targets(GetParam(), false);
}

INSTANTIATE_TEST_SUITE_P(Targets, ManyTargets, testing::Values(1, 8, 30, 99));

// Scenario 20.
TEST(Compiler, ThePolicyIsTheSameFromEitherRouter) {
  World world({2, 1, 1});
  Compiler compiler(world.exchange, world.routes);
  world.routes.announce(router(2), prefix("140.0.0.0/16"), 0);
  world.routes.announce(router(3), prefix("140.0.0.0/16"), 1);
  ASSERT_TRUE(compiler.set_policy(
      participant(0), policy_of(list_of({clause(dst_port(80), fwd(participant(2)))})), "f"));
  const Output output = compiler.compile(at(seconds(0)));
  const auto packet = *net::parse_packet("tcp 1.0.0.1:1 -> 140.0.0.1:80");
  for (const unsigned from : {0U, 1U}) {
    EXPECT_EQ(send(world, compiler, *output.program, router(from), packet).port, net::PortNo{4});
  }
}

}  // namespace
}  // namespace fabrix::compiler
