#include "telemetry/engine.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/telemetry/members.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

const net::IpAddress kFrom = net::IpAddress::v4({192, 0, 2, 9});

TEST(Engine, CountsWhatItReceives) {
  Engine engine;
  const Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  engine.receive(sampled.datagram(), kFrom, seconds(1));
  engine.receive(sampled.datagram(), kFrom, seconds(2));
  EXPECT_EQ(engine.counters().datagrams, 2U);
  EXPECT_EQ(engine.counters().octets, 2 * sampled.datagram().size());
  EXPECT_EQ(engine.counters().flow_samples, 2U);
  EXPECT_EQ(engine.counters().counter_samples, 0U);
  EXPECT_EQ(engine.counters().parse_errors, 0U);
}

TEST(Engine, TellsOtherVersionsFromGarbage) {
  Engine engine;
  const Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  auto octets = sampled.datagram();
  engine.receive(sflow::Bytes(octets).first(10), kFrom, {});
  // Whatever could be read of it counts, and that it was cut off.
  engine.receive(sflow::Bytes(octets).first(octets.size() - 40), kFrom, {});
  octets[3] = std::byte{4};
  engine.receive(octets, kFrom, {});
  EXPECT_EQ(engine.counters().parse_errors, 2U);
  EXPECT_EQ(engine.counters().unsupported_versions, 1U);
  EXPECT_EQ(engine.counters().datagrams, 1U);
}

TEST(Engine, NeverGoesBackInTime) {
  Engine engine;
  engine.tick(seconds(5));
  engine.tick(seconds(4));
  EXPECT_EQ(engine.now(), seconds(5));
}

// Interface 7's counters: so many octets in all, at this speed.
std::vector<std::byte> counted(std::uint32_t sequence, std::uint64_t octets, std::uint64_t speed) {
  sflow::DatagramWriter out({.agent = kFrom, .sequence = sequence, .uptime_ms = sequence * 1000});
  out.begin(sflow::CounterSample{.sequence = sequence, .source = {0, 7}},
            sflow::SampleForm::kCompact);
  std::vector<sflow::FieldValue> values(19, std::uint64_t{0});
  values[0] = std::uint64_t{7};
  values[2] = speed;
  values[5] = octets;
  out.record(sflow::Tag::of(0, 1),
             sflow::encode_record(*sflow::find_counter_schema(sflow::Tag::of(0, 1)), values));
  return out.take();
}

TEST(Engine, ChecksThresholdsOnMetricsOfSourcesThatMatch) {
  Engine engine;
  const auto set = [&](const char* name, const char* speed) {
    return engine.thresholds().set(
        name, {.metric = "ifinoctets", .value = 100, .filter = {{"ifspeed", {speed}}}});
  };
  ASSERT_TRUE(set("fast", "1000"));
  ASSERT_TRUE(set("slow", "10"));
  engine.receive(counted(1, 1000, 1000), kFrom, seconds(1));
  engine.receive(counted(2, 3000, 1000), kFrom, seconds(11));
  const auto events =
      engine.thresholds().events().newest({}, 10, [](const Event& /*e*/) { return true; });
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].threshold_name, "fast");
  EXPECT_EQ(events[0].value, 200);
  EXPECT_FALSE(events[0].is_of_flow);
}

TEST(Engine, JoinsSamplesWithTheRoutesOfTheirRouter) {
  Engine engine;
  const auto router = net::IpAddress::v4({192, 0, 2, 100});
  ASSERT_TRUE(engine.routers().add_router(router, {.as = 64500}));
  ASSERT_TRUE(engine.routers().bind(kFrom, router));
  ASSERT_TRUE(engine.routers().set_route(
      router, net::Prefix::parse("10.1.0.0/16").value(),
      std::make_shared<const RouteInfo>(RouteInfo{.as_path = "65254-64700", .origin_as = 64700})));
  ASSERT_TRUE(engine.flows().set(
      "paths", {.keys = "bgpdestinationaspath,mask:ipdestination", .value = "frames"}));
  const Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  engine.receive(sampled.datagram(), kFrom, seconds(1));
  const auto flows =
      engine.flows().find("paths")->meter.active_flows(5, Aggregation::kSum, seconds(1));
  ASSERT_EQ(flows.size(), 1U);
  EXPECT_EQ(flows[0].key, "65254-64700,10.1.0.0/16");
  const auto* const known = engine.routers().find(router);
  EXPECT_GT(top_prefixes(known->table, known->rates, {}, seconds(1)).total, 0);
}

TEST(Engine, NamesWhatMembersHaveAndAnnounce) {
  const auto router = net::IpAddress::v4({192, 0, 2, 254});
  Engine engine;
  engine.routers().add_router(router, {.as = 65000});
  engine.routers().bind_others(router);
  engine.set_exchange(three_members(), router);
  engine.routers().set_routes(router, prefix_of("10.0.0.0/8"), set_of({{65001, {kB}}}, {kA}));
  ASSERT_TRUE(engine.flows().set(
      "spoofed",
      {.keys = "map:macsource:members,null:[group:ipsource:members],ipsource", .value = "frames"}));
  for (const auto* const packet :
       {"udp 10.0.0.1:1 -> 20.0.0.1:2", "udp 30.0.0.1:1 -> 20.0.0.1:2"}) {
    engine.receive(Sampled(frame_between(mac_of(kA), mac_of(kB), packet)).datagram(), kFrom,
                   seconds(1));
  }
  std::set<std::string> keys;
  for (const auto& flow :
       engine.flows().find("spoofed")->meter.active_flows(5, Aggregation::kSum, seconds(1))) {
    keys.insert(flow.key);
  }
  EXPECT_EQ(keys, (std::set<std::string>{"A,A,10.0.0.1", "A,null,30.0.0.1"}));
}

}  // namespace
}  // namespace fabrix::telemetry
