#include "api/fsm_command.h"

#include <string>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::api {
namespace {

constexpr const char* kGate =
    "event load : {low, high} from meter\n"
    "event level : 0..9\n"
    "fsm gate per dstip {\nvar load : {low, high}\non load { load = value }\n"
    "policy = case { load == high -> drop; else -> identity } }\n"
    "fsm other { var n : 0..9\non level { n = value }\n"
    "policy = case { n > 5 -> drop; else -> identity } }\n"
    "outbound = gate >> other\n";

class FsmCommandTest : public ::testing::Test {
 protected:
  FsmCommandTest() { set("B"); }
  void set(const std::string& participant) {
    EXPECT_TRUE(world_.controller.set_policy(world_.exchange.find_participant(participant)->id,
                                             kGate, "gate.policy"));
    world_.settle();
  }
  Answer send(const std::string& request) {
    return send_event(world_.controller, boost::json::parse(request).as_object(),
                      controller::Controller::Clock::now());
  }
  std::string refused(const std::string& request) {
    const auto answer = send(request);
    return answer ? "done" : answer.error().error;
  }

  testing::World world_;
};

TEST_F(FsmCommandTest, SaysWhatTheEventDid) {
  const auto answer = send(
      R"({"command":"event","event":"load","source":"meter","dstip":"1.2.3.4","value":"high"})");
  ASSERT_TRUE(answer) << answer.error().error;
  EXPECT_EQ(answer->at("participant").as_string(), "B");
  const auto& moved = answer->at("transitions").as_array();
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].at("fsm").as_string(), "gate");
  EXPECT_EQ(moved[0].at("class").as_string(), "dstip=1.2.3.4");
  EXPECT_EQ(moved[0].at("to").as_string(), "load=high");
  EXPECT_EQ(moved[0].at("cause").as_string(), "load=high");
}

TEST_F(FsmCommandTest, TakesNumbersAndBooleansAsTheirText) {
  EXPECT_EQ(refused(R"({"event":"level","value":7})"), "done");
  EXPECT_EQ(refused(R"({"event":"level","value":true})"),
            "'true' is no value of event 'level': 0..9");
  EXPECT_EQ(refused(R"({"event":"level","value":-1})"),
            "\"value\" is a text, a number or a boolean");
  EXPECT_EQ(refused(R"({"event":"level","value":[7]})"),
            "\"value\" is a text, a number or a boolean");
}

TEST_F(FsmCommandTest, SaysWhatIsWrongWithARequest) {
  EXPECT_EQ(refused(R"({"value":1})"), R"(which event? ("event"))");
  EXPECT_EQ(refused(R"({"event":"x"})"), "no policy has an event 'x'");
  EXPECT_EQ(refused(R"({"event":"level","participant":"X","value":1})"),
            "no participant is called 'X'");
  EXPECT_EQ(refused(R"({"event":"level","participant":"A","value":1})"),
            "the policy of A has no fsm");
  EXPECT_EQ(refused(R"({"event":"load","dstip":"1.2.3.4","value":"high"})"),
            "event 'load' comes from 'meter' only");
  set("C");
  EXPECT_EQ(refused(R"({"event":"level","value":1})"),
            "several policies have an event 'level': say whose (B, C)");
  EXPECT_EQ(refused(R"({"event":"level","participant":"C","value":1})"), "done");
}

TEST_F(FsmCommandTest, IsACommandOfTheProtocol) {
  const std::string line =
      answer(world_.handlers(), R"({"command":"event","event":"level","value":7})");
  EXPECT_NE(line.find(R"("ok":true)"), std::string::npos) << line;
  const std::string shown = answer(world_.handlers(), R"({"command":"show","what":"fsm"})");
  EXPECT_NE(shown.find(R"("state":"n=7")"), std::string::npos) << shown;
}

}  // namespace
}  // namespace fabrix::api
