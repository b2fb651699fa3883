// What queries count, on a real Open vSwitch that is sent real frames, and in the simulated fabric:
// the same, exactly, through changes of policies and a lost connection.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fabric/openflow_fabric.h"
#include "fabric/simulated.h"
#include "net/frame.h"
#include "tests/fabric/switch_link.h"
#include "tests/openflow/private_ovs.h"
#include "tests/verify/counted_clauses.h"
#include "tests/verify/walkthrough.h"

namespace fabrix::fabric {
namespace {

using verify::Walkthrough;

constexpr std::uint64_t kWeb = 7;
constexpr std::uint64_t kAll = 8;
constexpr std::uint64_t kFromA = 9;
constexpr std::uint64_t kFirstClause = 100;

policy::Query query(std::uint64_t id, policy::PredicatePtr when) {
  policy::Query made;
  made.id = id;
  made.name = "q" + std::to_string(id);
  made.when = std::move(when);
  return made;
}

class CountingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const exchange::Router& each : world_.exchange.routers) ports_.push_back(each.port);
    fabric_.set_ports(ports_);
    if (const auto reason = tests::PrivateOvs::unavailable()) GTEST_SKIP() << *reason;
    ASSERT_TRUE(ovs_.start()) << ovs_.error();
    const std::string path = ovs_.run_directory() + "/ix.ctl";
    ASSERT_TRUE(link_.listen_on(path));
    ASSERT_TRUE(ovs_.bridge("ix", path)) << ovs_.error();
    settle();
  }

  void settle() {
    ASSERT_TRUE(link_.run_until([this] { return fabric_.is_connected(); }));
  }

  // A counts what it sends, C what it gets from A; the clauses stay as they are.
  void set_queries(std::vector<policy::Query> a, std::vector<policy::Query> c) {
    set(Walkthrough::kA, &policy::Policy::outbound, std::move(a));
    set(Walkthrough::kC, &policy::Policy::inbound, std::move(c));
    world_.program = *world_.compiler->compile({}).program;
    const auto violations = world_.check();
    ASSERT_TRUE(violations.empty()) << violations.front().message;
    const auto shared = std::make_shared<const program::Program>(world_.program);
    const auto outcome = link_.install(shared);
    ASSERT_TRUE(outcome);
    ASSERT_TRUE(*outcome) << outcome->error().message;
    simulated_.install(shared, [](const Result<void>&) {});
  }

  void count_clauses_of_c() {
    auto& policy = world_.policies[Walkthrough::kC.index()];
    policy::Policy changed = *policy;
    verify::count_clauses(changed, kFirstClause);
    policy = std::make_shared<const policy::Policy>(std::move(changed));
  }

  void set(net::ParticipantId owner, policy::ClauseList policy::Policy::*list,
           std::vector<policy::Query> queries) {
    auto& policy = world_.policies[owner.index()];
    policy::Policy changed = *policy;
    (changed.*list).queries = std::move(queries);
    policy = std::make_shared<const policy::Policy>(std::move(changed));
    ASSERT_TRUE(world_.compiler->set_policy(owner, policy, "policy"));
  }

  // The frame enters both fabrics, so many times.
  void send(net::RouterId from, net::RouterId to, const char* text, int times) {
    net::Packet packet = world_.packet(from, text);
    packet.dst_mac = world_.exchange.router(to).mac;
    std::string hex;
    for (const std::byte octet : net::build_frame(packet)) {
      hex += fmt::format("{:02x}", std::to_integer<unsigned>(octet));
    }
    std::vector<std::string> command{"ovs-ofctl", "-O", "OpenFlow14", "packet-out",
                                     ovs_.management("ix")};
    for (int i = 0; i < times; ++i) simulated_.send(packet);
    command.push_back(fmt::format("in_port={},packet={},actions=table", packet.in_port.value, hex));
    for (int i = 0; i < times; ++i) {
      const auto ran = tests::run_program(command);
      ASSERT_EQ(ran.status, 0) << ran.output;
    }
  }

  // Until the switch has counted what the simulation has; then it has counted no more.
  void expect_same_counts() {
    const auto same = [this] {
      fabric_.read_query_counts();
      return fabric_.query_counts() == simulated_.query_counts();
    };
    EXPECT_TRUE(link_.run_until(same)) << ovs_.dump_flows("ix");
    int answers = 0;
    fabric_.on_query_counts = [&answers] { ++answers; };
    fabric_.read_query_counts();
    ASSERT_TRUE(link_.run_until([&answers] { return answers != 0; }));
    fabric_.on_query_counts = nullptr;
    EXPECT_EQ(fabric_.query_counts(), simulated_.query_counts());
  }

  std::uint64_t packets(net::ParticipantId owner, std::uint64_t id) const {
    const auto found = fabric_.query_counts().find({.owner = owner, .query = id});
    return found == fabric_.query_counts().end() ? 0 : found->second.packets;
  }

  static policy::PredicatePtr web() {
    return verify::all_of({verify::is_ip(),
                           verify::equals(net::Field::kProtocol, net::kProtocolTcp),
                           verify::equals(net::Field::kDstPort, 80)});
  }
  static policy::PredicatePtr from_a() {
    return std::make_shared<const policy::Predicate>(
        policy::Predicate{policy::FromParticipant{Walkthrough::kA}});
  }

  Walkthrough world_;
  std::vector<net::PortNo> ports_{net::PortNo{4094}};
  tests::PrivateOvs ovs_;
  OpenFlowFabric fabric_{ports_};
  SwitchLink link_{fabric_};
  SimulatedFabric simulated_;
};

TEST_F(CountingTest, OpenVswitchCountsRealFramesExactly) {
  set_queries({query(kWeb, web())}, {query(kFromA, from_a())});
  send(Walkthrough::kA1, Walkthrough::kB1, "tcp 100.0.0.1:40000 -> 140.0.0.1:80", 5);
  send(Walkthrough::kA1, Walkthrough::kC1, "tcp 100.0.0.1:40000 -> 140.0.0.1:80", 3);
  send(Walkthrough::kA1, Walkthrough::kC1, "udp 100.0.0.1:53 -> 140.0.0.1:53", 2);
  send(Walkthrough::kD1, Walkthrough::kC1, "tcp 100.0.0.1:40000 -> 140.0.0.1:80", 4);
  expect_same_counts();
  EXPECT_EQ(packets(Walkthrough::kA, kWeb), 8U);
  EXPECT_EQ(packets(Walkthrough::kC, kFromA), 5U);
}

TEST_F(CountingTest, CountersGoOnOverPolicyChangesAndLostConnections) {
  set_queries({query(kWeb, web())}, {});
  send(Walkthrough::kA1, Walkthrough::kB1, "tcp 100.0.0.1:40000 -> 140.0.0.1:80", 3);
  expect_same_counts();
  // Another query that overlaps: the row of the first one is replaced by one for both.
  set_queries({query(kWeb, web()), query(kAll, verify::always())}, {query(kFromA, from_a())});
  send(Walkthrough::kA1, Walkthrough::kC1, "tcp 100.0.0.1:40000 -> 140.0.0.1:80", 4);
  expect_same_counts();
  EXPECT_EQ(packets(Walkthrough::kA, kWeb), 7U);
  EXPECT_EQ(packets(Walkthrough::kA, kAll), 4U);
  link_.hang_up();
  settle();
  send(Walkthrough::kA1, Walkthrough::kC1, "tcp 100.0.0.1:40000 -> 140.0.0.1:80", 2);
  expect_same_counts();
  set_queries({query(kWeb, web())}, {});
  expect_same_counts();
  EXPECT_EQ(packets(Walkthrough::kA, kWeb), 9U);
  EXPECT_EQ(packets(Walkthrough::kA, kAll), 6U);
  EXPECT_EQ(packets(Walkthrough::kC, kFromA), 6U);
}

TEST_F(CountingTest, ClausesAreCountedWhetherTheyForwardOrDrop) {
  set_queries({}, {});
  send(Walkthrough::kA1, Walkthrough::kC1, "tcp 100.0.0.1:40000 -> 140.0.0.1:443", 5);
  count_clauses_of_c();
  set_queries({query(kWeb, web())}, {query(kFromA, from_a())});
  for (const char* port : {"443", "80", "8080", "53"}) {
    const std::string text = fmt::format("tcp 100.0.0.1:40000 -> 140.0.0.1:{}", port);
    send(Walkthrough::kA1, Walkthrough::kC1, text.c_str(), port[0] == '4' ? 3 : 2);
  }
  send(Walkthrough::kD1, Walkthrough::kC1, "tcp 100.0.0.1:40000 -> 140.0.0.1:22", 1);
  expect_same_counts();
  std::multiset<std::uint64_t> counted;
  for (const auto& [key, count] : fabric_.query_counts()) {
    if (key.owner == Walkthrough::kC && key.query >= kFirstClause) counted.insert(count.packets);
  }
  EXPECT_EQ(counted, (std::multiset<std::uint64_t>{1, 2, 2, 3}));
  EXPECT_EQ(packets(Walkthrough::kC, kFromA), 9U);
}

TEST_F(CountingTest, AControllerThatIsNewTakesOnWhatTheSwitchHasCounted) {
  set_queries({query(kWeb, web())}, {});
  send(Walkthrough::kA1, Walkthrough::kB1, "tcp 100.0.0.1:40000 -> 140.0.0.1:80", 3);
  expect_same_counts();
  link_.hang_up();
  OpenFlowFabric fresh(ports_);
  fresh.install(std::make_shared<const program::Program>(world_.program),
                [](const Result<void>&) {});
  SwitchLink link(fresh);
  ASSERT_TRUE(link.listen_on(ovs_.run_directory() + "/new.ctl"));
  ASSERT_TRUE(ovs_.vsctl({"set-controller", "ix", "unix:" + ovs_.run_directory() + "/new.ctl"}));
  ASSERT_TRUE(link.run_until([&fresh] { return fresh.in_sync(); }));
  EXPECT_EQ(fresh.query_counts(), simulated_.query_counts());
}

}  // namespace
}  // namespace fabrix::fabric
