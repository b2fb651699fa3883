// The command, with captures of other projects replayed to it, and questions over HTTP.
#include <csignal>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/analyzer/mmdb.h"
#include "tests/app/running_analyzer.h"
#include "tests/app/sflow_captures.h"
#include "tests/exports/served.h"
#include "tests/io/world.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using testing::RunningAnalyzer;
using testing::sflow_capture;

TEST(SflowAnalyze, ExplainsItself) {
  EXPECT_THAT(fabrix({"sflow", "analyze", "--help"}).out, HasSubstr("127.0.0.1:8008"));
  EXPECT_EQ(fabrix({"sflow", "analyze", "now", "then"}).status.code, 2);
  const auto wrong = fabrix({"sflow", "analyze", "--rest", "8008"});
  EXPECT_EQ(wrong.status.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("sflow analyze: '8008' is not ADDRESS"));
  EXPECT_EQ(fabrix({"sflow", "analyze", "--property", "x"}).status.code, 2);
  const auto elsewhere =
      fabrix({"sflow", "analyze", "--listen", "127.0.0.1:0", "--rest", "192.0.2.1:0"});
  EXPECT_EQ(elsewhere.status.code, 1);
  const auto exported = fabrix({"sflow", "analyze", "--export", "kafka=x"});
  EXPECT_EQ(exported.status.code, 2);
  EXPECT_THAT(exported.err, HasSubstr("--export 'kafka=x': it is influxdb=URL"));
}

TEST(SflowAnalyze, ListensForRouters) {
  const auto wrong = fabrix({"sflow", "analyze", "--router", "192.0.2.1"});
  EXPECT_EQ(wrong.status.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("--router: '192.0.2.1' lacks as="));
  EXPECT_EQ(fabrix({"sflow", "analyze", "--bgp", "router"}).status.code, 2);
  io::EventLoop loop;
  RunningAnalyzer analyzer(
      loop, {"--bgp", "127.0.0.1:0", "--router", "192.0.2.1,as=64500,id=10.0.0.1,ipv6"});
  EXPECT_THAT(analyzer.command().err(), HasSubstr("BGP at 127.0.0.1:"));
  EXPECT_THAT(analyzer.ask("GET /bgp/neighbors/json"), HasSubstr(R"("address":"192.0.2.1")"));
}

TEST(SflowAnalyze, ReadsActiveRoutesOfAFile) {
  const io::testing::TemporaryDirectory directory;
  const std::string file = directory / "active.yaml";
  analyzer::testing::written(file, "- {name: edge, router: 192.0.2.1, ipv4: 5}\n");
  const auto wrong = fabrix({"sflow", "analyze", "--active-routes", file});
  EXPECT_EQ(wrong.status.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("C0111"));
  EXPECT_EQ(fabrix({"sflow", "analyze", "--active-routes", directory / "nothing"}).status.code, 2);
  analyzer::testing::written(file,
                             "- {name: edge, router: 192.0.2.1, ipv4: 5, kernel: {table: 4299}}\n");
  io::EventLoop loop;
  RunningAnalyzer analyzer(loop, {"--active-routes", file});
  EXPECT_THAT(analyzer.ask("GET /active/json"), HasSubstr(R"("name":"edge")"));
}

TEST(SflowAnalyze, NamesWhatDatabasesKnow) {
  const io::testing::TemporaryDirectory directory;
  const std::string from = directory / "countries";
  analyzer::testing::written(
      from, analyzer::testing::mmdb_file(
                {{"0.0.0.0/1", analyzer::testing::country_record("NL", "Netherlands")},
                 {"128.0.0.0/1", analyzer::testing::country_record("NL", "Netherlands")}}));
  EXPECT_EQ(fabrix({"sflow", "analyze", "--country", directory / "nothing"}).status.code, 1);
  EXPECT_EQ(fabrix({"sflow", "analyze", "--dns", "nobody"}).status.code, 1);
  io::EventLoop loop;
  RunningAnalyzer analyzer(loop, {"--country", from, "--dns", "127.0.0.1:9"});
  EXPECT_EQ(analyzer.ask("PUT /flow/f/json",
                         R"({"keys":"country:ipsource:both","value":"frames","t":600})"),
            "");
  EXPECT_EQ(analyzer.ask("PUT /threshold/any/json", R"({"metric":"f","value":0.1})"), "");
  const auto replayed = fabrix({"sflow", "replay", sflow_capture("goflow2_flows.pcap"), "--to",
                                analyzer.sflow(), "--speed", "max", "--port", "any"});
  ASSERT_EQ(replayed.status.code, 0) << replayed.err;
  const auto events = boost::json::parse(analyzer.ask("GET /events/json?eventID=-1&timeout=60"));
  ASSERT_FALSE(events.as_array().empty());
  const auto flows = boost::json::parse(analyzer.ask("GET /activeflows/ALL/f/json"));
  EXPECT_EQ(flows.at(0).at("key"), "NL Netherlands");
}

void measure_a_replayed_capture(const std::vector<std::string>& options) {
  io::EventLoop loop;
  RunningAnalyzer analyzer(loop, options);
  EXPECT_EQ(analyzer.ask("PUT /flow/pair/json",
                         R"({"keys":"ipsource,ipdestination","value":"frames","t":600})"),
            "");
  EXPECT_EQ(analyzer.ask("PUT /threshold/any/json", R"({"metric":"pair","value":0.1})"), "");
  const auto replayed = fabrix({"sflow", "replay", sflow_capture("goflow2_flows.pcap"), "--to",
                                analyzer.sflow(), "--speed", "max", "--port", "any"});
  ASSERT_EQ(replayed.status.code, 0) << replayed.err;
  // It waits for what the datagram makes.
  const auto events = boost::json::parse(analyzer.ask("GET /events/json?eventID=-1&timeout=60"));
  ASSERT_FALSE(events.as_array().empty());
  const auto flows = boost::json::parse(analyzer.ask("GET /activeflows/ALL/pair/json"));
  ASSERT_FALSE(flows.as_array().empty());
  // What `fabrix sflow flows` finds in the file.
  const auto offline = boost::json::parse(
      fabrix({"sflow", "flows", sflow_capture("goflow2_flows.pcap"), "--keys",
              "ipsource,ipdestination", "--value", "frames", "--port", "any", "--json"})
          .out);
  EXPECT_EQ(flows.as_array().size(), offline.as_array().size());
  EXPECT_EQ(flows.at(0).at("key"), offline.at(0).at("key"));
  EXPECT_EQ(flows.at(0).at("agent"), offline.at(0).at("agent"));
  EXPECT_EQ(flows.at(0).at("dataSource"), offline.at(0).at("dataSource"));
  analyzer.command().signal(SIGTERM);
  EXPECT_EQ(analyzer.command().ended().code, 0);
  EXPECT_THAT(analyzer.command().err(), HasSubstr("1 datagrams received"));
}

TEST(SflowAnalyze, MeasuresAReplayedCapture) {
  measure_a_replayed_capture({});
}

TEST(SflowAnalyze, MeasuresACaptureOnItsOwnClock) {
  io::EventLoop loop;
  const std::string capture = sflow_capture("goflow2_flows.pcap");
  RunningAnalyzer analyzer(loop, {capture, "--port", "any"});
  EXPECT_THAT(analyzer.command().err(), HasSubstr("sFlow of " + capture));
  analyzer.ask("PUT /flow/pair/json", R"({"keys":"macsource","value":"bytes","t":5})");
  EXPECT_THAT(analyzer.ask("GET /replay/json"), HasSubstr(R"("state":"waiting")"));
  EXPECT_EQ(analyzer.ask("PUT /replay/json", R"({"state":"running","speed":100})"), "");
  analyzer.ask_until("GET /replay/json", R"("state":"ended")");
  const auto flows = boost::json::parse(analyzer.ask("GET /activeflows/ALL/pair/json"));
  // The values, not only the keys, are those of the file read at once.
  const auto offline =
      boost::json::parse(fabrix({"sflow", "flows", capture, "--keys", "macsource", "--value",
                                 "bytes", "--t", "5", "--port", "any", "--top", "100", "--json"})
                             .out);
  ASSERT_FALSE(flows.as_array().empty());
  ASSERT_EQ(flows.as_array().size(), offline.as_array().size());
  for (std::size_t i = 0; i < flows.as_array().size(); ++i) {
    EXPECT_EQ(flows.at(i).at("key"), offline.at(i).at("key"));
    EXPECT_DOUBLE_EQ(flows.at(i).at("value").to_number<double>(),
                     offline.at(i).at("value").to_number<double>());
  }
}

TEST(SflowAnalyze, ACaptureAndASocketAreTwoThings) {
  const std::string capture = sflow_capture("goflow2_flows.pcap");
  EXPECT_EQ(fabrix({"sflow", "analyze", capture, "--listen", "127.0.0.1:0"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "analyze", "--speed", "2"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "analyze", capture, "--speed", "0"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "analyze", capture, "--port", "x"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "analyze", "/no/such/file"}).status.code, 3);
}

TEST(SflowAnalyze, MeasuresLikewiseOverThreads) {
  measure_a_replayed_capture({"--threads", "4"});
  const auto many = fabrix({"sflow", "analyze", "--threads", "17"});
  EXPECT_EQ(many.status.code, 2);
  EXPECT_THAT(many.err, HasSubstr("--threads '17': 1 to 16"));
}

TEST(SflowAnalyze, SendsEventsOn) {
  io::EventLoop loop;
  exports::testing::Web web(loop);
  const std::string port = std::to_string(web.port());
  RunningAnalyzer analyzer(loop, {"--export", "influxdb=http://127.0.0.1:" + port + "/write?db=x"});
  analyzer.ask("PUT /flow/pair/json", R"({"keys":"ipsource,ipdestination","value":"frames"})");
  analyzer.ask("PUT /threshold/any/json", R"({"metric":"pair","value":0.1})");
  const auto replayed = fabrix({"sflow", "replay", sflow_capture("goflow2_flows.pcap"), "--to",
                                analyzer.sflow(), "--speed", "max", "--port", "any"});
  ASSERT_EQ(replayed.status.code, 0) << replayed.err;
  ASSERT_TRUE(loop.run_until([&] { return !web.asked.empty(); }, exports::testing::kPatience));
  EXPECT_THAT(web.asked[0].body, HasSubstr("fabrix_events,"));
  EXPECT_THAT(analyzer.ask("GET /exports/json"), HasSubstr("\"kind\":\"influxdb\""));
}

}  // namespace
}  // namespace fabrix::app
