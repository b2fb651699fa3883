#include "analyzer/topology_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "telemetry/metric_store.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;

Result<telemetry::TopologyMap> read(std::string_view text) {
  return topology_of(json::parse(text).as_object());
}

std::string error(std::string_view text) {
  const auto map = read(text);
  return map ? "(fine)" : map.error().message;
}

TEST(TopologyJson, ReadsWhatSflowRtsUsersWrite) {
  // Numbers are texts, as in its documentation and in what Mininet's sflow.py sends.
  const auto map = read(R"({
    "version": 0,
    "nodes": {"leaf1": {"agent": "192.168.1.1", "ports": {"swp1": {"ifindex": "3"}}},
              "spine1": {"agent": "192.168.1.3", "ports": {"swp1": {"ifindex": 4}}}, "x": {}},
    "links": {"link1": {"node1": "leaf1", "port1": "swp1", "node2": "spine1", "port2": "swp1"}}})");
  ASSERT_TRUE(map) << map.error().message;
  EXPECT_EQ(map->nodes.size(), 3U);
  EXPECT_EQ(map->nodes.at("leaf1").agent, net::IpAddress::v4({192, 168, 1, 1}));
  EXPECT_EQ(map->nodes.at("leaf1").ports.at("swp1"), 3U);
  EXPECT_EQ(map->nodes.at("spine1").ports.at("swp1"), 4U);
  EXPECT_FALSE(map->nodes.at("x").agent);
  EXPECT_EQ(map->links.at("link1").node2, "spine1");
  EXPECT_TRUE(read("{}")->nodes.empty());
  EXPECT_TRUE(read(R"({"nodes":null,"links":null})")->nodes.empty());
}

TEST(TopologyJson, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error(R"({"nodes":[]})"), "'nodes' is no object");
  EXPECT_EQ(error(R"({"links":7})"), "'links' is no object");
  EXPECT_EQ(error(R"({"nodes":{"a":1}})"), "node 'a': is no object");
  EXPECT_EQ(error(R"({"nodes":{"":{}}})"), "a node has no name");
  EXPECT_EQ(error(R"({"nodes":{"a":{"agent":"leaf"}}})"), "node 'a': 'leaf' is no agent's address");
  EXPECT_EQ(error(R"({"nodes":{"a":{"agent":{}}}})"), "node 'a': 'agent' is a text");
  EXPECT_EQ(error(R"({"nodes":{"a":{"ports":{"p":{}}}}})"), "node 'a': port 'p': has no ifindex");
  for (const char* const number : {"0", "-1", "1.5", "1073741823", "\"x\""}) {
    const std::string text =
        R"({"nodes":{"a":{"ports":{"p":{"ifindex":)" + std::string(number) + "}}}}}";
    EXPECT_TRUE(error(text).starts_with("node 'a': port 'p': ")) << error(text);
  }
  EXPECT_EQ(error(R"({"links":{"l":{"node1":"a","port1":"p","node2":"b"}}})"),
            "link 'l': has no port2");
  EXPECT_EQ(error(R"({"links":{"l":{"node1":"","port1":"p"}}})"), "link 'l': has no node1");
  EXPECT_EQ(error(R"({"links":{"l":{"node1":"a","port1":{}}}})"), "link 'l': 'port1' is a text");
  EXPECT_EQ(error(R"({"links":{"l":{"node1":"a","port1":"p"}}})"), "link 'l': has no node2");
}

TEST(TopologyJson, WritesWhatItReads) {
  const std::string_view text =
      R"({"version":1,"nodes":{"leaf1":{"agent":"192.168.1.1","ports":{"swp1":{"ifindex":3}}},)"
      R"("x":{"ports":{}}},"links":{"link1":)"
      R"({"node1":"leaf1","port1":"swp1","node2":"x","port2":"swp2"}}})";
  telemetry::Topology topology;
  ASSERT_TRUE(topology.set(read(text).value(), {}));
  EXPECT_EQ(json::serialize(to_json(topology)), text);
}

}  // namespace
}  // namespace fabrix::analyzer
