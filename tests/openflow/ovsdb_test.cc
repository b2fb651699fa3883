#include "openflow/ovsdb.h"

#include <string_view>

#include <gtest/gtest.h>

namespace fabrix::openflow {
namespace {

using Bridges = std::vector<OvsdbBridge>;

// As ovsdb-server 3.1 writes it.
constexpr std::string_view kAnswer =
    R"({"id":1,"result":[{"count":1},{"rows":[)"
    R"({"datapath_id":"00000000000000e1","fail_mode":"secure","name":"br0"},)"
    R"({"datapath_id":"0000f6a1b2c3d444","fail_mode":["set",[]],"name":"br1"},)"
    R"({"datapath_id":["set",[]],"fail_mode":"standalone","name":"br2"}]}],"error":null})";

const Bridges kBridges{{"br0", 0xe1, true}, {"br1", 0xf6a1b2c3d444, false}, {"br2", 0, false}};

auto take(BridgesAnswer& answer, std::string_view text) {
  return answer.take(std::as_bytes(std::span(text)));
}

std::string complaint(std::string_view text) {
  BridgesAnswer answer;
  const auto taken = take(answer, text);
  if (!taken) return "more is needed";
  return *taken ? "none" : taken->error().message;
}

TEST(OvsdbTest, AsksForBridges) {
  EXPECT_EQ(bridges_request({}),
            R"({"method":"transact","params":["Open_vSwitch",{"op":"select","table":"Bridge",)"
            R"("where":[],"columns":["name","datapath_id","fail_mode"]}],"id":1})");
}

TEST(OvsdbTest, MakesBridgesFailSecureFirst) {
  EXPECT_EQ(bridges_request({"br1"}),
            R"({"method":"transact","params":["Open_vSwitch",{"op":"update","table":"Bridge",)"
            R"("where":[["name","==","br1"]],"row":{"fail_mode":"secure"}},)"
            R"({"op":"select","table":"Bridge","where":[],)"
            R"("columns":["name","datapath_id","fail_mode"]}],"id":1})");
}

TEST(OvsdbTest, ReadsWhatBridgesDoWithoutAController) {
  BridgesAnswer answer;
  const auto taken = take(answer, kAnswer);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ(**taken, kBridges);
}

TEST(OvsdbTest, ReadsAnAnswerHoweverItIsSplitAndWhateverComesBefore) {
  const std::string text =
      R"({"id":"echo","method":"echo","params":[]} {"id":7,"result":[],"error":null})" +
      std::string(kAnswer);
  for (std::size_t split = 1; split < text.size(); ++split) {
    BridgesAnswer answer;
    EXPECT_FALSE(take(answer, std::string_view(text).substr(0, split)));
    const auto taken = take(answer, std::string_view(text).substr(split));
    ASSERT_TRUE(taken && *taken) << split;
    EXPECT_EQ(**taken, kBridges);
  }
}

TEST(OvsdbTest, SaysWhatTheServerRefuses) {
  EXPECT_EQ(complaint(R"({"id":1,"error":null,"result":[{"error":"unknown table","details":"no"},)"
                      R"(null]})"),
            "it refuses: unknown table no");
}

TEST(OvsdbTest, SaysThatSomethingIsNoAnswer) {
  for (const std::string_view text :
       {"[]", "}", "220 mail.example ESMTP", R"({"id":1,"result":null,"error":"unknown database"})",
        R"({"id":1,"error":null})", R"({"id":1,"result":[]})", R"({"id":1,"result":[3]})",
        R"({"id":1,"result":[{"rows":3}]})", R"({"id":1,"result":[{"rows":[3]}]})",
        R"({"id":1,"result":[{"rows":[{"datapath_id":"1"}]}]})",
        R"({"id":1,"result":[{"rows":[{"name":"br0","datapath_id":"xyz"}]}]})",
        R"({"id":1,"result":[{"rows":[{"name":"br0","datapath_id":"11111111111111111"}]}]})",
        "[[[[[[[[[[[[[[[[[[[["}) {
    EXPECT_EQ(complaint(text), "what it says is no answer of an OVSDB server") << text;
  }
}

TEST(OvsdbTest, ReadsNoMoreThanItsBound) {
  BridgesAnswer answer;
  const std::string many(BridgesAnswer::kMostOctets, ' ');
  EXPECT_FALSE(take(answer, many));
  const auto taken = take(answer, " ");
  ASSERT_TRUE(taken && !*taken);
  EXPECT_EQ(taken->error().message, "it says too much");
}

}  // namespace
}  // namespace fabrix::openflow
