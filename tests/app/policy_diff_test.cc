#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

using testing::fabrix;

class PolicyDiffTest : public ::testing::Test {
 protected:
  PolicyDiffTest() { scratch_.write("exchange.yaml", testing::loopback_exchange("new.policy")); }

  testing::Scratch scratch_;
  std::string old_ = scratch_.write("old.policy", "outbound = match(dstport={80, 81}) >> fwd(B)\n");
  std::string new_ = scratch_.write("new.policy",
                                    "outbound = (match(dstport=80) >> fwd(B))\n"
                                    "         + (match(dstport={81, 82}) >> fwd(C))\n");
};

TEST_F(PolicyDiffTest, SaysWhichPacketsChangeFate) {
  const auto run = fabrix({"policy", "diff", old_, new_});
  EXPECT_EQ(run.status.code, 1) << run.err;
  EXPECT_EQ(run.out,
            "outbound: 2 changes\n"
            "  such as tcp 100.0.0.1:1024 -> 140.0.0.1:81\n"
            "    was: B, else as BGP says  (" +
                old_ +
                ":1:12)\n"
                "    now: C, else as BGP says  (" +
                new_ +
                ":2:13)\n"
                "  such as tcp 100.0.0.1:1024 -> 140.0.0.1:82\n"
                "    was: as BGP says          (no clause)\n"
                "    now: C, else as BGP says  (" +
                new_ + ":2:13)\n");
}

TEST_F(PolicyDiffTest, EqualPoliciesChangeNoPacket) {
  const auto same = scratch_.write(
      "same.policy", "outbound = (match(dstport=81) >> fwd(B)) + (match(dstport=80) >> fwd(B))\n");
  const auto run = fabrix({"policy", "diff", "--participant", "A", old_, same});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_EQ(run.out, "no packet changes\n");
}

TEST_F(PolicyDiffTest, AnswersInJson) {
  const auto run = fabrix({"policy", "diff", "--json", old_, new_});
  const auto all = testing::parse_json(run.out);
  ASSERT_EQ(all.as_array().size(), 2U);
  EXPECT_EQ(all.at_pointer("/0/before").as_string(), "B, else as BGP says");
  EXPECT_EQ(all.at_pointer("/0/clauses_after/0/line").as_int64(), 2);
}

TEST_F(PolicyDiffTest, LooksIntoEveryStateOfFsms) {
  const std::string text =
      "event load : {low, high}\n"
      "fsm gate per dstip {\n"
      "  var state : {normal, attack}\n"
      "  on load when value == high { state = attack }\n"
      "  on load { state = normal }\n"
      "  policy = case { state == attack -> drop; else -> fwd(B) }\n"
      "}\n"
      "outbound = gate\n";
  std::string other = text;
  other.replace(other.find("-> drop"), 7, "-> fwd(C)");
  const auto before = scratch_.write("before.policy", text);
  const auto after = scratch_.write("after.policy", other);
  const auto run = fabrix({"policy", "diff", "--participant", "A", before, after});
  EXPECT_EQ(run.status.code, 1) << run.err;
  EXPECT_EQ(run.out.substr(0, run.out.find('\n')), "outbound, gate: state=attack: 1 change");
  EXPECT_THAT(run.out, ::testing::HasSubstr("    was: drop "));
  const auto same = fabrix({"policy", "diff", "--participant", "A", before, before});
  EXPECT_EQ(same.out, "no packet changes\n");
  const auto json = testing::parse_json(
      fabrix({"policy", "diff", "--json", "--participant", "A", before, after}).out);
  EXPECT_EQ(json.at_pointer("/0/states").as_string(), "gate: state=attack");
}

TEST_F(PolicyDiffTest, ErrorsInOneOfThemAreSaid) {
  const auto bad = scratch_.write("bad.policy", "outbound = fwd(Q)\n");
  const auto run = fabrix({"policy", "diff", bad, new_});
  EXPECT_EQ(run.status.code, 65);
  EXPECT_THAT(run.err, ::testing::HasSubstr("error[P0202]"));
  EXPECT_EQ(fabrix({"policy", "diff", old_}).status.code, 2);
}

}  // namespace
}  // namespace fabrix::app
