// Scripts in real processes: what they do, and what they can do to others.
#include "script/script.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/script/world.h"

namespace fabrix::script {
namespace {

using std::chrono::milliseconds;
using testing::Folder;
using testing::Running;

const boost::json::object kInterval{{"do", "interval"}, {"now", 5}};

Limits quick() {
  Limits limits;
  limits.least_pause = milliseconds(10);
  limits.cpu_at_once = milliseconds(1500);
  return limits;
}

class ScriptTest : public ::testing::Test {
 protected:
  io::EventLoop loop_;
  Folder folder_;
};

TEST_F(ScriptTest, RunsAndCalls) {
  Running running(loop_, folder_, R"(
    logInfo(getSystemProperty('color'), getSystemProperty('none'), storeGet('key'), scriptdir());
    Promise.resolve(7).then(value => logInfo('then ' + value));)");
  ASSERT_TRUE(running.runs());
  EXPECT_TRUE(running.tells("log [\"INFO\",\"blue null answer " +
                            folder_.path("").substr(0, folder_.path("").size() - 1) + "\"]"));
  EXPECT_TRUE(running.tells(R"(log ["INFO","then 7"])"));
  EXPECT_EQ(running.script().counters().calls, 1U);
  EXPECT_TRUE(running.troubles.empty());
}

TEST_F(ScriptTest, WaitsForTheAnswer) {
  Script::Answer later;
  Running running(loop_, folder_, "try { storeGet('a') } catch (e) { logInfo(e.message) }");
  running.on_call = [&](auto, const auto&, Script::Answer answer) { later = std::move(answer); };
  ASSERT_TRUE(running.wait([&] { return later != nullptr; }));
  EXPECT_EQ(running.script().state(), ScriptState::kStarting);
  later(fail(Error{"there is none"}));
  EXPECT_TRUE(running.tells(R"(log ["INFO","storeGet: there is none"])"));
  later(boost::json::value(1));  // nobody waits for it
  EXPECT_TRUE(running.runs());
  EXPECT_EQ(running.script().counters().refused, 1U);
}

TEST_F(ScriptTest, WorksInOrderAndTellsWhatCameOfIt) {
  Running running(loop_, folder_, R"(
    setIntervalHandler(now => logInfo('interval ' + now), 2);
    setHttpHandler(req => ({path: req.path, body: req.body}));)");
  ASSERT_TRUE(running.runs());
  EXPECT_TRUE(running.tells("interval [2]"));
  std::string answer;
  running.script().deliver(kInterval);
  running.script().deliver(
      {{"do", "http"}, {"request", {{"path", {"a"}}, {"format", "json"}, {"body", "{\"k\":1}"}}}},
      [&](const boost::json::value* done) { answer = boost::json::serialize(*done); });
  ASSERT_TRUE(running.wait([&] { return !answer.empty(); }));
  EXPECT_TRUE(running.tells(R"(log ["INFO","interval 5"])"));
  EXPECT_NE(answer.find(R"({\"path\":[\"a\"],\"body\":{\"k\":1}})"), std::string::npos) << answer;
  EXPECT_EQ(running.script().counters().works, 3U);
}

TEST_F(ScriptTest, KnowsTheSyntaxOfOldScriptsAndNamesOfWrappers) {
  Running running(loop_, folder_, R"(// author: nobody
// wrapglobals: rt
var setFlow = 'mine';
for each (var one in {a: 'x', b: ['(', 'y'].join('')}) { rt.logInfo(one); }
rt.logInfo(typeof logInfo, setFlow);
// A function (of that kind) is what comes.
var sorted = [3, 1, 2].sort(function(a, b) a - b );
var signs = sorted.map(function(x) x % 2 === 0 ? [x, ')'].join('') : sorted.map(function(y) y)[0]);
rt.logInfo(sorted.join(), signs.join());)");
  EXPECT_TRUE(running.tells(R"(log ["INFO","x"])"));
  EXPECT_TRUE(running.tells(R"(log ["INFO","(y"])"));
  EXPECT_TRUE(running.tells(R"(log ["INFO","undefined mine"])"));
  EXPECT_TRUE(running.tells(R"(log ["INFO","1,2,3 1,2),1"])"));
}

// A severity of null is not 0, which would be an emergency.
TEST_F(ScriptTest, HasItsDefaultsWhereNothingIsSaid) {
  Running running(loop_, folder_, "syslog('192.0.2.1', null, null, null, 'x');");
  std::string asked;
  running.on_call = [&](auto name, const auto& arguments, const Script::Answer& answer) {
    asked = std::string(name) + boost::json::serialize(arguments);
    answer(boost::json::value(true));
  };
  EXPECT_TRUE(running.wait([&] { return !asked.empty(); }));
  EXPECT_EQ(asked, R"(syslog["192.0.2.1",514,16,5,"x"])");
}

TEST_F(ScriptTest, GoesOnAfterAHandlerThatThrows) {
  Running running(loop_, folder_, R"(setIntervalHandler(now => {
    logInfo('here');
    throw new TypeError('boo'); });)",
                  quick());
  ASSERT_TRUE(running.runs());
  running.script().deliver(kInterval);
  EXPECT_TRUE(running.is_in_trouble("TypeError: boo (" + running.file() + ":3)"));
  running.script().deliver(kInterval);
  EXPECT_TRUE(running.wait([&] { return running.script().counters().errors == 2; }));
  EXPECT_EQ(running.script().counters().starts, 1U);
  EXPECT_EQ(running.script().state(), ScriptState::kRunning);
}

TEST_F(ScriptTest, BeginsAnewWhenItsFileChanges) {
  Limits limits;
  limits.least_pause = std::chrono::hours(1);
  Running running(loop_, folder_, "logInfo('first'); this is wrong", limits);
  ASSERT_TRUE(running.is_in_trouble("SyntaxError: unexpected token: identifier (" + running.file() +
                                    ":1)"));
  EXPECT_EQ(running.script().state(), ScriptState::kPausing);
  folder_.write("test.js", "logInfo('second')");
  EXPECT_TRUE(running.tells(R"(log ["INFO","second"])"));
  ASSERT_TRUE(running.runs());
  const auto before = std::filesystem::last_write_time(running.file());
  folder_.write("test.js", "logInfo('third')");
  std::filesystem::last_write_time(running.file(), before + std::chrono::seconds(5));
  EXPECT_TRUE(running.tells(R"(log ["INFO","third"])"));
}

TEST_F(ScriptTest, ALoopWithoutEndEndsTheProcessAndItBeginsAgain) {
  Running running(loop_, folder_, "setIntervalHandler(now => { while (true) {} })", quick());
  ASSERT_TRUE(running.runs());
  bool is_given_up = false;
  running.script().deliver(kInterval,
                           [&](const boost::json::value* done) { is_given_up = done == nullptr; });
  EXPECT_TRUE(running.is_in_trouble("worked for more than 1500 ms at once"));
  EXPECT_TRUE(is_given_up);
  EXPECT_TRUE(running.wait([&] {
    return running.script().counters().starts == 2 &&
           running.script().state() == ScriptState::kRunning;
  }));
}

TEST_F(ScriptTest, WhoDoesNotEndInTimeEnds) {
  Limits limits = quick();
  limits.time_at_once = milliseconds(200);
  Running running(loop_, folder_, "storeGet('never answered')", limits);
  running.on_call = [](auto, const auto&, const auto&) {};
  EXPECT_TRUE(running.is_in_trouble("did not end within 200 ms"));
}

TEST_F(ScriptTest, MemoryHasABound) {
  Running running(loop_, folder_, "var all = []; while (true) all.push(new ArrayBuffer(1000000));",
                  quick());
  EXPECT_TRUE(running.is_in_trouble("memory"));
}

TEST_F(ScriptTest, AFloodOfCallsWaitsAndOthersDoNot) {
  Limits limits;
  limits.calls_percent = 1;
  Running flood(loop_, folder_, "while (true) storeGet('key')", limits, "flood.js");
  Running other(loop_, folder_, "setIntervalHandler(now => logInfo('served'))", {}, "other.js");
  ASSERT_TRUE(other.runs());
  ASSERT_TRUE(flood.wait([&] { return flood.script().counters().waits > 3; }));
  other.script().deliver(kInterval);
  EXPECT_TRUE(other.tells(R"(log ["INFO","served"])"));
  EXPECT_EQ(other.script().counters().waits, 0U);
}

TEST_F(ScriptTest, WhoUsesMuchInTheLongRunWaits) {
  Limits limits = quick();
  limits.cpu_percent = 50;
  limits.cpu_burst = milliseconds(1);
  Running running(loop_, folder_, "setIntervalHandler(now => logInfo('done'))", limits);
  ASSERT_TRUE(running.runs());
  // To begin has taken more than a millisecond.
  running.script().deliver(kInterval);
  EXPECT_TRUE(running.tells(R"(log ["INFO","done"])"));
  EXPECT_GT(running.script().counters().waits, 0U);
}

TEST_F(ScriptTest, OfTooMuchWorkTheOldestIsLost) {
  Limits limits;
  limits.queue = 2;
  Running running(loop_, folder_, "setIntervalHandler(now => logInfo(now))", limits);
  ASSERT_TRUE(running.runs());
  int lost = 0;
  for (int now = 1; now <= 5; ++now) {
    running.script().deliver(
        {{"do", "interval"}, {"now", now}},
        [&](const boost::json::value* done) { lost += done == nullptr ? 1 : 0; });
  }
  EXPECT_EQ(lost, 2);
  EXPECT_TRUE(running.tells(R"(log ["INFO","5"])"));
  EXPECT_EQ(running.script().counters().lost, 2U);
  EXPECT_TRUE(running.wait([&] { return running.script().counters().works == 4; }));
}

TEST_F(ScriptTest, IsStartedAgainWhenItIsKilledAndNotWhenItIsStopped) {
  Running running(loop_, folder_, "logInfo('up')", quick());
  ASSERT_TRUE(running.runs());
  const pid_t first = running.script().pid();
  kill(first, SIGKILL);
  EXPECT_TRUE(running.is_in_trouble("killed by signal 9; starts again in 10 ms"));
  ASSERT_TRUE(running.runs());
  const pid_t second = running.script().pid();
  EXPECT_NE(first, second);
  running.script().stop();
  EXPECT_EQ(running.script().state(), ScriptState::kStopped);
  EXPECT_NE(kill(second, 0), 0);
  bool is_refused = false;
  running.script().deliver(kInterval,
                           [&](const boost::json::value* done) { is_refused = done == nullptr; });
  EXPECT_TRUE(is_refused);
  running.script().start();
  EXPECT_TRUE(running.runs());
}

TEST_F(ScriptTest, HasNoRights) {
  Running running(loop_, folder_, "logInfo('up')");
  ASSERT_TRUE(running.runs());
  std::ifstream file("/proc/" + std::to_string(running.script().pid()) + "/status");
  std::map<std::string, std::string> status;
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(':');
    status[line.substr(0, colon)] = line.substr(std::min(colon + 2, line.size()));
  }
  EXPECT_EQ(status["Seccomp"], "2");
  EXPECT_EQ(status["NoNewPrivs"], "1");
  if (geteuid() == 0) {
    EXPECT_EQ(status["Uid"], "65534\t65534\t65534\t65534");
    EXPECT_EQ(status["Gid"], "65534\t65534\t65534\t65534");
    EXPECT_EQ(status["CapEff"], "0000000000000000");
  }
}

TEST_F(ScriptTest, SaysWhatIsMissing) {
  Running running(loop_, folder_, "logInfo('up')", quick());
  ASSERT_TRUE(running.runs());
  std::filesystem::remove(running.file());
  kill(running.script().pid(), SIGKILL);
  EXPECT_TRUE(running.is_in_trouble("No such file"));
}

}  // namespace
}  // namespace fabrix::script
