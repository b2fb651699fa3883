// The calls themselves, without a script.
#include "analyzer/script_api.h"

#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/script/world.h"
#include "tests/telemetry/samples.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

class ScriptApi : public ::testing::Test {
 protected:
  // What is answered at once.
  std::string call(std::string_view name, const std::string& arguments) {
    std::string said = "nothing";
    answer_script(world_, name, json::parse(arguments).as_array(),
                  [&](const Result<json::value>& answer) {
                    said = answer ? json::serialize(*answer) : "error: " + answer.error().message;
                  });
    return said;
  }

  io::EventLoop loop_;
  script::testing::Folder folder_;
  telemetry::Engine engine_;
  Router routes_ = all_routes();
  json::object shared_;
  ScriptStore store_{""};
  ScriptOutlet outlet_{loop_, {}};
  ScriptCommands commands_{loop_, {}};
  RouterSessions sessions_{loop_, engine_};
  ScriptBgp bgp_{sessions_};
  ScriptWorld world_{.engine = engine_,
                     .routes = routes_,
                     .shared = shared_,
                     .store = store_,
                     .outlet = outlet_,
                     .commands = commands_,
                     .bgp = bgp_,
                     .directory = folder_.path("scripts"),
                     .deliver = [](const json::object&) {}};
};

TEST_F(ScriptApi, AsksTheRestApi) {
  EXPECT_THAT(call("rest", R"(["PUT",["flow","a/b","json"],[],"{\"value\":\"bytes\"}"])"),
              HasSubstr("\"status\":204"));
  EXPECT_NE(engine_.flows().find("a/b"), nullptr);
  EXPECT_THAT(call("rest", R"(["GET",["activeflows","ALL","a/b","json"],[["maxFlows","1"]],""])"),
              HasSubstr("\"body\":\"[]\""));
  EXPECT_THAT(call("rest", R"(["GET",["nothing"],[],""])"), HasSubstr("404"));
  EXPECT_THAT(call("rest", R"(["GET",["events","json"],[["timeout","5"]],""])"),
              HasSubstr("it has handlers"));
  for (const auto* wrong : {"[]", R"(["BREW",[],[]])", R"(["GET",1,[]])", R"(["GET",[],[1]])"}) {
    EXPECT_THAT(call("rest", wrong), HasSubstr("error")) << wrong;
  }
}

TEST_F(ScriptApi, StoresAndShares) {
  EXPECT_EQ(call("storeGet", R"(["k"])"), "null");
  EXPECT_EQ(call("storeSet", R"(["k",{"a":1}])"), "true");
  EXPECT_EQ(call("storeGet", R"(["k"])"), R"({"a":1})");
  EXPECT_EQ(call("storeKeys", "[]"), R"(["k"])");
  EXPECT_EQ(call("storeDelete", R"(["k"])"), "true");
  EXPECT_EQ(call("storeDelete", R"(["k"])"), "false");
  EXPECT_EQ(call("sharedSet", R"(["s",[1]])"), "true");
  EXPECT_EQ(call("sharedGet", R"(["s"])"), "[1]");
  EXPECT_EQ(call("sharedGet", R"(["t"])"), "null");
  const std::string large(std::size_t{5} << 20U, 'x');
  EXPECT_THAT(call("sharedSet", "[\"s\",\"" + large + "\"]"), HasSubstr("error"));
  EXPECT_THAT(call("storeSet", "[\"s\",\"" + large + "\"]"), HasSubstr("error"));
  EXPECT_EQ(call("sharedGet", R"(["s"])"), "[1]");
}

TEST_F(ScriptApi, IncludesWhatIsInTheDirectoryOnly) {
  std::filesystem::create_directories(folder_.path("scripts/inc"));
  folder_.write("scripts/inc/x.js", "var x;");
  folder_.write("secret.js", "var s;");
  EXPECT_THAT(call("include", R"(["inc/x.js"])"), HasSubstr("var x;"));
  EXPECT_THAT(call("include", "[\"" + folder_.path("scripts") + "/inc/x.js\"]"),
              HasSubstr("var x;"));
  std::filesystem::create_symlink(folder_.path("secret.js"), folder_.path("scripts/link.js"));
  for (const auto* file : {"../secret.js", "inc/../../secret.js", "/etc/passwd", "link.js", ""}) {
    EXPECT_THAT(call("include", "[\"" + std::string(file) + "\"]"), HasSubstr("error")) << file;
  }
}

TEST_F(ScriptApi, BindsAgentsToRoutersThatAreKnown) {
  EXPECT_EQ(call("bgpAddSource", R"(["192.0.2.9","192.0.2.1"])"),
            "error: no routes of 192.0.2.1 are known here");
  ASSERT_TRUE(engine_.routers().add_router(net::IpAddress::v4({192, 0, 2, 1}), {}));
  EXPECT_EQ(call("bgpAddSource", R"(["192.0.2.9","192.0.2.1"])"), "true");
  EXPECT_EQ(call("bgpAddSource", R"(["192.0.2.9",{"router":"192.0.2.1"}])"), "true");
  EXPECT_EQ(call("bgpAddSource", R"(["EDGE","192.0.2.1",60,"frames"])"), "true");
  EXPECT_EQ(engine_.routers().find(net::IpAddress::v4({192, 0, 2, 1}))->value,
            telemetry::RouteValue::kFrames);
  EXPECT_THAT(call("bgpAddSource", R"(["leaf","192.0.2.1"])"), HasSubstr("an agent is"));
  EXPECT_THAT(call("bgpAddSource", R"(["192.0.2.9",{"router":"192.0.2.1","router6":"::2"}])"),
              HasSubstr("no routes of ::2"));
}

TEST_F(ScriptApi, TellsWhatIsTriggered) {
  ASSERT_TRUE(engine_.flows().set("f", {.value = "frames", .t = 600}));
  ASSERT_TRUE(engine_.thresholds().set("t", {.metric = "f", .value = 0.5}));
  EXPECT_EQ(call("thresholdTriggered", R"(["t","192.0.2.9","7.f",null])"), "false");
  engine_.receive(telemetry::Sampled(sflow::frame("udp 10.4.3.9:53 -> 10.1.2.3:9")).datagram(),
                  net::IpAddress::v4({192, 0, 2, 9}), std::chrono::seconds(1));
  EXPECT_EQ(call("thresholdTriggered", R"(["t","192.0.2.9","7.f",""])"), "true");
  EXPECT_EQ(call("thresholdTriggered", R"(["t","192.0.2.9","2.1.load_one",""])"), "false");
  EXPECT_EQ(call("thresholdTriggered", R"(["u","192.0.2.9","7.f",""])"), "false");
  EXPECT_THAT(call("thresholdTriggered", R"(["t","x","7.f",""])"), HasSubstr("error"));
  EXPECT_THAT(call("thresholdTriggered", R"(["t","192.0.2.9","f",""])"), HasSubstr("error"));
}

TEST_F(ScriptApi, TellsHowADataSourceSamples) {
  EXPECT_EQ(call("datasourceInfo", R"(["192.0.2.9","7"])"), "null");
  engine_.receive(telemetry::Sampled(sflow::frame("udp 10.4.3.9:53 -> 10.1.2.3:9")).datagram(),
                  net::IpAddress::v4({192, 0, 2, 9}), std::chrono::seconds(1));
  EXPECT_THAT(call("datasourceInfo", R"(["192.0.2.9","7"])"), HasSubstr("\"samplingRate\":"));
  EXPECT_EQ(call("datasourceInfo", R"(["192.0.2.9","8"])"), "null");
  EXPECT_THAT(call("datasourceInfo", R"(["192.0.2.9","x"])"), HasSubstr("error"));
  // Counted every 20 s, told in milliseconds.
  for (std::uint32_t n = 0; n < 2; ++n) {
    sflow::DatagramWriter out(
        {.agent = net::IpAddress::v4({192, 0, 2, 9}), .sequence = 1 + n, .uptime_ms = 20'000 * n});
    out.begin(sflow::CounterSample{.sequence = n, .source = {0, 7}}, sflow::SampleForm::kCompact);
    engine_.receive(out.take(), net::IpAddress::v4({192, 0, 2, 9}),
                    std::chrono::seconds(10 + 20 * n));
  }
  EXPECT_THAT(call("datasourceInfo", R"(["192.0.2.9","7"])"),
              HasSubstr("\"effectivePollingInterval\":2E4"));
}

TEST_F(ScriptApi, RefusesWhatIsNotAllowedOrNotThere) {
  EXPECT_THAT(call("http", R"([{"url":"http://192.0.2.1/","method":"GET"}])"),
              HasSubstr("not allowed"));
  EXPECT_THAT(call("httpAsync", R"([1,{"url":"http://192.0.2.1/","method":"GET"}])"),
              HasSubstr("not allowed"));
  EXPECT_THAT(call("syslog", R"(["192.0.2.1",514,16,5,{"a":"b"}])"), HasSubstr("not allowed"));
  EXPECT_THAT(call("graphite", R"(["192.0.2.1",2003,{"a":1}])"), HasSubstr("not allowed"));
  EXPECT_THAT(call("graphite", R"(["192.0.2.1",2003,{"a b":1,"c":"x"}])"), HasSubstr("no metric"));
  EXPECT_THAT(call("graphite", R"(["192.0.2.1",0,{"a":1}])"), HasSubstr("out of range"));
  EXPECT_THAT(call("dnsGetAllByName", R"(["www.example.net"])"), HasSubstr("not allowed"));
  EXPECT_THAT(call("runCmd", R"([["/bin/true"]])"), HasSubstr("not allowed"));
  EXPECT_THAT(call("runCmd", "[]"), HasSubstr("not allowed"));
  EXPECT_EQ(call("exec", "[]"), "error: there is no such function");
}

}  // namespace
}  // namespace fabrix::analyzer
