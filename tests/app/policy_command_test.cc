#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using testing::source_file;

const std::string kExchange = source_file("examples/simulate/exchange.yaml");

class PolicyCheckTest : public ::testing::Test {
 protected:
  io::CommandOutput check(std::vector<std::string> files) {
    files.insert(files.begin(), {"policy", "check", "--exchange", kExchange, "--participant", "A"});
    return fabrix(std::move(files));
  }

  testing::Scratch scratch_;
  std::string good_ = scratch_.write("good.policy", "outbound = match(dstport=80) >> fwd(B)\n");
  std::string warned_ = scratch_.write(
      "warned.policy", "outbound = match(dstport=80) >> fwd(B) + match(dstport=81) >> fwd(C)\n");
  std::string bad_ = scratch_.write("bad.policy",
                                    "outbound = (match(dstprt=80) >> fwd(B))\n"
                                    "         + (match(srcport=99999) >> fwd(C))\n");
  std::string ambiguous_ = scratch_.write("ambiguous.policy",
                                          "outbound = (match(dstport=80) >> fwd(B))\n"
                                          "         + (match(srcport=80) >> fwd(C))\n");
};

TEST_F(PolicyCheckTest, AcceptsGoodPolicies) {
  const auto run = check({good_});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_EQ(run.out, good_ + ": ok\n");
}

TEST_F(PolicyCheckTest, PrintsWarningsAndAccepts) {
  const auto run = check({warned_});
  EXPECT_EQ(run.status.code, 0);
  EXPECT_THAT(run.out, HasSubstr("warning[P0302]"));
  EXPECT_THAT(run.out, HasSubstr(warned_ + ": ok\n"));
}

TEST_F(PolicyCheckTest, SaysEverythingThatIsWrongWithEveryFile) {
  const auto run = check({bad_, good_, ambiguous_});
  EXPECT_EQ(run.status.code, 65);
  EXPECT_THAT(run.out, HasSubstr("error[P0201]"));
  EXPECT_THAT(run.out, HasSubstr(bad_ + ":1:19"));
  EXPECT_THAT(run.out, HasSubstr("error[P0205]"));
  EXPECT_THAT(run.out, HasSubstr(bad_ + ":2:"));
  EXPECT_THAT(run.out, HasSubstr(good_ + ": ok\n"));
  EXPECT_THAT(run.out, HasSubstr("error[P0301]"));
  EXPECT_THAT(run.out, HasSubstr("witness: tcp"));
}

TEST_F(PolicyCheckTest, PrintsOneJsonArray) {
  const auto run = check({"--json", bad_, warned_});
  EXPECT_EQ(run.status.code, 65);
  const auto all = testing::parse_json(run.out).as_array();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].at("severity").as_string(), "error");
  EXPECT_EQ(all[0].at("code").as_string(), "P0201");
  EXPECT_EQ(all[0].at("file").as_string(), bad_);
  EXPECT_EQ(all[0].at("line").as_int64(), 1);
  EXPECT_EQ(all[0].at("column").as_int64(), 19);
  EXPECT_EQ(all[2].at("severity").as_string(), "warning");
  EXPECT_EQ(check({"--json", good_}).out, "[]\n");
}

TEST_F(PolicyCheckTest, TellsApartWhatIsMissingAndWhatIsWrong) {
  EXPECT_EQ(check({}).status.code, 2);
  EXPECT_EQ(fabrix({"policy"}).status.code, 2);
  EXPECT_EQ(fabrix({"policy", "frob"}).status.code, 2);
  EXPECT_EQ(check({scratch_ / "none.policy", good_}).status.code, 3);
  const auto stranger =
      fabrix({"policy", "check", "--exchange", kExchange, "--participant", "AA", good_});
  EXPECT_EQ(stranger.status.code, 3);
  EXPECT_THAT(stranger.err, HasSubstr("is called 'AA'"));
  const auto broken = scratch_.write("broken.yaml", "version: 1\n");
  EXPECT_EQ(
      fabrix({"policy", "check", "--exchange", broken, "--participant", "A", good_}).status.code,
      78);
}

TEST_F(PolicyCheckTest, ChangesNeedADaemon) {
  const std::string nowhere = scratch_ / "none.sock";
  const auto set = fabrix({"policy", "set", "--participant", "A", "--socket", nowhere, good_});
  EXPECT_EQ(set.status.code, 5);
  EXPECT_THAT(set.err, HasSubstr("no daemon answers at " + nowhere));
  EXPECT_EQ(fabrix({"policy", "remove", "--participant", "A", "--socket", nowhere}).status.code, 5);
  EXPECT_EQ(fabrix({"policy", "set", "--participant", "A", scratch_ / "none"}).status.code, 3);
}

}  // namespace
}  // namespace fabrix::app
