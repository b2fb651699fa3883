#include <string>
#include <vector>

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
  static io::CommandOutput check(std::vector<std::string> files) {
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

TEST_F(PolicyCheckTest, ReadsStdin) {
  const auto piped = [this](const std::string& file) {
    return testing::run({"/bin/sh", "-c",
                         std::string(FABRIX_EXE) + " policy check --exchange " + kExchange +
                             " --participant A - < " + file});
  };
  EXPECT_EQ(piped(good_).out, "-: ok\n");
  const auto bad = piped(bad_);
  EXPECT_EQ(bad.status.code, 65);
  EXPECT_THAT(bad.out, HasSubstr("--> -:1:19"));
}

TEST_F(PolicyCheckTest, WhatIsNoTextIsToldInJsonToo) {
  const auto run = check({"--json", scratch_.write("latin.policy", "outbound = drop  # f\xfcr\n")});
  EXPECT_EQ(run.status.code, 65);
  const auto all = testing::parse_json(run.out).as_array();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].at("message").as_string(), "this is no UTF-8");
  EXPECT_EQ(all[0].at_pointer("/range/start/character").as_int64(), 20);
}

TEST_F(PolicyCheckTest, PrintsOneArrayOfLspDiagnostics) {
  const auto run = check({"--json", bad_, warned_});
  EXPECT_EQ(run.status.code, 65);
  const auto all = testing::parse_json(run.out).as_array();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].at("severity").as_int64(), 1);
  EXPECT_EQ(all[0].at("code").as_string(), "P0201");
  EXPECT_EQ(all[0].at("file").as_string(), bad_);
  EXPECT_EQ(all[0].at("uri").as_string(), "file://" + bad_);
  EXPECT_EQ(all[0].at_pointer("/range/start/line").as_int64(), 0);
  EXPECT_EQ(all[0].at_pointer("/range/start/character").as_int64(), 18);
  EXPECT_EQ(all[0].at_pointer("/range/end/character").as_int64(), 24);
  EXPECT_EQ(all[0].at("help").as_string(), "did you mean 'dstport'?");
  EXPECT_EQ(all[2].at("severity").as_int64(), 2);
  EXPECT_THAT(std::string(all[2].at("witness").as_string()), HasSubstr("goes to B"));
  EXPECT_EQ(check({"--json", good_}).out, "[]\n");
}

// Each line has a mistake of its own, and what follows from one is no further error.
TEST_F(PolicyCheckTest, SaysEveryErrorOfAFileInOneRunAndNothingThatFollowsFromAnother) {
  const auto many = scratch_.write("many.policy",
                                   "let web = match(dstprt=80)\n"
                                   "let half = match(dstport=80) |\n"
                                   "let wrong = match(dstport=80x)\n"
                                   "let web = match(dstport=81)\n"
                                   "to(who) = match(dstport=99999) >> fwd(who)\n"
                                   "outbound = (web >> fwd(B))\n"
                                   "         + (half >> fwd(C))\n"
                                   "         + (wrong >> fwd(B))\n"
                                   "         + (match(dstport=80) >> fwd(Q))\n"
                                   "         + (match(srcip=80) >> fwd(C))\n"
                                   "         + (match(dstport=80 >> fwd(C))\n"
                                   "         + to(B)\n"
                                   "         + (web >> fwd(A))\n"
                                   "         + unknown\n"
                                   "inbound = from(C) >> fwd(B)\n"
                                   "        + (match(ethtype=arp, dstport=80) >> fwd(a1))\n");
  const auto run = check({"--json", many});
  std::string found;
  const auto all = testing::parse_json(run.out);
  for (const auto& each : all.as_array()) {
    found += std::string(each.at("code").as_string()) + ":" +
             std::to_string(each.at_pointer("/range/start/line").as_int64() + 1) + " ";
  }
  EXPECT_EQ(found,
            "P0201:1 P0101:2 P0003:3 P0210:4 P0205:5 P0202:9 P0204:10 P0102:11 P0304:13 P0203:14 "
            "P0305:15 P0206:16 ")
      << check({many}).out;
}

TEST_F(PolicyCheckTest, FindsTheExchangeAndTheOwner) {
  const auto run = fabrix({"policy", "check", source_file("labs/assignment/policies/A.policy"),
                           source_file("labs/assignment/policies/C.policy")});
  EXPECT_EQ(run.status.code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("A.policy: ok (A in "));
  EXPECT_THAT(run.out, HasSubstr("C.policy: ok (C in "));
  EXPECT_THAT(run.out, HasSubstr("labs/assignment/exchange.yaml)"));
}

TEST_F(PolicyCheckTest, ChecksWhatItCanWithoutAnExchangeAndSaysWhatItCannot) {
  const auto good = fabrix({"policy", "check", good_});
  EXPECT_EQ(good.status.code, 0);
  EXPECT_EQ(good.out, good_ + ": ok\n" + good_ +
                          ": participants, ports and overlaps were not checked, as no "
                          "exchange.yaml is beside it or above it: --exchange EXCHANGE.yaml\n");
  const auto bad = fabrix({"policy", "check", "--json", bad_});
  EXPECT_EQ(bad.status.code, 65);
  const auto all = testing::parse_json(bad.out).as_array();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].at("code").as_string(), "P0201");
  EXPECT_EQ(all[1].at("code").as_string(), "P0205");
  EXPECT_EQ(all[2].at("code").as_string(), "unchecked");
  EXPECT_EQ(all[2].at("severity").as_int64(), 3);
}

TEST_F(PolicyCheckTest, AnOwnerThatNobodyNamesIsSaid) {
  const auto run = fabrix({"policy", "check", "--exchange", kExchange, good_});
  EXPECT_EQ(run.status.code, 0);
  EXPECT_THAT(run.out, HasSubstr("gives it to no participant: --participant NAME"));
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

}  // namespace
}  // namespace fabrix::app
