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

template <typename Read>
std::string complaint(Read read, const std::string& text) {
  const auto spec = read(parse_object(text).value());
  return spec ? "(fine)" : spec.error().message;
}

TEST(SpecJson, SaysWhatIsWrongWithAFlow) {
  const auto of = [](const std::string& attributes) {
    return complaint(flow_spec_of, R"({"value":"bytes",)" + attributes + "}");
  };
  EXPECT_EQ(of(R"("keys":null,"n":null,"log":null,"aggMode":null)"), "(fine)");
  EXPECT_EQ(complaint(flow_spec_of, "{}"), "'value' is missing: what is measured, such as bytes");
  EXPECT_EQ(complaint(flow_spec_of, R"({"value":{}})"), "'value' is a text");
  for (const std::string key : {"keys", "values", "filter", "fs", "aggMode", "ipfixCollectors"}) {
    EXPECT_EQ(of("\"" + key + "\":{}"), "'" + key + "' is a text");
  }
  EXPECT_EQ(of(R"("keys":["a",{}])"), "'keys' is a text or a list of texts");
  for (const std::string key : {"n", "t", "activeTimeout"}) {
    EXPECT_EQ(of("\"" + key + "\":\"x\""), "'" + key + "' is a number");
  }
  for (const std::string key : {"log", "flowStart", "dropped"}) {
    EXPECT_EQ(of("\"" + key + "\":2"), "'" + key + "' is true or false");
  }
  EXPECT_EQ(of(R"("aggMode":"EDGE")"), "'aggMode' is AGENT, or left out");
}

TEST(SpecJson, SaysWhatIsWrongWithAThreshold) {
  const auto of = [](const std::string& text) { return complaint(threshold_spec_of, text); };
  EXPECT_EQ(of(R"({"metric":"m","value":"1","filter":null,"byFlow":"false"})"), "(fine)");
  EXPECT_EQ(of("{}"), "'metric' is missing: of a flow its name");
  EXPECT_EQ(of(R"({"metric":[{}]})"), "'metric' is a text or a list of texts");
  EXPECT_EQ(of(R"({"metric":"m"})"), "'value' is missing: what is exceeded");
  EXPECT_EQ(of(R"({"metric":"m","value":{}})"), "'value' is a number");
  EXPECT_EQ(of(R"({"metric":"m","value":1,"timeout":"x"})"), "'timeout' is a number");
  EXPECT_EQ(of(R"({"metric":"m","value":1,"byFlow":[]})"), "'byFlow' is true or false");
  EXPECT_EQ(of(R"({"metric":"m","value":1,"filter":7})"),
            R"('filter' is an object: {"ifspeed": ["1000000000"]})");
  EXPECT_EQ(of(R"({"metric":"m","value":1,"filter":{"a":{}}})"), "'a' is a list of texts");
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
