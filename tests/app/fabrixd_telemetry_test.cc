// What a real fabrixd measures of a capture that is replayed to it, and tells over HTTP.
#include <filesystem>
#include <string>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/endpoint_text.h"
#include "io/datagram_socket.h"
#include "io/listener.h"
#include "tests/app/ask_http.h"
#include "tests/app/running_daemon.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using testing::RunningDaemon;

const io::IpEndpoint kAnywhere{net::IpAddress::v4({127, 0, 0, 1}), 0};

// Ports that were free a moment ago.
std::string free_udp_port() {
  return std::to_string(io::DatagramSocket::bind(kAnywhere)->local().port);
}

std::string free_tcp_port(io::EventLoop& loop) {
  const auto listener = io::Listener::listen(loop, kAnywhere, {}, [](io::ByteStream) {});
  return std::to_string(std::get<io::IpEndpoint>(listener->local()).port);
}

class FabrixdTelemetryTest : public ::testing::Test {
 protected:
  std::string exchange_file(const std::string& rest) {
    std::string text = testing::loopback_exchange();
    text.insert(text.find("  asn: 65000\n"), "  telemetry: {sflow: \"127.0.0.1:" + sflow_ +
                                                 "\", rest: \"127.0.0.1:" + rest + "\"}\n");
    return scratch_.write("exchange.yaml", text);
  }

  std::string ask(const std::string& port, const std::string& what, const std::string& body = {}) {
    return testing::ask_http(loop_, "127.0.0.1:" + port, what, body);
  }

  io::EventLoop loop_;
  testing::Scratch scratch_;
  std::string sflow_ = free_udp_port();
};

TEST_F(FabrixdTelemetryTest, MeasuresAPublicCapture) {
  const auto capture =
      testing::source_file("../shared/data/sflow/goflow2/sflow_test.top.data.1.bin.pcap");
  if (!std::filesystem::exists(capture)) {
    GTEST_SKIP() << "the public captures of ../shared/data/sflow are not here";
  }
  const std::string rest = free_tcp_port(loop_);
  RunningDaemon daemon(loop_, scratch_, exchange_file(rest));
  ASSERT_TRUE(daemon.says("serving sflow=127.0.0.1:" + sflow_ + " rest=127.0.0.1:" + rest));
  EXPECT_EQ(ask(rest, "PUT /flow/ping/json",
                R"({"keys":"ipsource,ipdestination,icmptype","value":"bytes","log":true,
                    "flowStart":true})"),
            "");
  const auto replayed = fabrix({"sflow", "replay", capture, "--to", "127.0.0.1:" + sflow_,
                                "--speed", "max", "--port", "any"});
  ASSERT_EQ(replayed.status.code, 0) << replayed.err;
  const auto records = boost::json::parse(ask(rest, "GET /flows/json?flowID=-1&timeout=60"));
  ASSERT_EQ(records.as_array().size(), 1U);
  // sflowtool's: an echo request of 82 octets, one packet of 2048.
  EXPECT_EQ(records.at(0).at("flowKeys"), "172.16.32.254,172.16.32.241,8");
  EXPECT_EQ(records.at(0).at("value"), 82 * 2048);
  EXPECT_EQ(records.at(0).at("agent"), "172.16.0.17");

  // A reload moves it, and it knows what it knew.
  const std::string elsewhere = free_tcp_port(loop_);
  exchange_file(elsewhere);
  const std::string change =
      "telemetry: rest 127.0.0.1:" + rest + " -> 127.0.0.1:" + elsewhere + "\n";
  EXPECT_THAT(daemon.ask({"reload", "--check"}).out, ::testing::HasSubstr(change));
  const auto reloaded = daemon.ask({"reload"});
  EXPECT_EQ(reloaded.status.code, 0);
  EXPECT_THAT(reloaded.out, ::testing::HasSubstr(change));
  EXPECT_THAT(daemon.ask({"reload"}).out, ::testing::Not(::testing::HasSubstr("telemetry:")));
  EXPECT_EQ(boost::json::parse(ask(elsewhere, "GET /flows/json")).as_array().size(), 1U);
  EXPECT_EQ(daemon.stop().code, 0);
}

TEST_F(FabrixdTelemetryTest, RunsScripts) {
  const std::string rest = free_tcp_port(loop_);
  std::string text = testing::loopback_exchange();
  text.insert(text.find("  asn: 65000\n"),
              "  telemetry: {rest: \"127.0.0.1:" + rest +
                  "\", scripts: {files: a.js, store: kept, properties: {a.b: 7}}}\n");
  scratch_.write("a.js", R"(storeSet('seen', getSystemProperty('a.b'));
                            setHttpHandler(req => storeGet('seen'));)");
  RunningDaemon daemon(loop_, scratch_, scratch_.write("exchange.yaml", text));
  std::string answer;
  const auto give_up = io::EventLoop::now() + testing::kPatience;
  while (answer != "\"7\"" && io::EventLoop::now() < give_up) {
    answer = ask(rest, "GET /script/a.js/json");
  }
  EXPECT_EQ(answer, "\"7\"");
  EXPECT_EQ(daemon.stop().code, 0);
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "kept/a.js.json"));
}

TEST_F(FabrixdTelemetryTest, SaysWhenItsEndpointsCannotBeHad) {
  const std::string rest = free_tcp_port(loop_);
  RunningDaemon daemon(loop_, scratch_, exchange_file(rest));
  std::string text = testing::loopback_exchange();
  text.insert(text.find("  asn: 65000\n"), "  telemetry: {rest: \"192.0.2.1:8008\"}\n");
  scratch_.write("exchange.yaml", text);
  EXPECT_THAT(daemon.ask({"reload"}).out, ::testing::HasSubstr("telemetry: "));
  EXPECT_EQ(ask(rest, "GET /flow/json"), "{}");
  EXPECT_EQ(daemon.stop().code, 0);
}

}  // namespace
}  // namespace fabrix::app
