#include "telemetry/topology.h"

#include <gtest/gtest.h>

#include "tests/telemetry/counted.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;
using Place = Topology::Place;

const net::IpAddress kLeaf = net::IpAddress::v4({192, 0, 2, 1});
const net::IpAddress kSpine = net::IpAddress::v4({192, 0, 2, 2});
const net::IpAddress kOther = net::IpAddress::v4({192, 0, 2, 3});

const TopologyMap kTwoNodes{
    .nodes = {{"leaf1", {.agent = kLeaf, .ports = {{"swp1", 3}, {"swp2", 4}}}},
              {"spine1", {.agent = kSpine, .ports = {{"swp1", 7}}}}},
    .links = {{"link1", {.node1 = "leaf1", .port1 = "swp1", .node2 = "spine1", .port2 = "swp1"}}}};

std::string text(const std::string* text) {
  return text != nullptr ? *text : "(none)";
}

TEST(Topology, NamesNodesPortsAndLinks) {
  Topology topology;
  ASSERT_TRUE(topology.set(kTwoNodes, {}));
  EXPECT_EQ(text(topology.node_at(kLeaf, 3)), "leaf1");
  EXPECT_EQ(text(topology.node_at(kOther, 3)), "(none)");
  EXPECT_EQ(text(topology.port_at(kLeaf, 4)), "swp2");
  EXPECT_EQ(text(topology.port_at(kLeaf, 5)), "(none)");
  EXPECT_EQ(text(topology.link_at(kLeaf, 3)), "link1");
  EXPECT_EQ(text(topology.link_at(kSpine, 7)), "link1");
  EXPECT_EQ(text(topology.link_at(kLeaf, 4)), "(none)");
  EXPECT_EQ(topology.version(), 1U);
  EXPECT_EQ(topology.map(), kTwoNodes);
}

TEST(Topology, TellsTheCoreFromTheEdge) {
  Topology topology;
  EXPECT_EQ(topology.place_of({kLeaf, {0, 3}}), Place::kEdge);
  EXPECT_TRUE(topology.has_agent(kLeaf));
  ASSERT_TRUE(topology.set(kTwoNodes, {}));
  EXPECT_EQ(topology.place_of({kLeaf, {0, 3}}), Place::kCore);
  EXPECT_EQ(topology.place_of({kSpine, {0, 7}}), Place::kCore);
  EXPECT_EQ(topology.place_of({kLeaf, {0, 4}}), Place::kEdge);
  EXPECT_EQ(topology.place_of({kLeaf, {0, 99}}), Place::kEdge);
  EXPECT_EQ(topology.place_of({kLeaf, {2, 1}}), Place::kOutside);
  EXPECT_EQ(topology.place_of({kOther, {0, 3}}), Place::kOutside);
  EXPECT_TRUE(topology.has_agent(kLeaf));
  EXPECT_FALSE(topology.has_agent(kOther));
}

sflow::Bytes bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// A switch that tells its name, and that of its port.
void tell(MetricStore& store, const net::IpAddress& agent, std::string_view host,
          std::uint32_t if_index, std::string_view port) {
  const std::vector<std::byte> uuid(16);
  receive(store,
          {.source = {2, 1},
           .agent = agent,
           .records = {{sflow::Tag::of(0, 2000),
                        {bytes(host), sflow::Bytes(uuid), std::uint64_t{3}, std::uint64_t{2},
                         bytes("6.1")}}}},
          seconds(1));
  receive(store,
          {.source = {0, if_index},
           .agent = agent,
           .records = {{sflow::Tag::of(0, 1005), {bytes(port)}}}},
          seconds(1));
}

// As the topologies of sFlow-RT's articles are: links alone.
TEST(Topology, LearnsNodesAndPortsFromWhatAgentsSay) {
  Topology topology;
  MetricStore store;
  ASSERT_TRUE(topology.set({.nodes = {}, .links = kTwoNodes.links}, store));
  EXPECT_EQ(topology.node_at(kLeaf, 3), nullptr);
  tell(store, kLeaf, "leaf1", 3, "swp1");
  tell(store, kSpine, "spine1", 7, "swp1");
  tell(store, kOther, "other", 7, "swp1");
  topology.learn(store);
  EXPECT_EQ(text(topology.node_at(kLeaf, 3)), "leaf1");
  EXPECT_EQ(text(topology.link_at(kLeaf, 3)), "link1");
  EXPECT_EQ(text(topology.link_at(kSpine, 7)), "link1");
  EXPECT_EQ(text(topology.port_at(kSpine, 7)), "swp1");
  EXPECT_EQ(topology.place_of({kOther, {0, 7}}), Place::kOutside);
}

// A port as Open vSwitch tells it (0:1004): of this datapath, with this number.
void tell_port(MetricStore& store, const net::IpAddress& agent, std::uint32_t if_index,
               std::uint64_t datapath, std::uint64_t number) {
  receive(store,
          {.source = {0, if_index},
           .agent = agent,
           .records = {{sflow::Tag::of(0, 1004), {datapath, number}}}},
          seconds(1));
}

// A switch that says no name of a host: by its datapath, whose ports have other ifIndexes.
TEST(Topology, LearnsOpenFlowSwitchesByTheirDatapaths) {
  constexpr std::uint64_t kDatapath = 0xfe00000000000001;
  const TopologyMap map{
      .nodes = {{"e1", {.agent = {}, .ports = {{"a1", 11}, {"49", 49}}, .datapath = kDatapath}},
                {"e2", {.agent = {}, .ports = {{"b1", 2}}, .datapath = 2}}},
      .links = {{"link1", {.node1 = "e1", .port1 = "49", .node2 = "e2", .port2 = "50"}}}};
  Topology topology;
  MetricStore store;
  ASSERT_TRUE(topology.set(map, store));
  tell_port(store, kLeaf, 7, kDatapath, 49);
  tell_port(store, kLeaf, 8, 9, 11);  // of another switch
  tell_port(store, kOther, 7, 9, 49);
  topology.learn(store);
  EXPECT_EQ(text(topology.node_at(kLeaf, 3)), "e1");
  EXPECT_EQ(topology.node_at(kOther, 3), nullptr);
  EXPECT_EQ(text(topology.link_at(kLeaf, 7)), "link1");
  EXPECT_EQ(topology.port_at(kLeaf, 8), nullptr);
  EXPECT_EQ(topology.port_at(kLeaf, 11), nullptr);
  TopologyMap known = map;
  known.nodes.at("e1").agent = kLeaf;
  known.nodes.at("e1").ports.at("49") = 7;
  EXPECT_EQ(topology.known(), known);
  EXPECT_EQ(topology.map(), map);
}

using Names = std::vector<std::string>;

// As Mininet's sflow.py tells its switches, which are bridges of one Open vSwitch.
TEST(Topology, AnAgentMayBeSeveralNodes) {
  const TopologyMap map{
      .nodes = {{"s1", {.agent = kLeaf, .ports = {{"s1-eth1", 3}, {"s1-eth2", 4}}}},
                {"s2", {.agent = kLeaf, .ports = {{"s2-eth1", 5}, {"s2-eth2", 6}}}}},
      .links = {{"s1-s2", {.node1 = "s1", .port1 = "s1-eth2", .node2 = "s2", .port2 = "s2-eth2"}}}};
  Topology topology;
  ASSERT_TRUE(topology.set(map, {}));
  EXPECT_EQ(topology.nodes_of(kLeaf), (Names{"s1", "s2"}));
  EXPECT_EQ(topology.nodes_of(kSpine), Names{});
  EXPECT_EQ(text(topology.node_at(kLeaf, 3)), "s1");
  EXPECT_EQ(text(topology.node_at(kLeaf, 5)), "s2");
  EXPECT_EQ(text(topology.port_at(kLeaf, 5)), "s2-eth1");
  EXPECT_EQ(text(topology.link_at(kLeaf, 4)), "s1-s2");
  EXPECT_EQ(text(topology.link_at(kLeaf, 6)), "s1-s2");
  EXPECT_EQ(topology.place_of({kLeaf, {0, 3}}), Place::kEdge);
  EXPECT_EQ(topology.place_of({kLeaf, {0, 6}}), Place::kCore);
  EXPECT_EQ(topology.known(), map);
  // Of neither.
  EXPECT_EQ(topology.node_at(kLeaf, 7), nullptr);
  EXPECT_EQ(topology.place_of({kLeaf, {0, 7}}), Place::kOutside);
}

// A port as Open vSwitch tells it, with its name.
void tell_named(MetricStore& store, std::uint32_t if_index, std::uint64_t datapath,
                std::uint64_t number, std::string_view name) {
  receive(store,
          {.source = {0, if_index},
           .agent = kLeaf,
           .records = {{sflow::Tag::of(0, 1004), {datapath, number}},
                       {sflow::Tag::of(0, 1005), {bytes(name)}}}},
          seconds(1));
}

TEST(Topology, LearnsTheNodesOfAnAgentByTheirDatapaths) {
  const TopologyMap map{
      .nodes = {{"e1", {.agent = {}, .ports = {{"a1", 1}, {"49", 49}}, .datapath = 0xe1}},
                {"e2", {.agent = {}, .ports = {{"b1", 1}, {"49", 49}}, .datapath = 0xe2}}},
      .links = {{"link1", {.node1 = "e1", .port1 = "49", .node2 = "e2", .port2 = "49"}}}};
  Topology topology;
  MetricStore store;
  tell_named(store, 11, 0xe1, 1, "tap1");
  tell_named(store, 12, 0xe1, 49, "tap2");
  tell_named(store, 13, 0xe1, 7, "tap3");
  tell_named(store, 21, 0xe2, 1, "tap4");
  tell_named(store, 22, 0xe2, 49, "tap5");
  tell_named(store, 23, 0xe3, 1, "tap6");  // of a bridge that is none of the exchange's
  ASSERT_TRUE(topology.set(map, store));
  EXPECT_EQ(topology.nodes_of(kLeaf), (Names{"e1", "e2"}));
  EXPECT_EQ(text(topology.node_at(kLeaf, 11)), "e1");
  EXPECT_EQ(text(topology.port_at(kLeaf, 11)), "a1");
  EXPECT_EQ(text(topology.node_at(kLeaf, 13)), "e1");
  EXPECT_EQ(text(topology.port_at(kLeaf, 13)), "tap3");
  EXPECT_EQ(text(topology.node_at(kLeaf, 21)), "e2");
  EXPECT_EQ(text(topology.port_at(kLeaf, 21)), "b1");
  EXPECT_EQ(topology.node_at(kLeaf, 23), nullptr);
  EXPECT_EQ(text(topology.link_at(kLeaf, 12)), "link1");
  EXPECT_EQ(text(topology.link_at(kLeaf, 22)), "link1");
  EXPECT_EQ(topology.agent_of("e2"), kLeaf);
  EXPECT_EQ(topology.known().nodes.at("e2").ports.at("b1"), 21U);
}

// What is not told yet is nobody's: the switches' own numbers are the same ones.
TEST(Topology, WaitsForTheNumbersOfSeveralSwitchesOfAnAgent) {
  const TopologyMap map{.nodes = {{"e1", {.agent = kLeaf, .ports = {{"a1", 1}}, .datapath = 0xe1}},
                                  {"e2", {.agent = kLeaf, .ports = {{"b1", 1}}, .datapath = 0xe2}}},
                        .links = {}};
  Topology topology;
  MetricStore store;
  ASSERT_TRUE(topology.set(map, store));
  EXPECT_EQ(topology.port_at(kLeaf, 1), nullptr);
  tell_named(store, 21, 0xe2, 1, "tap4");
  topology.learn(store);
  EXPECT_EQ(text(topology.port_at(kLeaf, 21)), "b1");
  EXPECT_EQ(topology.port_at(kLeaf, 1), nullptr);
}

// A host whose bridges have its agent: ports are of the node whose links name them.
TEST(Topology, LinksSayWhichNodeOfAnAgentAPortIsOf) {
  Topology topology;
  MetricStore store;
  tell(store, kLeaf, "host1", 3, "eth0");
  tell(store, kLeaf, "host1", 4, "s1-eth1");
  tell(store, kLeaf, "host1", 5, "wlan0");
  ASSERT_TRUE(topology.set(
      {.nodes = {{"s1", {.agent = kLeaf}}},
       .links = {{"l1", {.node1 = "host1", .port1 = "eth0", .node2 = "x", .port2 = "1"}},
                 {"l2", {.node1 = "s1", .port1 = "s1-eth1", .node2 = "y", .port2 = "1"}}}},
      store));
  EXPECT_EQ(topology.nodes_of(kLeaf), (Names{"host1", "s1"}));
  EXPECT_EQ(text(topology.node_at(kLeaf, 3)), "host1");
  EXPECT_EQ(text(topology.node_at(kLeaf, 4)), "s1");
  EXPECT_EQ(topology.node_at(kLeaf, 5), nullptr);
  EXPECT_EQ(topology.agent_of("host1"), kLeaf);
  EXPECT_EQ(topology.agent_of("s1"), kLeaf);
  EXPECT_EQ(topology.agent_of("x"), std::nullopt);
}

TEST(Topology, TellsWhatItHasLearnedOfLinks) {
  Topology topology;
  MetricStore store;
  ASSERT_TRUE(topology.set({.nodes = {}, .links = kTwoNodes.links}, store));
  tell(store, kLeaf, "leaf1", 3, "swp1");
  tell(store, kLeaf, "leaf1", 4, "swp2");
  topology.learn(store);
  EXPECT_EQ(topology.known(),
            (TopologyMap{.nodes = {{"leaf1", {.agent = kLeaf, .ports = {{"swp1", 3}}}}},
                         .links = kTwoNodes.links}));
}

TEST(Topology, WhatIsSaidGoesBeforeWhatIsLearned) {
  Topology topology;
  MetricStore store;
  // The other agent has the name, and the ports other ones.
  tell(store, kOther, "leaf1", 3, "swp1");
  tell(store, kLeaf, "x", 3, "Ethernet3");
  tell(store, kLeaf, "x", 5, "Ethernet5");
  ASSERT_TRUE(topology.set(kTwoNodes, store));
  EXPECT_EQ(topology.node_at(kOther, 3), nullptr);
  EXPECT_EQ(text(topology.port_at(kLeaf, 3)), "swp1");
  EXPECT_EQ(text(topology.port_at(kLeaf, 5)), "Ethernet5");
}

std::string error(const TopologyMap& map) {
  Topology topology;
  EXPECT_TRUE(topology.set(kTwoNodes, {}));
  const auto done = topology.set(map, {});
  EXPECT_EQ(topology.map(), done ? map : kTwoNodes);
  return done ? "(fine)" : done.error().message;
}

TEST(Topology, RefusesWhatCannotBe) {
  EXPECT_EQ(error({}), "(fine)");
  EXPECT_EQ(error({.nodes = {{"a", {.agent = kLeaf, .ports = {{"p", 1}}}},
                             {"b", {.agent = kLeaf, .ports = {{"q", 1}}}}}}),
            "nodes 'a' and 'b' have one agent, 192.0.2.1, and ports 'p' and 'q' one ifindex, 1");
  EXPECT_EQ(error({.nodes = {{"a", {.agent = kLeaf, .ports = {{"p", 1}, {"q", 1}}}}}}),
            "node 'a': ports 'p' and 'q' have one ifindex, 1");
  EXPECT_EQ(error({.links = {{"l", {.node1 = "a", .port1 = "p", .node2 = "a", .port2 = "p"}}}}),
            "link 'l' has one port at both ends");
}

TEST(Topology, IsBounded) {
  TopologyMap map;
  for (std::size_t i = 0; i <= Topology::kMaxNodes; ++i) map.nodes[std::to_string(i)] = {};
  EXPECT_EQ(error(map), "10001 nodes, the most there may be are 10000");
  map.nodes.clear();
  for (std::size_t i = 0; i <= Topology::kMaxLinks; ++i) {
    map.links[std::to_string(i)] = kTwoNodes.links.at("link1");
  }
  EXPECT_EQ(error(map), "50001 links, the most there may be are 50000");
  map.links.clear();
  for (std::uint32_t i = 0; i <= Topology::kMaxPorts; ++i) {
    map.nodes["a"].ports.emplace_hint(map.nodes["a"].ports.end(), std::to_string(i), i);
  }
  EXPECT_EQ(error(map), "100001 ports, the most there may be are 100000");
}

}  // namespace
}  // namespace fabrix::telemetry
