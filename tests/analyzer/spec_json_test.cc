#include "analyzer/spec_json.h"

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
                            .sources = FlowDefinition::Sources::kAgents}));
  EXPECT_EQ(flow_spec_of(to_json(spec)).value(), spec);
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
