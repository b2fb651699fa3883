#include "analyzer/agent_list.h"

#include <gtest/gtest.h>

#include "telemetry/metric_store.h"

namespace fabrix::analyzer {
namespace {

using telemetry::DataSource;

const net::IpAddress kOne = net::IpAddress::v4({10, 0, 0, 1});
const net::IpAddress kTwo = net::IpAddress::v4({10, 0, 0, 2});
const net::IpAddress kSix = net::IpAddress::parse("2001:db8::1").value();

bool takes(std::string_view text, const DataSource& source,
           const telemetry::Topology& topology = {}) {
  return parse_agents(text).value().takes(source, topology);
}

TEST(AgentList, ReadsAddressesAndAll) {
  EXPECT_TRUE(takes("ALL", {kOne, {0, 1}}));
  EXPECT_TRUE(takes("10.0.0.2;ALL", {kOne, {0, 1}}));
  EXPECT_TRUE(takes("10.0.0.1;2001:db8::1", {kOne, {0, 1}}));
  EXPECT_TRUE(takes("10.0.0.1;2001:db8::1", {kSix, {0, 1}}));
  EXPECT_FALSE(takes("10.0.0.1;2001:db8::1", {kTwo, {0, 1}}));
  EXPECT_FALSE(takes("", {kOne, {0, 1}}));
  EXPECT_FALSE(parse_agents("10.0.0.1,10.0.0.2"));
  EXPECT_FALSE(parse_agents("switch1"));
}

TEST(AgentList, WithoutATopologyAllIsTheEdge) {
  EXPECT_TRUE(takes("EDGE", {kOne, {0, 1}}));
  EXPECT_FALSE(takes("CORE", {kOne, {0, 1}}));
  EXPECT_TRUE(takes("TOPOLOGY", {kOne, {2, 1}}));
}

TEST(AgentList, AsksTheTopology) {
  telemetry::Topology topology;
  ASSERT_TRUE(
      topology.set({.nodes = {{"a", {.agent = kOne, .ports = {{"p", 1}}}}},
                    .links = {{"l", {.node1 = "a", .port1 = "p", .node2 = "b", .port2 = "q"}}}},
                   {}));
  EXPECT_FALSE(takes("EDGE", {kOne, {0, 1}}, topology));
  EXPECT_TRUE(takes("CORE", {kOne, {0, 1}}, topology));
  EXPECT_TRUE(takes("EDGE", {kOne, {0, 2}}, topology));
  EXPECT_FALSE(takes("CORE", {kOne, {0, 2}}, topology));
  EXPECT_TRUE(takes("EDGE;CORE", {kOne, {0, 1}}, topology));
  EXPECT_TRUE(takes("TOPOLOGY", {kOne, {2, 1}}, topology));
  EXPECT_FALSE(takes("TOPOLOGY", {kTwo, {0, 1}}, topology));
  EXPECT_FALSE(takes("EDGE", {kTwo, {0, 1}}, topology));
  EXPECT_TRUE(takes("EDGE;10.0.0.2", {kTwo, {0, 1}}, topology));
}

}  // namespace
}  // namespace fabrix::analyzer
