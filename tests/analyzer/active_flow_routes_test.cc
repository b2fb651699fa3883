#include "analyzer/active_flow_routes.h"

#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"
#include "tests/telemetry/samples.h"

namespace fabrix::analyzer {
namespace {

using std::chrono::seconds;

// Two packets of one flow and one of another, 64 octets each, 1 in 1,000, seen at 7 of 192.0.2.9.
struct World {
  World() {
    put(engine, "/flow/pair/json", R"({"keys":"ipsource,ipdestination","value":"bytes","t":2})");
    const telemetry::Sampled one(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
    const telemetry::Sampled other(sflow::frame("udp 10.4.3.8:1000 -> 10.1.2.3:53"));
    for (const auto* each : {&one, &one, &other}) {
      engine.receive(each->datagram(), net::IpAddress::v4({192, 0, 2, 9}), seconds(1));
    }
  }
  telemetry::Engine engine;
};

TEST(ActiveFlowRoutes, TellsTheLargestFirst) {
  World world;
  EXPECT_EQ(body_of(get(world.engine, "/activeflows/ALL/pair/json")),
            R"([{"key":"10.4.3.9,10.1.2.3","value":64000,"flowN":1,"agent":"192.0.2.9",)"
            R"("dataSource":"7"},{"key":"10.4.3.8,10.1.2.3","value":32000,"flowN":1,)"
            R"("agent":"192.0.2.9","dataSource":"7"}])");
  EXPECT_EQ(body_of(get(world.engine, "/activeflows/192.0.2.9/pair/json?maxFlows=1&aggMode=sum")),
            R"([{"key":"10.4.3.9,10.1.2.3","value":64000,"flowN":1}])");
  const auto count = [&](std::string_view target) {
    return json_at(world.engine, target).as_array().size();
  };
  EXPECT_EQ(count("/activeflows/ALL/pair/json?minValue=40000"), 1U);
  EXPECT_EQ(count("/activeflows/192.0.2.8/pair/json"), 0U);
  EXPECT_EQ(count("/activeflows/192.0.2.8;192.0.2.9/pair/json"), 2U);
  EXPECT_EQ(count("/activeflows/EDGE/pair/json?aggMode=edge"), 2U);
  EXPECT_EQ(count("/activeflows/CORE/pair/json"), 0U);
  EXPECT_EQ(count("/activeflows/ALL/pair/json?aggMode=core"), 0U);
  EXPECT_EQ(get(world.engine, "/activeflows/ALL/other/json").status, 404U);
  EXPECT_EQ(get(world.engine, "/activeflows/nobody/pair/json").status, 400U);
  EXPECT_EQ(get(world.engine, "/activeflows/ALL/pair/json?aggMode=mean").status, 400U);
}

// One flow of three ports: two at the edge, and a link's.
TEST(ActiveFlowRoutes, AddsUpTheEdgeAndKeepsTheLargestOfTheCore) {
  telemetry::Engine engine;
  put(engine, "/flow/f/json", R"({"keys":"ipsource","value":"frames"})");
  put(engine, "/topology/json",
      R"({"nodes":{"a":{"agent":"192.0.2.9","ports":{"p":{"ifindex":3}}}},)"
      R"("links":{"l":{"node1":"a","port1":"p","node2":"b","port2":"q"}}})");
  const auto octets = sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80");
  const std::vector<std::pair<std::uint8_t, std::uint32_t>> seen_at{{9, 1}, {9, 2}, {9, 3}, {8, 3}};
  for (const auto& [agent, port] : seen_at) {
    const auto address = net::IpAddress::v4({192, 0, 2, agent});
    sflow::DatagramWriter out({.agent = address});
    out.begin(sflow::FlowSample{.source = {0, port}, .sampling_rate = 1000 * port},
              sflow::SampleForm::kCompact);
    out.record(
        sflow::SampledHeader{.protocol = 1, .frame_length = 100, .stripped = 4, .header = octets});
    engine.receive(out.take(), address, seconds(1));
  }
  const auto value = [&](const std::string& target) {
    const auto flows = json_at(engine, target);
    return flows.as_array().empty() ? 0 : flows.at(0).at("value").to_number<double>();
  };
  EXPECT_EQ(value("/activeflows/ALL/f/json?aggMode=sum"), 4500);
  EXPECT_EQ(value("/activeflows/ALL/f/json?aggMode=edge"), 1500);
  EXPECT_EQ(value("/activeflows/TOPOLOGY/f/json?aggMode=edge"), 1500);
  EXPECT_EQ(value("/activeflows/ALL/f/json?aggMode=core"), 1500);
  EXPECT_EQ(value("/activeflows/ALL/f/json?aggMode=EDGE"), 1500);  // as particle's MAX
  EXPECT_EQ(value("/activeflows/192.0.2.8/f/json?aggMode=core"), 0);
  EXPECT_EQ(value("/activeflows/EDGE/f/json"), 1000);
  EXPECT_EQ(value("/activeflows/CORE/f/json"), 1500);
  EXPECT_EQ(value("/activeflows/TOPOLOGY/f/json?aggMode=sum"), 3000);
  EXPECT_EQ(json_at(engine, "/flowvalue/EDGE/f/json?key=10.4.3.9"), 1000);
  EXPECT_EQ(json_at(engine, "/flowlocations/CORE/f/json?key=10.4.3.9").as_array().size(), 1U);
}

// As sFlow-RT's application ai-monitor asks: a value for each key, nothing for any.
TEST(ActiveFlowRoutes, TakesFlowsWhoseKeysFit) {
  World world;
  const auto keys = [&](const std::string& query) {
    const auto flows = json_at(world.engine, "/activeflows/ALL/pair/json?" + query);
    std::string all;
    for (const auto& flow : flows.as_array()) all += std::string(flow.at("key").as_string()) + " ";
    return all;
  };
  EXPECT_EQ(keys("key=10.4.3.8,"), "10.4.3.8,10.1.2.3 ");
  EXPECT_EQ(keys("key=,10.1.2.3"), "10.4.3.9,10.1.2.3 10.4.3.8,10.1.2.3 ");
  EXPECT_EQ(keys("key=,10.1.2.3&maxFlows=1"), "10.4.3.9,10.1.2.3 ");
  EXPECT_EQ(keys("key=10.4.3.8,10.1.2.3"), "10.4.3.8,10.1.2.3 ");
  EXPECT_EQ(keys("key=10.4.3.8"), "");
  EXPECT_EQ(keys("key=10.4.3,"), "");
  EXPECT_EQ(keys("key=,10.1.2.3,"), "");
  // Nothing says where one key ends.
  put(world.engine, "/flow/pair/json",
      R"({"keys":"ipsource,ipdestination","value":"bytes","t":2,"fs":""})");
  const telemetry::Sampled one(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  world.engine.receive(one.datagram(), net::IpAddress::v4({192, 0, 2, 9}), seconds(2));
  EXPECT_EQ(keys("key=10.4.3.910.1.2.3"), "10.4.3.910.1.2.3 ");
  EXPECT_EQ(keys("key=10.4.3.9"), "");
}

TEST(ActiveFlowRoutes, TellsFurtherValues) {
  telemetry::Engine engine;
  put(engine, "/flow/f/json",
      R"({"keys":"ipdestination","value":"frames","values":["avg:bytes","last:ipttl"],"t":2})");
  const telemetry::Sampled one(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  engine.receive(one.datagram(), net::IpAddress::v4({192, 0, 2, 9}), seconds(1));
  EXPECT_EQ(body_of(get(engine, "/activeflows/ALL/f/json")),
            R"([{"key":"10.1.2.3","value":500,"flowN":1,"agent":"192.0.2.9","dataSource":"7",)"
            R"("values":[64,64]}])");
  EXPECT_EQ(body_of(get(engine, "/activeflows/ALL/f/json?aggMode=sum")),
            R"([{"key":"10.1.2.3","value":500,"flowN":1,"values":[64,64]}])");
  EXPECT_EQ(body_of(get(engine, "/flowlocations/ALL/f/json?key=10.1.2.3")),
            R"([{"key":"10.1.2.3","value":500,"agent":"192.0.2.9","dataSource":"7",)"
            R"("values":[64,64]}])");
}

TEST(ActiveFlowRoutes, DecaysWithTime) {
  World world;
  world.engine.tick(seconds(3));
  const double value =
      json_at(world.engine, "/activeflows/ALL/pair/json").at(0).at("value").to_number<double>();
  EXPECT_NEAR(value, 64000 / 2.718281828, 1);
}

TEST(ActiveFlowRoutes, TellsWhereAFlowIsAndWhatItIsWorth) {
  World world;
  EXPECT_EQ(body_of(get(world.engine, "/flowlocations/ALL/pair/json?key=10.4.3.9%2C10.1.2.3")),
            R"([{"key":"10.4.3.9,10.1.2.3","value":64000,"agent":"192.0.2.9","dataSource":"7"}])");
  EXPECT_EQ(body_of(get(world.engine, "/flowvalue/192.0.2.9/7.pair/json?key=10.4.3.9,10.1.2.3")),
            "64000");
  EXPECT_EQ(body_of(get(world.engine, "/flowvalue/ALL/pair/json?key=10.4.3.8,10.1.2.3")), "32000");
  EXPECT_EQ(body_of(get(world.engine, "/flowvalue/192.0.2.9/8.pair/json?key=10.4.3.9,10.1.2.3")),
            "0");
  EXPECT_EQ(body_of(get(world.engine, "/flowvalue/192.0.2.9/7.pair/json?key=x")), "0");
  EXPECT_EQ(get(world.engine, "/flowvalue/192.0.2.9/7.other/json?key=x").status, 404U);
  EXPECT_EQ(get(world.engine, "/flowvalue/nobody/pair/json?key=x").status, 400U);
  EXPECT_EQ(get(world.engine, "/flowlocations/ALL/other/json").status, 404U);
  EXPECT_EQ(get(world.engine, "/flowlocations/nobody/pair/json").status, 400U);
  EXPECT_EQ(json_at(world.engine, "/activeflows/ALL/pair/json?minValue=x").as_array().size(), 2U);
}

}  // namespace
}  // namespace fabrix::analyzer
