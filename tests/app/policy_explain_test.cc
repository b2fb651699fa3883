#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

using testing::fabrix;

class PolicyExplainTest : public ::testing::Test {
 protected:
  PolicyExplainTest() {
    scratch_.write("exchange.yaml", testing::loopback_exchange("A.policy"));
    file_ = scratch_.write("A.policy",
                           "outbound = (match(dstport=443) >> fwd(B))\n"
                           "         + (match(dstport=80) >> modify(dscp=10) >> fwd(B))\n"
                           "        // (match(protocol=tcp) >> fwd(C))\n"
                           "inbound = from(B) >> fwd(a1)\n");
  }

  static io::CommandOutput explain(std::vector<std::string> words) {
    words.insert(words.begin(), {"policy", "explain"});
    return fabrix(std::move(words));
  }

  testing::Scratch scratch_;
  std::string file_;
};

TEST_F(PolicyExplainTest, SaysWhichClauseDecidesAndWhatElse) {
  const auto run = explain({file_, "tcp 100.0.0.1:1024 -> 140.0.0.1:80 from A"});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_EQ(run.out,
            "A sends tcp 100.0.0.1:1024 -> 140.0.0.1:80\n"
            "  " +
                file_ +
                ":1:13: dstport=443 -> B\n"
                "      does not apply: the packet has dstport=80\n"
                "  " +
                file_ +
                ":2:13: dstport=80 -> dscp:=10, B\n"
                "      decides: dscp:=10, B, if B announces 140.0.0.1\n"
                "  " +
                file_ +
                ":3:13: protocol=tcp -> C\n"
                "      else decides: C, if C announces 140.0.0.1\n"
                "  else: as BGP says\n");
}

TEST_F(PolicyExplainTest, TellsWhatHappensInEveryStateOfFsms) {
  file_ = scratch_.write("A.policy",
                         "event used : 0..2\n"
                         "fsm meter per dstip {\n"
                         "  var level : 0..2\n"
                         "  on used { level = value }\n"
                         "  policy = case { level < 2 -> identity; else -> drop }\n"
                         "}\n"
                         "inbound = meter\n");
  const auto run = explain({file_, "tcp 100.0.0.1:1024 -> 140.0.0.1:80"});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_EQ(run.out,
            "A receives tcp 100.0.0.1:1024 -> 140.0.0.1:80, meter: level=0\n"
            "  " +
                file_ +
                ":5:32: any -> default\n"
                "      decides: as BGP says\n"
                "A receives tcp 100.0.0.1:1024 -> 140.0.0.1:80, meter: level=2\n"
                "  " +
                file_ +
                ":5:50: any -> drop\n"
                "      decides: drop\n");
  const auto json = testing::parse_json(explain({"--json", file_, "icmp 1.0.0.1 -> 1.0.0.2"}).out);
  EXPECT_EQ(json.at_pointer("/1/states").as_string(), "meter: level=2");
}

TEST_F(PolicyExplainTest, TellsBothHalvesWhereNoSenderIsNamed) {
  const auto run = explain({file_, "udp [2001:db8::1]:53 -> [2001:db8::2]:53"});
  EXPECT_THAT(run.out, ::testing::HasSubstr("A sends udp"));
  EXPECT_THAT(run.out, ::testing::HasSubstr("  no clause decides: as BGP says\n"));
  EXPECT_THAT(run.out, ::testing::HasSubstr("A receives udp"));
  EXPECT_THAT(run.out, ::testing::HasSubstr("      decides: a1, if from(B)\n"));
}

TEST_F(PolicyExplainTest, TheSenderIsAnotherParticipant) {
  const auto run = explain({file_, "icmp 100.0.0.1 -> 140.0.0.1 from B"});
  EXPECT_THAT(run.out, ::testing::StartsWith("A receives from B icmp"));
  EXPECT_THAT(run.out, ::testing::EndsWith("      decides: a1\n"));
}

TEST_F(PolicyExplainTest, AnswersInJson) {
  const auto run = explain({"--json", file_, "tcp 100.0.0.1:1024 -> 140.0.0.1:80 from A"});
  const auto all = testing::parse_json(run.out);
  const auto& clauses = all.at_pointer("/0/clauses").as_array();
  ASSERT_EQ(clauses.size(), 3U);
  EXPECT_EQ(clauses[0].at("applies").as_bool(), false);
  EXPECT_EQ(clauses[0].at("why_not").as_string(), "the packet has dstport=80");
  EXPECT_EQ(clauses[1].at("line").as_int64(), 2);
  EXPECT_EQ(clauses[1].at("if").as_string(), "B announces 140.0.0.1");
  EXPECT_EQ(all.at_pointer("/0/else").as_string(), "as BGP says");
}

TEST_F(PolicyExplainTest, SaysWhichBucketsThePacketHashesTo) {
  const auto file = scratch_.write("A.policy", "outbound = balance(B, C)\n");
  const auto run = explain({file, "tcp 100.0.0.1:40002 -> 140.0.0.1:443 from A"});
  EXPECT_THAT(run.out, ::testing::StartsWith("A sends tcp 100.0.0.1:40002 -> 140.0.0.1:443 in flow "
                                             "bucket 10\n"));
  EXPECT_THAT(run.out, ::testing::HasSubstr("flow_bucket=0..31 -> B\n      decides: B, if B"));
  const auto json = testing::parse_json(
      explain({"--json", file, "tcp 100.0.0.1:40002 -> 140.0.0.1:443 from A"}).out);
  EXPECT_EQ(json.at_pointer("/0/buckets/flow").as_int64(), 10);
}

TEST_F(PolicyExplainTest, SaysWhatIsWrong) {
  EXPECT_EQ(explain({file_, "tcp here -> there"}).status.code, 65);
  EXPECT_EQ(explain({file_, "icmp 100.0.0.1 -> 140.0.0.1 from Z"}).status.code, 3);
  EXPECT_EQ(explain({file_}).status.code, 2);
  const auto bad = scratch_.write("bad.policy", "policy A {\noutbound = fwd(Q)\n}\n");
  EXPECT_EQ(explain({bad, "icmp 100.0.0.1 -> 140.0.0.1"}).status.code, 65);
}

}  // namespace
}  // namespace fabrix::app
