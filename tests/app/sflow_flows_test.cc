#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/commands_world.h"
#include "tests/app/sflow_captures.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using testing::sflow_capture;
using ::testing::StartsWith;

// Five samples, 1 in 16,383, at one moment.
TEST(SflowFlows, ShowsTheActiveFlowsOfACapture) {
  const auto run = fabrix({"sflow", "flows", sflow_capture("goflow2_flows.pcap"), "--keys",
                           "ipsource,ipdestination", "--total", "--json"});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  const auto flows = testing::parse_json(run.out).as_array();
  ASSERT_EQ(flows.size(), 5U);
  EXPECT_EQ(flows[0].at("key"), "137.74.204.213,89.187.169.85");
  EXPECT_EQ(flows[0].at("value").to_number<double>(), 1522.0 * 16383);
  EXPECT_EQ(flows[0].at("agent"), "1.2.3.4");
  EXPECT_EQ(flows[0].at("dataSource"), "1000104");
  EXPECT_EQ(flows[0].at("flowN").to_number<int>(), 1);
  EXPECT_EQ(flows[0].as_object().if_contains("error"), nullptr);
}

TEST(SflowFlows, KnowsKeysValuesFiltersAndAggregations) {
  const auto rates = fabrix({"sflow", "flows", sflow_capture("goflow2_flows.pcap"), "--keys",
                             "mask:ipsource:8", "--value", "frames", "--filter",
                             "tcpsourceport=80,443,8000", "--t", "10", "--sum", "--json"});
  EXPECT_EQ(rates.status.code, 0) << rates.err;
  const auto flows = testing::parse_json(rates.out).as_array();
  ASSERT_EQ(flows.size(), 3U);
  EXPECT_EQ(flows[0].at("value").to_number<double>(), 1638.3);
  EXPECT_EQ(flows[0].as_object().if_contains("agent"), nullptr);
  const auto table = fabrix({"sflow", "flows", sflow_capture("goflow2_flows.pcap"), "--keys",
                             "vlan", "--value", "frames", "--total", "--top", "1"});
  EXPECT_THAT(table.out, StartsWith("key"));
  EXPECT_THAT(table.out, HasSubstr("23 "));
  EXPECT_THAT(table.out, HasSubstr("32766"));
  const auto none = fabrix({"sflow", "flows", sflow_capture("gopacket_3.pcap"), "--keys", "vlan"});
  EXPECT_EQ(none.out, "none\n");
  const auto drops = fabrix({"sflow", "flows", sflow_capture("goflow2_flows.pcap"), "--drops"});
  EXPECT_EQ(drops.out, "none\n");
}

TEST(SflowFlows, TellsWhenAFlowExceedsAThreshold) {
  const std::vector<std::string> command{
      "sflow",  "flows",       sflow_capture("goflow2_flows.pcap"),
      "--keys", "vlan",        "--value",
      "frames", "--threshold", "9000"};
  const auto run = fabrix(command);
  EXPECT_EQ(run.status.code, 0) << run.err;
  // VLAN 23 has two samples, each worth 16,383 / 2.
  EXPECT_EQ(run.out, "2023-11-14T22:13:20.000Z  23  16383  agent 1.2.3.4 data source 1000100\n");
  auto as_json = command;
  as_json.emplace_back("--json");
  const auto event = testing::parse_json(fabrix(as_json).out);
  EXPECT_EQ(event.at("eventID").to_number<int>(), 0);
  EXPECT_EQ(event.at("timestamp").to_number<std::int64_t>(), 1'700'000'000'000);
  EXPECT_EQ(event.at("flowKey"), "23");
  EXPECT_EQ(event.at("value").to_number<double>(), 16383);
  EXPECT_EQ(event.at("threshold").to_number<double>(), 9000);
  EXPECT_EQ(event.at("dataSource"), "1000100");
}

TEST(SflowFlows, SaysWhatHadNoRoom) {
  const auto run = fabrix({"sflow", "flows", sflow_capture("goflow2_flows.pcap"), "--keys",
                           "ipsource", "--exact", "1", "--total", "--json"});
  EXPECT_EQ(run.status.code, 0);
  // Two sources with four samples and one.
  EXPECT_EQ(testing::parse_json(run.out).as_array().size(), 2U);
  EXPECT_THAT(run.err, HasSubstr("3 samples were not counted"));
}

TEST(SflowFlows, TellsApartWhatIsWrong) {
  const auto file = sflow_capture("goflow2_flows.pcap");
  EXPECT_EQ(fabrix({"sflow", "flows"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "flows", file, "--top", "0"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "flows", file, "--t", "0.1"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "flows", file, "--t", "1", "--total"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "flows", file, "--timeout", "1"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "flows", file, "--threshold", "x"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "flows", "/nowhere"}).status.code, 3);
  const auto key = fabrix({"sflow", "flows", file, "--keys", "ipsorce"});
  EXPECT_EQ(key.status.code, 65);
  EXPECT_THAT(key.err, HasSubstr("keys: no flow key is called 'ipsorce'; did you mean ipsource?"));
  EXPECT_EQ(fabrix({"sflow", "flows", file, "--filter", "("}).status.code, 65);
  EXPECT_EQ(fabrix({"sflow", "flows", "--help"}).status.code, 0);
}

}  // namespace
}  // namespace fabrix::app
