#include "daemon/exchange_join.h"

#include <future>

#include <gtest/gtest.h>

#include "tests/api/world.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

const net::IpAddress kRouter = net::IpAddress::v4({172, 0, 255, 254});

class ExchangeJoinTest : public ::testing::Test {
 protected:
  // What the engine says, asked on its thread.
  template <typename Ask>
  auto ask(Ask what) {
    std::promise<decltype(what(std::declval<telemetry::Engine&>()))> answer;
    service_->post([&](telemetry::Engine& engine) { answer.set_value(what(engine)); });
    return answer.get_future().get();
  }
  std::size_t prefixes() {
    return ask([](telemetry::Engine& engine) {
      const auto seen = engine.routers().see(kRouter);
      return seen ? seen->table.size(net::Family::kIpv4) : 0;
    });
  }
  bool has(std::size_t count) {
    return loop_.run_until([&] { return prefixes() == count; }, io::testing::kPatience);
  }

  io::EventLoop loop_;
  api::testing::World world_;
  exchange::TelemetrySite site_;
  std::unique_ptr<analyzer::ServiceThread> service_ =
      analyzer::ServiceThread::start(
          {.sflow = {}, .rest = {.address = net::IpAddress::v4({127, 0, 0, 1}), .port = 0}})
          .value();
  ExchangeJoin join_{loop_, world_.controller};
};

TEST_F(ExchangeJoinTest, TheEngineKnowsTheExchange) {
  join_.configured(service_.get(), site_);
  ASSERT_TRUE(has(2));
  const auto names = ask([](telemetry::Engine& engine) { return *engine.names().map("members"); });
  EXPECT_EQ(names.at("B"), std::vector<std::string>{"080027000002"});
  EXPECT_EQ(names.at("route server").size(), 1U);
  const auto group = ask([](telemetry::Engine& engine) {
    return std::string(
        engine.names().group_of("members", net::IpAddress::v4({140, 0, 1, 1})).value_or("none"));
  });
  EXPECT_EQ(group, "C");
  world_.announce("b1", "150.0.0.0/24", {200});
  world_.settle();
  ASSERT_TRUE(has(3));
  join_.configured(nullptr, site_);
}

TEST_F(ExchangeJoinTest, AMembersOwnAgentHasItsView) {
  const auto agent = net::IpAddress::v4({192, 0, 2, 9});
  site_.agents = {{.address = agent, .router = "b1"}, {.address = kRouter, .router = "gone"}};
  join_.configured(service_.get(), site_);
  ASSERT_TRUE(has(2));
  const auto seen = [this] {
    return ask([](telemetry::Engine& engine) {
      const auto view = engine.routers().see(net::IpAddress::v4({172, 0, 0, 2}));
      return view ? std::to_string(view->info->as) + " has " +
                        std::to_string(view->table.size(net::Family::kIpv4))
                  : "none";
    });
  };
  EXPECT_EQ(seen(), "200 has 2");
  site_.agents.clear();
  join_.configured(service_.get(), site_);
  EXPECT_EQ(seen(), "none");
  ASSERT_TRUE(has(2));
  join_.configured(nullptr, site_);
}

// As long as the exchange's own is the same.
TEST_F(ExchangeJoinTest, LeavesATopologyThatSomebodyHasPutThere) {
  join_.configured(service_.get(), site_);
  const auto node = ask([](telemetry::Engine& engine) {
    telemetry::TopologyMap map;
    map.nodes["leaf1"].agent = kRouter;
    return engine.set_topology(std::move(map)).has_value();
  });
  EXPECT_TRUE(node);
  join_.configured(service_.get(), site_);
  EXPECT_EQ(ask([](telemetry::Engine& engine) { return *engine.topology().node_at(kRouter, 1); }),
            "leaf1");
  join_.configured(nullptr, site_);
}

TEST(TelemetryTopology, IsOneNodeInTheKernel) {
  api::testing::World world;
  exchange::Exchange exchange = world.exchange;
  EXPECT_EQ(telemetry_topology(exchange, {}), telemetry::TopologyMap{});
  exchange.fabric.type = exchange::FabricType::kLinux;
  exchange.routers[1].present = false;
  const auto map = telemetry_topology(exchange, {});
  ASSERT_EQ(map.nodes.size(), 1U);
  EXPECT_EQ(map.nodes.at("sample"),
            (telemetry::TopologyNode{.agent = kRouter,
                                     .ports = {{"a1", 1}, {"c1", 3}, {"route server", 4094}}}));
  EXPECT_TRUE(map.links.empty());
}

TEST(TelemetryTopology, HasSwitchesAndLinks) {
  api::testing::World world;
  exchange::Exchange exchange = world.exchange;
  const auto port = [](std::uint32_t number) { return net::PortNo{number}; };
  exchange.fabric.topology = {
      .switches = {{.name = "e1",
                    .datapath_id = 1,
                    .ports = {{port(1), port(11)}, {port(9), port(9)}, {port(4094), port(10)}}},
                   {.name = "e2", .datapath_id = 2, .ports = {{port(2), port(2)}}}},
      .links = {{{{.at = 0, .port = port(49)}, {.at = 1, .port = port(50)}}}}};
  const exchange::TelemetrySite site{.agents = {{.address = kRouter, .of_switch = "e2"}}};
  const auto map = telemetry_topology(exchange, site);
  ASSERT_EQ(map.nodes.size(), 2U);
  EXPECT_EQ(map.nodes.at("e1"),
            (telemetry::TopologyNode{{}, {{"a1", 11}, {"49", 49}, {"route server", 10}}, 1}));
  EXPECT_EQ(map.nodes.at("e2"), (telemetry::TopologyNode{kRouter, {{"b1", 2}, {"50", 50}}, 2}));
  EXPECT_EQ(map.links.at("e1:49-e2:50"),
            (telemetry::TopologyLink{.node1 = "e1", .port1 = "49", .node2 = "e2", .port2 = "50"}));
}

TEST(TelemetryExchange, HasParticipantsByTheirIds) {
  api::testing::World world;
  exchange::Exchange exchange = world.exchange;
  exchange.routers[1].present = false;
  const auto known = telemetry_exchange(exchange);
  ASSERT_EQ(known.members.size(), 3U);
  EXPECT_EQ(known.members[0].name, "A");
  EXPECT_EQ(known.members[0].as, 100U);
  EXPECT_EQ(known.members[0].ports, std::vector<std::uint32_t>{1});
  EXPECT_EQ(known.members[0].routers, std::vector<std::string>{"a1"});
  // As link_probe_test.cc has it on the wire.
  EXPECT_EQ(known.prober, net::MacAddress({0x02, 0xfa, 0xb0, 0, 0, 0}));
  EXPECT_TRUE(known.members[1].macs.empty());
  EXPECT_EQ(known.agent, kRouter);
  EXPECT_EQ(known.route_server, exchange.route_server.mac);
}

}  // namespace
}  // namespace fabrix::daemon
