// The scripts of examples/scripts, by `fabrix sflow analyze`, with public captures replayed to it.
#include <csignal>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server.h"
#include "tests/app/running_analyzer.h"
#include "tests/app/sflow_captures.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using testing::RunningAnalyzer;

std::string example(const std::string& name) {
  return testing::source_file("examples/scripts/" + name);
}

void replay(RunningAnalyzer& analyzer) {
  const auto replayed = fabrix({"sflow", "replay", testing::sflow_capture("goflow2_flows.pcap"),
                                "--to", analyzer.sflow(), "--speed", "max", "--port", "any"});
  ASSERT_EQ(replayed.status.code, 0) << replayed.err;
}

TEST(SflowScripts, TopTalkersAreThoseOfTheRestApi) {
  io::EventLoop loop;
  const testing::Scratch scratch;
  RunningAnalyzer analyzer(loop, {"--script", example("top-talkers.js"), "--store",
                                  scratch / "store", "--property", "top.n=3"});
  analyzer.ask_until("GET /scripts/json", R"("state":"running")");
  replay(analyzer);
  const auto top =
      boost::json::parse(analyzer.ask_until("GET /script/top-talkers.js/top/json", "source"));
  // What `fabrix sflow flows` finds in the file: five flows, all of the same size but one.
  ASSERT_EQ(top.as_array().size(), 3U);
  const auto all = analyzer.ask("GET /activeflows/ALL/top_talkers/json");
  for (const auto& row : top.as_array()) {
    EXPECT_THAT(all, HasSubstr(std::string(row.at("source").as_string()) + "," +
                               std::string(row.at("destination").as_string())));
  }
  EXPECT_EQ(boost::json::parse(analyzer.ask("GET /script/top-talkers.js/top/json?n=100"))
                .as_array()
                .size(),
            5U);
  EXPECT_THAT(analyzer.ask_until("GET /script/top-talkers.js/peaks/json", "bps"), HasSubstr(" > "));
  EXPECT_THAT(analyzer.ask("GET /scripts/top-talkers.js/log/txt"),
              HasSubstr("+0000 INFO: top-talkers: measuring\n"));
  analyzer.command().signal(SIGTERM);
  EXPECT_EQ(analyzer.command().ended().code, 0);
  // The next one knows them.
  RunningAnalyzer next(loop, {"--script", example("top-talkers.js"), "--store", scratch / "store"});
  EXPECT_THAT(next.ask_until("GET /script/top-talkers.js/peaks/json", "bps"), HasSubstr(" > "));
}

TEST(SflowScripts, AFloodIsToldToTheController) {
  io::EventLoop loop;
  std::vector<std::string> told;
  const auto controller = http::Server::start(loop, {}, [&](const http::Request& request) {
                            told.push_back(request.body);
                            return http::text_response(200, "blocked");
                          }).value();
  const std::string url = "http://127.0.0.1:" + std::to_string(controller->port());
  RunningAnalyzer analyzer(
      loop, {"--script", example("ddos.js"), "--allow", url, "--property",
             "ddos.threshold=1,ddos.inside=195.181.174.0/24,ddos.controller=" + url + "/block"});
  analyzer.ask_until("GET /scripts/json", R"("state":"running")");
  replay(analyzer);
  EXPECT_THAT(analyzer.ask_until("GET /script/ddos.js/controls/json", "blocked"),
              HasSubstr(R"([{"target":"195.181.174.135","selector":"32872","attack":"ddos_tcp",)"
                        R"("status":"blocked")"));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0], R"({"action":"block","ip":"195.181.174.135","attack":"ddos_tcp",)"
                     R"("selector":"32872"})");
  analyzer.ask("DELETE /script/ddos.js/controls/195.181.174.135/json");
  EXPECT_EQ(analyzer.ask("GET /script/ddos.js/controls/json"), "[]");
  EXPECT_TRUE(loop.run_until([&] { return told.size() == 2; }, testing::kPatience));
  EXPECT_THAT(told.at(1), HasSubstr("release"));
}

TEST(SflowScripts, AControllerThatIsNotAllowedHearsNothing) {
  io::EventLoop loop;
  int asked = 0;
  const auto controller = http::Server::start(loop, {}, [&](const http::Request&) {
                            ++asked;
                            return http::text_response(200, "");
                          }).value();
  const std::string url = "http://127.0.0.1:" + std::to_string(controller->port());
  RunningAnalyzer analyzer(
      loop, {"--script", example("ddos.js"), "--property",
             "ddos.threshold=1,ddos.inside=195.181.174.0/24,ddos.controller=" + url});
  analyzer.ask_until("GET /scripts/json", R"("state":"running")");
  replay(analyzer);
  EXPECT_THAT(analyzer.ask_until("GET /scripts/ddos.js/log/txt", "SEVERE"),
              HasSubstr("is not allowed"));
  EXPECT_EQ(asked, 0);
}

TEST(SflowScripts, MembersHaveAMatrix) {
  io::EventLoop loop;
  RunningAnalyzer analyzer(loop, {"--script", example("ixp-matrix.js")});
  analyzer.ask_until("GET /scripts/json", R"("state":"running")");
  EXPECT_EQ(analyzer.ask("PUT /script/ixp-matrix.js/members/json", "{}"), "bad_request\n");
  EXPECT_EQ(analyzer.ask("PUT /script/ixp-matrix.js/members/json", R"({"member_list": [
    {"asnum": 64500, "name": "A", "connection_list": [{"vlan_list": [
      {"ipv4": {"mac_addresses": ["28:99:3a:4e:89:27"]}}]}]},
    {"asnum": 64501, "name": "B", "connection_list": [{"vlan_list": [
      {"ipv6": {"mac_addresses": ["74:83:ef:30:65:b7"]}}]}]}]})"),
            "");
  replay(analyzer);
  const auto matrix =
      boost::json::parse(analyzer.ask_until("GET /script/ixp-matrix.js/matrix/json", "64500"));
  ASSERT_EQ(matrix.as_array().size(), 1U);
  EXPECT_EQ(matrix.at(0).at("src_asn"), "64500");
  EXPECT_EQ(matrix.at(0).at("dst_name"), "B");
  EXPECT_THAT(analyzer.ask("GET /script/ixp-matrix.js/matrix/txt"),
              HasSubstr(R"(ixp_peering_bps{src="64500",dst="64501"} )"));
  EXPECT_EQ(analyzer.ask("GET /script/ixp-matrix.js/unknown/json"), "[]");
}

TEST(SflowScripts, ALoopWithoutEndCostsOnlyItself) {
  io::EventLoop loop;
  const testing::Scratch scratch;
  RunningAnalyzer analyzer(
      loop, {"--script", scratch.write("loop.js", "while (true) {}") + "," + example("ddos.js")});
  analyzer.ask_until("GET /scripts/ddos.js/json", R"("state":"running")");
  EXPECT_EQ(analyzer.ask("GET /script/ddos.js/controls/json"), "[]");
  EXPECT_THAT(analyzer.ask_until("GET /scripts/loop.js/json", "lastError"),
              HasSubstr("worked for more than 2000 ms at once"));
}

TEST(SflowScripts, WhoWantsTooMuchCostsOnlyItself) {
  io::EventLoop loop;
  const testing::Scratch scratch;
  RunningAnalyzer analyzer(
      loop, {"--script",
             scratch.write("memory.js", "for (var a = []; ; ) a.push(new ArrayBuffer(1e6))") + "," +
                 scratch.write("flood.js", "while (true) activeFlows('ALL', 'top_talkers')") + "," +
                 scratch.write("talk.js", "while (true) logInfo('talk')") + "," +
                 scratch.write("wrong.js", "this is wrong") + "," + example("top-talkers.js")});
  analyzer.ask_until("GET /scripts/top-talkers.js/json", R"("state":"running")");
  replay(analyzer);
  EXPECT_THAT(analyzer.ask_until("GET /script/top-talkers.js/top/json", "source"),
              HasSubstr("137.74.204.213"));
  EXPECT_THAT(analyzer.ask_until("GET /scripts/memory.js/json", "lastError"), HasSubstr("memory"));
  EXPECT_THAT(analyzer.ask_until("GET /scripts/wrong.js/json", "lastError"),
              HasSubstr("SyntaxError"));
  analyzer.ask_until("GET /scripts/talk.js/log/txt", "talk");
  const auto all = boost::json::parse(analyzer.ask("GET /scripts/json"));
  EXPECT_EQ(all.at("examples.top-talkers.js").at("ends"), 0);
  EXPECT_EQ(all.at("examples.top-talkers.js").at("state"), "running");
}

}  // namespace
}  // namespace fabrix::app
