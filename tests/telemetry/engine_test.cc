#include "telemetry/engine.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/telemetry/counted.h"
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

const net::IpAddress kServer = net::IpAddress::v4({192, 0, 2, 100});
const net::IpAddress kSwitch = net::IpAddress::v4({198, 51, 100, 1});

// An exchange of three members whose frames switches sample, as Open vSwitch does.
class SampledSwitches : public ::testing::Test {
 protected:
  SampledSwitches() {
    engine_.routers().add_router(kServer, {.as = 64500, .id = "192.0.2.100"});
    engine_.routers().bind_others(kServer);
    Exchange exchange = three_members();
    exchange.members[1].routers = {"b1"};
    engine_.set_exchange(std::move(exchange), kServer);
  }

  // A sends a frame to this address, which comes in at the agent's interface 1.
  void sample(const net::MacAddress& to, sflow::Interface output,
              const net::IpAddress& agent = kSwitch) {
    const auto frame = frame_between(mac_of(kA), to, "udp 10.0.0.1:1 -> 20.0.0.1:2");
    sflow::DatagramWriter out({.agent = agent});
    out.begin({.source = {2, 1000}, .sampling_rate = 1000, .input = {0, 1}, .output = output},
              sflow::SampleForm::kCompact);
    out.record(sflow::SampledHeader{.protocol = 1,
                                    .frame_length = static_cast<std::uint32_t>(frame.size()),
                                    .stripped = 0,
                                    .header = frame});
    engine_.receive(out.take(), agent, seconds(1));
  }
  // The switch's port of this number has an interface.
  void tell_port(std::uint32_t interface, std::uint32_t number) {
    const Counted counters{
        .source = {0, interface},
        .agent = kSwitch,
        .records = {{sflow::Tag::of(0, 1004), {std::uint64_t{0xe1}, std::uint64_t{number}}}}};
    engine_.receive(datagram_of(counters), kSwitch, seconds(1));
  }

  // Frames by their destinations.
  std::map<std::string, std::uint64_t> rows(TrafficView view) const {
    std::map<std::string, std::uint64_t> rows;
    for (const auto& [key, traffic] : engine_.traffic().table(view).rows()) {
      rows[ExchangeTraffic::text_of(engine_.routers().members(), TrafficField::kEnd, key[1])] +=
          traffic.frames();
    }
    return rows;
  }
  using Rows = std::map<std::string, std::uint64_t>;

  Engine engine_;
};

// leaf1 has A at port 1, B at 2 and a link at 49 to the spine's 1; it calls discarded what one of
// its links gets.
TEST_F(SampledSwitches, CountAFrameOnceInAnExchangeOfSeveral) {
  const auto spine = net::IpAddress::v4({198, 51, 100, 2});
  ASSERT_TRUE(engine_.set_topology(
      {.nodes = {{"leaf1", {.agent = kSwitch, .ports = {{"a1", 1}, {"b1", 2}, {"49", 49}}}},
                 {"spine1", {.agent = spine, .ports = {{"1", 1}, {"2", 2}}}}},
       .links = {{"up", {.node1 = "leaf1", .port1 = "49", .node2 = "spine1", .port2 = "1"}}}}));
  sample(mac_of(kC), {1, 256});
  sample(mac_of(kC), {0, 2}, spine);  // counted at the leaf
  sample(kStrangerMac, {0, 49});      // a policy's, by the link
  sample(kStrangerMac, {0, 2});       // a policy's, to B
  sample(kStrangerMac, {1, 258});     // an ACL's
  EXPECT_EQ(rows(TrafficView::kMatrix),
            (Rows{{"C", 1000}, {"080000000099", 1000}, {"B", 1000}, {"discarded", 1000}}));
  EXPECT_EQ(rows(TrafficView::kFlooding), Rows{});
}

// Everything to C, as its rows have it; it counts what it is asked for.
class ToC : public Steering {
 public:
  std::optional<MemberId> receiver_of(std::span<const std::byte> frame) const override {
    frames.emplace_back(frame.begin(), frame.end());
    return kC;
  }
  mutable std::vector<std::vector<std::byte>> frames;
};

TEST_F(SampledSwitches, AskTheRowsWhereAPolicySteersAFrame) {
  const auto rows_of_c = std::make_shared<ToC>();
  Exchange exchange = three_members();
  exchange.members[1].routers = {"b1"};
  exchange.steering = rows_of_c;
  engine_.set_exchange(std::move(exchange), kServer);
  ASSERT_TRUE(engine_.set_topology(
      {.nodes = {{"leaf1", {.agent = kSwitch, .ports = {{"a1", 1}, {"b1", 2}, {"49", 49}}}},
                 {"spine1", {.agent = net::IpAddress::v4({198, 51, 100, 2}), .ports = {{"1", 1}}}}},
       .links = {{"up", {.node1 = "leaf1", .port1 = "49", .node2 = "spine1", .port2 = "1"}}}}));
  sample(kStrangerMac, {0, 49});   // by a link
  sample(kStrangerMac, {1, 256});  // by one of several
  sample(kStrangerMac, {0, 2});    // the switch says who gets it
  sample(mac_of(kB), {0, 49});     // the frame does
  sample(kStrangerMac, {1, 258});  // nobody
  EXPECT_EQ(rows(TrafficView::kMatrix), (Rows{{"C", 2000}, {"B", 2000}, {"discarded", 1000}}));
  EXPECT_EQ(rows(TrafficView::kFlooding), Rows{});
  ASSERT_EQ(rows_of_c->frames.size(), 2U);
  EXPECT_EQ(rows_of_c->frames[0],
            frame_between(mac_of(kA), kStrangerMac, "udp 10.0.0.1:1 -> 20.0.0.1:2"));
}

// Of a single one, whose ports have the exchange's numbers.
TEST_F(SampledSwitches, TellWhoGetsWhatAPolicySteers) {
  sample(kStrangerMac, {0, 7});  // who is there, is not known yet
  tell_port(7, 2);
  tell_port(8, 99);
  sample(kStrangerMac, {0, 7});
  sample(mac_of(kC), {0, 7});
  sample(kStrangerMac, {0, 8});  // nobody's
  sample(mac_of(kC), {1, 256});
  EXPECT_EQ(rows(TrafficView::kMatrix),
            (Rows{{"080000000099", 2000}, {"B", 1000}, {"C", 1000}, {"discarded", 1000}}));
  EXPECT_EQ(rows(TrafficView::kFlooding), (Rows{{"080000000099", 2000}}));
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
