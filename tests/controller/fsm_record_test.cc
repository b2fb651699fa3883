#include "controller/fsm_record.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "io/file.h"
#include "tests/controller/world.h"
#include "tests/io/world.h"

namespace fabrix::controller {
namespace {

const std::vector<RecordedFsm> kTwo{
    {.fingerprint = 0x5bd1e995a2b4c3d7,
     .fsm = "auth",
     .participant = "A net",
     .instances = {{.of = "10.0.0.1", .state = 1, .heard = 1764000000000},
                   {.of = "2001:db8::1", .state = 2, .heard = -5}}},
    {.fingerprint = 7, .fsm = "alarm", .participant = "B", .instances = {{.of = "-", .state = 1}}}};

TEST(FsmRecordFormat, ReadsWhatItWrites) {
  EXPECT_EQ(format_states(kTwo),
            "fabrix states 1\n"
            "fsm 5bd1e995a2b4c3d7 auth A net\n"
            "10.0.0.1 1 1764000000000\n"
            "2001:db8::1 2 -5\n"
            "fsm 0000000000000007 alarm B\n"
            "- 1 0\n");
  EXPECT_EQ(parse_states(format_states(kTwo)), kTwo);
  EXPECT_EQ(parse_states(format_states({})), std::vector<RecordedFsm>{});
}

TEST(FsmRecordFormat, TakesNoOtherFileForARecord) {
  for (const char* text :
       {"", "\n", "fabrix states 2\n", "fabrix states 1", "fabrix states 1\n10.0.0.1 1 5\n",
        "fabrix states 1\nfsm 7 auth\n", "fabrix states 1\nfsm x auth A\n",
        "fabrix states 1\nfsm 7 auth A\n10.0.0.1 1\n", "fabrix states 1\nfsm 7 auth A\n- x 5\n",
        "fabrix states 1\nfsm 7 auth A\n- 1 5"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_states(text));
  }
}

TEST(FsmRecordFormat, SurvivesEveryTruncation) {
  const std::string whole = format_states(kTwo);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    parse_states(std::string_view(whole).substr(0, length));
  }
}

// "30m" and "fwd(C)" stand for what changes.
std::string auth(const std::string& timeout = "30m", const std::string& deed = "fwd(C)") {
  return "event authenticated : bool\n"
         "fsm auth per (srcip, dstport) {\n"
         "  var state : {out, in}\n"
         "  on authenticated when value { state = in }\n"
         "  on authenticated { state = out }\n"
         "  timeout " +
         timeout +
         " -> { state = out }\n"
         "  policy = case { state == in -> " +
         deed +
         "; else -> drop }\n"
         "}\n"
         "fsm alarm {\n"
         "  var on : bool\n"
         "  on authenticated { on = value }\n"
         "  policy = case { on -> identity; else -> drop }\n"
         "}\n"
         "outbound = auth\n"
         "inbound = in_state(alarm, on) >> drop\n";
}

class FsmRecordTest : public testing::Test {
 protected:
  static void begin(World& world, const std::string& text = auth()) {
    world.announce("b1", "140.0.0.0/24");
    world.announce("c1", "140.0.0.0/24", World::path({300, 9}));
    EXPECT_EQ(world.set_policy("A", text), "");
  }
  static std::string arrives(World& world) {
    return world.send("a1", "tcp 100.0.0.1:40000 -> 140.0.0.1:80");
  }
  static std::size_t instances(World& world) {
    return world.controller().fsms(world.id_of("A")).states->count();
  }
  // A process that hears of one host, and dies.
  void leave_a_record() {
    World world;
    begin(world);
    FsmRecord record(loop_, world.controller(), path_);
    EXPECT_TRUE(record.restore().empty());
    record.keep();
    const FsmEvent event{
        "authenticated", "", {{"srcip", "100.0.0.1"}, {"dstport", "80"}, {"value", "true"}}};
    EXPECT_TRUE(world.controller().event(world.id_of("A"), event, heard_));
    world.settle();
    EXPECT_EQ(arrives(world), "c1");
    EXPECT_EQ(instances(world), 2U);
  }
  std::vector<std::string> restore(World& world) {
    auto problems = FsmRecord(loop_, world.controller(), path_).restore();
    world.settle();
    return problems;
  }

  io::testing::TemporaryDirectory directory_;
  const std::string path_ = directory_ / "states";
  io::EventLoop loop_;
  FsmTime heard_ = Controller::Clock::now() - std::chrono::minutes(10);
};

TEST_F(FsmRecordTest, AnotherProcessGoesOn) {
  leave_a_record();
  World world;
  begin(world);
  EXPECT_EQ(arrives(world), "nowhere");
  EXPECT_TRUE(restore(world).empty());
  EXPECT_EQ(instances(world), 2U);
  EXPECT_EQ(arrives(world), "c1");
  // Its clock has gone on.
  world.controller().wake(heard_ + std::chrono::minutes(29));
  EXPECT_EQ(instances(world), 2U);
  world.controller().wake(heard_ + std::chrono::minutes(31));
  world.settle();
  EXPECT_EQ(instances(world), 1U);
  EXPECT_EQ(arrives(world), "nowhere");
}

TEST_F(FsmRecordTest, WhatAnFsmShowsMayChange) {
  leave_a_record();
  World world;
  begin(world, auth("30m", "fwd(B)"));
  EXPECT_TRUE(restore(world).empty());
  EXPECT_EQ(arrives(world), "b1");
}

TEST_F(FsmRecordTest, AnFsmThatMovesOtherwiseBeginsAnewAndPeopleAreTold) {
  leave_a_record();
  World world;
  begin(world, auth("20m"));
  EXPECT_EQ(restore(world), std::vector<std::string>{
                                "states of fsm auth of A not taken over: it is another fsm now"});
  EXPECT_EQ(instances(world), 1U) << "the other fsm is the same";
}

TEST_F(FsmRecordTest, WhatIsNoLongerThereIsTold) {
  leave_a_record();
  World world;
  EXPECT_EQ(restore(world).size(), 2U);
  EXPECT_EQ(restore(world).front(),
            "states of fsm auth of A not taken over: the policy has no fsm any more");
}

TEST_F(FsmRecordTest, OtherFilesAreLeftAside) {
  ASSERT_TRUE(io::replace_file(path_, "something else\n"));
  World world;
  begin(world);
  const auto problems = restore(world);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems.front().find("is no record of them"), std::string::npos);
  EXPECT_EQ(io::read_file(path_).value_or(""), "something else\n");
  EXPECT_EQ(instances(world), 0U);
}

TEST_F(FsmRecordTest, FollowsWhatHappens) {
  World world;
  begin(world);
  FsmRecord record(loop_, world.controller(), path_);
  record.keep();
  EXPECT_EQ(io::read_file(path_).value_or(""), "fabrix states 1\n");
  const FsmEvent event{
      "authenticated", "", {{"srcip", "100.0.0.1"}, {"dstport", "80"}, {"value", "true"}}};
  EXPECT_TRUE(world.controller().event(world.id_of("A"), event, Controller::Clock::now()));
  EXPECT_TRUE(loop_.run_until(
      [this] {
        return io::read_file(path_).value_or("").find("100.0.0.1,80 1 ") != std::string::npos;
      },
      io::testing::kPatience));
}

}  // namespace
}  // namespace fabrix::controller
