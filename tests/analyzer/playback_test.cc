// A recording over HTTP: what is answered is what was to be measured when it was made.
#include "analyzer/playback.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "analyzer/service.h"
#include "tests/http/world.h"
#include "tests/telemetry/samples.h"

namespace fabrix::analyzer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr telemetry::Time kBegin = std::chrono::hours(24 * 365);
const net::IpAddress kFrom = net::IpAddress::v4({192, 0, 2, 9});
const io::IpEndpoint kLocal{net::IpAddress::v4({127, 0, 0, 1}), 0};

// Ten samples a second, some of them not in the order of their times.
std::vector<RecordedDatagram> twenty_seconds() {
  std::vector<RecordedDatagram> all;
  for (int i = 0; i <= 200; ++i) {
    const int place = i % 7 == 3 ? i + 1 : i % 7 == 4 ? i - 1 : i;
    const auto frame =
        sflow::frame(fmt::format("tcp 10.0.0.{}:{} -> 10.1.2.3:80", place % 3, 1000 + place));
    all.push_back({.time = kBegin + milliseconds(100) * place,
                   .from = kFrom,
                   .octets = telemetry::Sampled(frame).datagram()});
  }
  return all;
}

struct Played {
  explicit Played(Recording recording) {
    auto started = Service::start(loop, {.sflow = {}, .rest = kLocal}, std::move(recording));
    EXPECT_TRUE(started) << started.error().message;
    service = *std::move(started);
  }

  std::string ask(const std::string& what, const std::string& body = {}) {
    http::testing::Client client(loop, service->rest());
    client.say(what + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_TRUE(client.is_left());
    std::string heard = client.heard();
    return http::testing::take_reply(heard).body;
  }
  boost::json::value state() { return boost::json::parse(ask("GET /replay/json")); }

  bool ends() {
    const auto is_over = [&] { return service->engine().now() == kBegin + seconds(20); };
    return loop.run_until(is_over, http::testing::kPatience) && state().at("state") == "ended";
  }

  io::EventLoop loop;
  std::unique_ptr<Service> service;
};

// All that can be asked of it, after it has been played at that speed.
std::string answers_at(const std::string& speed) {
  Played played({.datagrams = twenty_seconds()});
  EXPECT_EQ(played.ask("PUT /flow/pair/json",
                       R"({"keys":"ipsource","value":"bytes","values":"avg:bytes","log":true,)"
                       R"("activeTimeout":5,"t":2})"),
            "");
  EXPECT_EQ(played.ask("PUT /threshold/big/json",
                       R"({"metric":"pair","value":100,"byFlow":true,"timeout":5})"),
            "");
  EXPECT_EQ(played.ask("PUT /replay/json", R"({"state":"running","speed":)" + speed + "}"), "");
  EXPECT_TRUE(played.ends());
  return played.ask("GET /activeflows/ALL/pair/json") + "\n" +
         played.ask("GET /flows/json?name=pair") + "\n" + played.ask("GET /events/json") + "\n" +
         played.ask("GET /agents/json");
}

TEST(Playback, GivesTheSameAnswersAtAnySpeed) {
  const std::string plain = answers_at("20");
  EXPECT_NE(plain.find("10.0.0.1"), std::string::npos) << plain;
  EXPECT_NE(plain.find("\"thresholdID\":\"big\""), std::string::npos) << plain;
  EXPECT_EQ(answers_at("100"), plain);
  EXPECT_EQ(answers_at("\"max\""), plain);
}

// Ten samples a second, each for a thousand frames, whatever the clock on the wall says.
TEST(Playback, RatesAreOfTheTimeWhenItWasRecorded) {
  Played played({.datagrams = twenty_seconds()});
  played.ask("PUT /flow/f/json", R"({"keys":"ipdestination","value":"frames","t":2})");
  played.ask("PUT /replay/json", R"({"state":"running","speed":"max"})");
  ASSERT_TRUE(played.ends());
  const auto flows = boost::json::parse(played.ask("GET /activeflows/ALL/f/json"));
  EXPECT_NEAR(flows.at(0).at("value").to_number<double>(), 10'000, 500);
}

TEST(Playback, WaitsUntilItIsTold) {
  Played played({.datagrams = twenty_seconds()});
  const auto waiting = played.state();
  EXPECT_EQ(waiting.at("state"), "waiting");
  EXPECT_EQ(waiting.at("time"), waiting.at("begin"));
  EXPECT_EQ(waiting.at("datagrams"), 0);
  EXPECT_EQ(waiting.at("of"), 201);
  EXPECT_EQ(played.ask("GET /events/json?timeout=1"), "[]") << "by the client's clock";
  for (const char* wrong : {"no", "{}", R"({"state":"ended"})", R"({"state":"running","speed":0})",
                            R"({"state":"running","speed":"fast"})"}) {
    EXPECT_NE(played.ask("PUT /replay/json", wrong), "") << wrong;
  }
  EXPECT_EQ(played.state().at("state"), "waiting");
  EXPECT_NE(played.ask("DELETE /replay/json"), "");
  EXPECT_EQ(played.ask("PUT /replay/json", R"({"state":"running","speed":0.001})"), "");
  EXPECT_EQ(played.state().at("state"), "running");
  EXPECT_NE(played.ask("PUT /replay/json", R"({"state":"running"})"), "") << "once";
}

TEST(Playback, BeginsAtOnceWithASpeed) {
  Played played({.datagrams = twenty_seconds(), .speed = PlaybackSpeed()});
  ASSERT_TRUE(played.ends());
  EXPECT_EQ(played.state().at("time"), played.state().at("end"));
  EXPECT_EQ(played.service->engine().counters().datagrams, 201U);
}

TEST(Playback, NothingIsOverAtOnce) {
  Played played({.datagrams = {}, .speed = PlaybackSpeed(1)});
  EXPECT_EQ(played.state().at("state"), "ended");
}

TEST(Playback, SpeedsAreNumbersThatEnd) {
  EXPECT_EQ(parse_playback_speed("0.5").value(), PlaybackSpeed(0.5));
  EXPECT_EQ(parse_playback_speed("max").value(), PlaybackSpeed());
  for (const char* wrong : {"", "0", "-1", "0.0001", "inf", "nan", "1x"}) {
    EXPECT_FALSE(parse_playback_speed(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace fabrix::analyzer
