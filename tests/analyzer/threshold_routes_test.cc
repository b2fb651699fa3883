#include "analyzer/threshold_routes.h"

#include <functional>
#include <optional>

#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"
#include "tests/telemetry/samples.h"

namespace fabrix::analyzer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct World {
  World() {
    put(engine, "/flow/udp/json",
        R"({"keys":"ipdestination","value":"frames","values":"count:ipsource"})");
    put(engine, "/threshold/flood/json",
        R"({"metric":"udp","value":100000,"byFlow":true,"timeout":2})");
    put(engine, "/threshold/never/json", R"({"metric":"udp","value":1e12})");
  }

  // A million frames a second for as long.
  void attack(milliseconds from, milliseconds until) {
    const telemetry::Sampled sampled(sflow::frame("udp 10.4.3.9:53 -> 10.1.2.3:9"));
    for (auto at = from; at < until; at += milliseconds(1)) {
      engine.receive(sampled.datagram(), net::IpAddress::v4({192, 0, 2, 9}), at);
    }
  }

  telemetry::Engine engine;
};

// The next piece of an answer that waits.
std::optional<std::string> next(const http::Response& response) {
  return std::get<http::NextPiece>(response.body)();
}

TEST(ThresholdRoutes, DefinesTellsAndRemoves) {
  World world;
  EXPECT_EQ(body_of(get(world.engine, "/threshold/flood/json")),
            R"({"metric":"udp","value":100000,"byFlow":true,"timeout":2})");
  EXPECT_EQ(json_at(world.engine, "/threshold/json").as_object().size(), 2U);
  EXPECT_EQ(put(world.engine, "/threshold/f/json",
                R"({"metric":"load","value":"1.5","filter":{"os_name":["linux"]}})")
                .status,
            204U);
  EXPECT_EQ(json_at(world.engine, "/threshold/f/json").at("filter").at("os_name").at(0), "linux");
  EXPECT_EQ(remove(world.engine, "/threshold/flood/json").status, 204U);
  EXPECT_EQ(get(world.engine, "/threshold/flood/json").status, 404U);
  EXPECT_EQ(remove(world.engine, "/threshold/flood/json").status, 404U);
  EXPECT_EQ(put(world.engine, "/threshold/f/json", R"({"metric":"load"})").status, 400U);
  EXPECT_EQ(put(world.engine, "/threshold/f/json", R"({"value":1})").status, 400U);
  EXPECT_EQ(put(world.engine, "/threshold/f/json", "nonsense").status, 400U);
  EXPECT_EQ(put(world.engine, "/threshold/f/json", R"({"metric":"m","value":1,"filter":2})").status,
            400U);
}

TEST(ThresholdRoutes, TellsTheEventsTheNewestFirst) {
  World world;
  EXPECT_EQ(body_of(get(world.engine, "/events/json")), "[]");
  world.attack(milliseconds(0), seconds(1));
  world.attack(seconds(30), seconds(31));
  const auto events = json_at(world.engine, "/events/json?eventID=-1&maxEvents=10&timeout=60");
  ASSERT_EQ(events.as_array().size(), 2U);
  EXPECT_EQ(events.at(0).at("eventID"), 1);
  EXPECT_EQ(events.at(1).at("eventID"), 0);
  EXPECT_EQ(events.at(1).at("thresholdID"), "flood");
  EXPECT_EQ(events.at(1).at("metric"), "udp");
  EXPECT_EQ(events.at(1).at("threshold"), 100'000);
  EXPECT_EQ(events.at(1).at("flowKey"), "10.1.2.3");
  EXPECT_EQ(events.at(1).at("agent"), "192.0.2.9");
  EXPECT_EQ(events.at(1).at("dataSource"), "7");
  EXPECT_EQ(events.at(1).at("values").at(0), 1);
  // After -t ln(1 - T/R) = 211 ms.
  EXPECT_NEAR(events.at(1).at("timestamp").to_number<double>(), 211, 3);
  EXPECT_EQ(json_at(world.engine, "/events/json?maxEvents=1").as_array().size(), 1U);
  for (const auto* all : {"-1", "1x", "x", ""}) {
    EXPECT_EQ(json_at(world.engine, std::string("/events/json?maxEvents=") + all).as_array().size(),
              2U);
  }
  EXPECT_EQ(json_at(world.engine, "/events/json?eventID=0").as_array().size(), 1U);
  EXPECT_EQ(json_at(world.engine, "/events/json?thresholdID=never").as_array().size(), 0U);
  EXPECT_EQ(json_at(world.engine, "/events/json?thresholdID=never,flood").as_array().size(), 2U);
  // A number from before a restart.
  EXPECT_EQ(json_at(world.engine, "/events/json?eventID=700&timeout=60").as_array().size(), 2U);
}

TEST(ThresholdRoutes, ALongPollEndsWithTheEventOrTheTimeout) {
  World world;
  world.engine.tick(seconds(1));
  // r1136 hangs with a thresholdID until there is such an event.
  const auto in_vain = get(world.engine, "/events/json?thresholdID=never&eventID=-1&timeout=5");
  const auto lucky = get(world.engine, "/events/json?thresholdID=flood&eventID=-1&timeout=5");
  EXPECT_EQ(lucky.ask_again, milliseconds(10));
  EXPECT_EQ(next(in_vain), "");
  EXPECT_EQ(next(lucky), "");
  world.attack(seconds(2), seconds(3));
  EXPECT_EQ(next(in_vain), "");
  EXPECT_EQ(boost::json::parse(*next(lucky)).as_array().size(), 1U);
  EXPECT_EQ(next(lucky), std::nullopt);
  world.engine.tick(seconds(6));
  EXPECT_EQ(next(in_vain), "[]");
  EXPECT_EQ(next(in_vain), std::nullopt);
}

TEST(ThresholdRoutes, StreamsWhatComes) {
  World world;
  world.attack(milliseconds(0), seconds(1));
  const auto stream = get(world.engine, "/events/sse?thresholdID=flood");
  EXPECT_EQ(stream.headers.at(0), (http::Header{"Content-Type", "text/event-stream"}));
  EXPECT_EQ(next(stream), ": alive\n\n");
  EXPECT_EQ(next(stream), "");
  world.attack(seconds(10), seconds(11));
  const auto text = next(stream).value();
  EXPECT_TRUE(text.starts_with("id: 1\ndata: {\"eventID\":1,")) << text;
  EXPECT_TRUE(text.ends_with("}\n\n"));
  EXPECT_EQ(next(stream), "");
  world.engine.tick(seconds(30));
  EXPECT_EQ(next(stream), ": alive\n\n");
}

TEST(ThresholdRoutes, AStreamGoesOnWhereTheClientWas) {
  World world;
  world.attack(milliseconds(0), seconds(1));
  world.attack(seconds(10), seconds(11));
  http::Request request;
  request.target = http::parse_target("/events/sse").value();
  request.headers.push_back({"last-event-id", "0"});
  const auto stream = all_routes().answer(world.engine, request);
  EXPECT_TRUE(next(stream)->starts_with("id: 1\n"));
}

}  // namespace
}  // namespace fabrix::analyzer
