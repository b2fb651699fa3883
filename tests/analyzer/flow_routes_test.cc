#include "analyzer/flow_routes.h"

#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"
#include "tests/telemetry/samples.h"

namespace fabrix::analyzer {
namespace {

TEST(FlowRoutes, DefinesTellsAndRemoves) {
  telemetry::Engine engine;
  EXPECT_EQ(put(engine, "/flow/pair/json",
                R"({"keys":["ipsource","ipdestination"],"value":"bytes","t":"0.05","log":true})")
                .status,
            204U);
  EXPECT_EQ(boost::json::serialize(json_at(engine, "/flow/pair/json")),
            R"({"value":"bytes","n":5,"t":2E-1,"fs":",","log":true,"flowStart":false,)"
            R"("activeTimeout":60,"dropped":false,"keys":"ipsource,ipdestination"})");
  EXPECT_EQ(json_at(engine, "/flow/json").as_object().size(), 1U);
  EXPECT_EQ(remove(engine, "/flow/pair/json").status, 204U);
  EXPECT_EQ(remove(engine, "/flow/pair/json").status, 404U);
  EXPECT_EQ(get(engine, "/flow/pair/json").status, 404U);
}

TEST(FlowRoutes, SaysWhatIsWrongWithADefinition) {
  telemetry::Engine engine;
  const auto why = [&](const char* body) {
    const auto response = put(engine, "/flow/f/json", body);
    EXPECT_EQ(response.status, 400U) << body;
    return boost::json::parse(body_of(response)).at("detail").as_string();
  };
  EXPECT_EQ(why(R"({"keys":"ipsorce","value":"bytes"})"),
            "keys: no flow key is called 'ipsorce'; did you mean ipsource?");
  EXPECT_EQ(why(R"({"keys":"ipsource"})"), "'value' is missing: what is measured, such as bytes");
  EXPECT_EQ(why(R"({"keys":"sum:ipsource","value":"bytes"})"), "keys: unknown function 'sum'");
  EXPECT_EQ(why(R"({"value":"bytes","filter":"ipprotocol"})"),
            "filter: at character 11: =, !=, ~ or !~ is expected");
  EXPECT_EQ(why(R"({"value":"bytes","n":true})"), "'n' is a number");
  EXPECT_EQ(why("[]"), "the body is no JSON object");
  EXPECT_EQ(why(R"({"value":"bytes","keys":"dnsqname","ipfixCollectors":"192.0.2.7"})"),
            "IPFIX has no 'dnsqname'");
  EXPECT_TRUE(json_at(engine, "/flow/json").as_object().empty());
}

TEST(FlowRoutes, TellsWhichKeysSamplesHave) {
  telemetry::Engine engine;
  EXPECT_TRUE(json_at(engine, "/flowkeys/json").as_object().empty());
  const telemetry::Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  engine.receive(sampled.datagram(), net::IpAddress::v4({192, 0, 2, 9}), std::chrono::seconds(1));
  engine.tick(std::chrono::seconds(3));
  EXPECT_EQ(json_at(engine, "/flowkeys/json").at("ipsource"), 2000);
}

}  // namespace
}  // namespace fabrix::analyzer
