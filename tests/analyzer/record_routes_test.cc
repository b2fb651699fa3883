#include "analyzer/record_routes.h"

#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"
#include "tests/telemetry/samples.h"

namespace fabrix::analyzer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RecordRoutes, TellsRecordsOfEndedFlows) {
  telemetry::Engine engine;
  put(engine, "/flow/log/json",
      R"({"keys":"ipsource","value":"frames","log":true,"activeTimeout":5})");
  put(engine, "/flow/quiet/json", R"({"keys":"ipsource","value":"frames"})");
  const telemetry::Sampled sampled(sflow::frame("udp 10.4.3.9:53 -> 10.1.2.3:9"));
  for (int i = 0; i < 10; ++i) {
    engine.receive(sampled.datagram(), net::IpAddress::v4({192, 0, 2, 9}),
                   seconds(1) + milliseconds(100) * i);
  }
  EXPECT_EQ(body_of(get(engine, "/flows/json")), "[]");
  // By the clock, not by the next sample.
  engine.tick(seconds(7));
  EXPECT_EQ(body_of(get(engine, "/flows/json?name=log&maxFlows=10&flowID=-1&timeout=60")),
            R"([{"flowID":0,"name":"log","flowKeys":"10.4.3.9","value":10000,"start":1000,)"
            R"("end":1900,"agent":"192.0.2.9","dataSource":"7"}])");
  EXPECT_EQ(body_of(get(engine, "/flows/json?name=other")), "[]");
  EXPECT_EQ(body_of(get(engine, "/flows/json?flowID=0")), "[]");
  EXPECT_EQ(get(engine, "/flows/sse").headers.at(0).value, "text/event-stream");
}

}  // namespace
}  // namespace fabrix::analyzer
