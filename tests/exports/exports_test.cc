#include "exports/exports.h"

#include <gmock/gmock.h>

#include "tests/exports/served.h"
#include "tests/telemetry/samples.h"

namespace fabrix::exports {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::kPatience;
using ::testing::Not;
using testing::Web;

class ExportsTest : public ::testing::Test {
 protected:
  exchange::ExportSite site(const std::string& path) const {
    auto site =
        exchange::parse_export("influxdb=http://127.0.0.1:" + std::to_string(web_.port()) + path)
            .value();
    site.interval_seconds = 1;
    return site;
  }
  void sample(int second) {
    const telemetry::Sampled sampled(sflow::frame("udp 10.4.3.9:53 -> 10.1.2.3:9"));
    engine_.receive(sampled.datagram(), net::IpAddress::v4({198, 51, 100, 1}), seconds(second));
  }
  void tick(int second) {
    engine_.tick(seconds(second));
    exports_.tick();
  }
  // All that has come, once so many entries have.
  std::string taken(std::size_t count) {
    EXPECT_TRUE(loop_.run_until([&] { return exports_.status().at(0).sent >= count; }, kPatience));
    std::string all;
    for (const auto& request : web_.asked) all += request.body;
    return all;
  }

  io::EventLoop loop_;
  Web web_{loop_};
  telemetry::Engine engine_;
  Exports exports_{loop_, engine_};
};

TEST_F(ExportsTest, SendsRecordsTopFlowsAndEvents) {
  exports_.configure({site("/write?db=x")});
  ASSERT_TRUE(engine_.flows().set(
      "logged",
      {.keys = "ipsource", .value = "frames", .t = 2, .log = telemetry::FlowSpec::Log::kAtEnd}));
  ASSERT_TRUE(engine_.flows().set("other", {.keys = "ipdestination", .value = "frames", .t = 2}));
  ASSERT_TRUE(engine_.thresholds().set(
      "big", {.metric = "other", .value = 100, .by = telemetry::ThresholdSpec::By::kFlow}));
  tick(1);
  sample(2);
  tick(2);
  tick(20);
  const auto text = taken(4);
  EXPECT_THAT(text, HasSubstr("fabrix_flows,agent=192.0.2.9,ipsource=10.4.3.9,name=logged,"
                              "source=7 value=1000,start=2000i 2000000000\n"));
  EXPECT_THAT(text, HasSubstr("fabrix_top,agent=192.0.2.9,ipdestination=10.1.2.3,name=other,"
                              "source=7 value=500 2000000000\n"));
  EXPECT_THAT(text, HasSubstr("fabrix_events,agent=192.0.2.9,ipdestination=10.1.2.3,metric=other,"
                              "name=big,source=7 value=500,threshold=100 2000000000\n"));
  EXPECT_THAT(text, Not(HasSubstr("fabrix_flows,agent=192.0.2.9,ipdestination")));
}

TEST_F(ExportsTest, SendsRecordsToIpfixCollectors) {
  auto collector = io::DatagramSocket::bind({.address = testing::kHere, .port = 0}).value();
  ASSERT_TRUE(engine_.flows().set(
      "five", {.keys = "ipsource",
               .value = "frames",
               .ipfix_collectors = {{testing::kHere, collector.local().port}}}));
  sample(2);
  tick(20);
  ASSERT_TRUE(testing::poll(loop_, [&] { return !collector.receive().empty(); }));
  ASSERT_EQ(exports_.status().size(), 1U);
  EXPECT_EQ(exports_.status()[0].kind, "ipfix");
  EXPECT_EQ(exports_.status()[0].sent, 1U);
  // The journal is of definitions that are logged.
  EXPECT_EQ(engine_.flows().records().total(), 0U);
}

TEST_F(ExportsTest, WhatStaysTheSameGoesOn) {
  const auto one = site("/write?db=one");
  const auto two = site("/write?db=two");
  exports_.configure({one, two});
  ASSERT_TRUE(engine_.flows().set("f", {.keys = "ipsource", .value = "frames", .t = 2}));
  tick(1);
  sample(2);
  tick(2);
  taken(1);
  exports_.configure({one});
  ASSERT_EQ(exports_.status().size(), 1U);
  EXPECT_EQ(exports_.status()[0].sent, 1U);
  exports_.configure({});
  EXPECT_TRUE(exports_.status().empty());
  sample(3);
  tick(3);
}

}  // namespace
}  // namespace fabrix::exports
