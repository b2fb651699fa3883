#include "analyzer/spec_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "analyzer/json_fields.h"

namespace fabrix::analyzer {
namespace {

using telemetry::FlowDefinition;
using telemetry::FlowSpec;

TEST(SpecJson, ReadsAllAttributesOfAFlow) {
  const auto spec = flow_spec_of(parse_object(R"({"keys":"ipsource","value":"frames",
      "values":["count:ipsource","avg:bytes"],"filter":"vlan=1","n":10,"t":5,"fs":"_SEP_",
      "log":"true","flowStart":true,"activeTimeout":5,"dropped":true,"aggMode":"AGENT",
      "ipfixCollectors":"10.0.0.1"})")
                                     .value())
                        .value();
  EXPECT_EQ(spec, (FlowSpec{.keys = "ipsource",
                            .value = "frames",
                            .values = "count:ipsource,avg:bytes",
                            .filter = "vlan=1",
                            .n = 10,
                            .t = 5,
                            .separator = "_SEP_",
                            .log = FlowSpec::Log::kAtStart,
                            .active_timeout = 5,
                            .of = FlowDefinition::Of::kDrops,
                            .sources = FlowDefinition::Sources::kAgents,
                            .ipfix_collectors = {{net::IpAddress::v4({10, 0, 0, 1}), 4739}}}));
  EXPECT_EQ(flow_spec_of(to_json(spec)).value(), spec);
}

TEST(SpecJson, ReadsAndWritesCollectors) {
  const auto spec = [](const char* collectors) {
    return flow_spec_of({{"value", "bytes"}, {"ipfixCollectors", boost::json::parse(collectors)}});
  };
  const auto both = spec(R"(["192.0.2.7", "[2001:db8::1]:9"])").value();
  ASSERT_EQ(both.ipfix_collectors.size(), 2U);
  EXPECT_EQ(both.ipfix_collectors[0].port, 4739);
  EXPECT_EQ(boost::json::serialize(to_json(both).at("ipfixCollectors")),
            R"(["192.0.2.7:4739","[2001:db8::1]:9"])");
  EXPECT_EQ(spec(R"("192.0.2.7:9,192.0.2.8")")->ipfix_collectors.size(), 2U);
  EXPECT_FALSE(spec(R"(["localhost"])"));
  EXPECT_FALSE(spec(R"("192.0.2.7:0")"));
  EXPECT_FALSE(
      spec(R"("1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1")"));
}

TEST(SpecJson, RefusesOtherModes) {
  EXPECT_FALSE(flow_spec_of(parse_object(R"({"value":"bytes","aggMode":"EDGE"})").value()));
}

TEST(SpecJson, ReadsWhatItWritesOfAThreshold) {
  const telemetry::ThresholdSpec spec{.metric = "m",
                                      .value = 1.5,
                                      .by = telemetry::ThresholdSpec::By::kFlow,
                                      .timeout = 3,
                                      .filter = {{"ifspeed", {"10", "20"}}}};
  EXPECT_EQ(threshold_spec_of(to_json(spec)).value(), spec);
}

}  // namespace
}  // namespace fabrix::analyzer
