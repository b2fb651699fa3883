#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

class ExportCommandTest : public ::testing::Test {
 protected:
  testing::Scratch scratch_;
  std::string file_ = scratch_.write("exchange.yaml", testing::loopback_exchange());
};

TEST_F(ExportCommandTest, WritesIxf) {
  const auto run = fabrix({"export", "ixf", "-c", file_, "--ixf-id", "99"});
  EXPECT_EQ(run.status.code, 0) << run.err;
  const auto document = testing::parse_json(run.out);
  EXPECT_EQ(document.at("version"), "1.0");
  EXPECT_THAT(std::string(document.at("timestamp").as_string()),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z"));
  EXPECT_EQ(document.at("ixp_list").at(0).at("ixf_id"), 99);
  EXPECT_EQ(document.at("member_list").as_array().size(), 4U);
  EXPECT_THAT(run.out, Not(HasSubstr("mac_addresses")));
  const auto old = fabrix({"export", "ixf", "-c", file_, "--version", "0.7", "--macs"});
  EXPECT_EQ(testing::parse_json(old.out).at("version"), "0.7");
  EXPECT_THAT(old.out, HasSubstr("08:00:27:00:00:01"));
}

TEST_F(ExportCommandTest, WritesThePolicyAsAPage) {
  EXPECT_THAT(fabrix({"export", "policy", "-c", file_}).out,
              StartsWith("# loopback: route server policy\n"));
  EXPECT_THAT(fabrix({"export", "pol", "-c", file_, "--html"}).out, StartsWith("<!DOCTYPE html>"));
}

TEST_F(ExportCommandTest, TellsApartWhatIsWrong) {
  EXPECT_EQ(fabrix({"export", "ixf"}).status.code, 2);
  EXPECT_EQ(fabrix({"export", "-c", file_}).status.code, 2);
  EXPECT_EQ(fabrix({"export", "csv", "-c", file_}).status.code, 2);
  EXPECT_EQ(fabrix({"export", "ixf", "-c", file_, "--version", "0.5"}).status.code, 2);
  EXPECT_EQ(fabrix({"export", "ixf", "-c", file_, "--ixf-id", "x"}).status.code, 2);
  EXPECT_EQ(fabrix({"export", "ixf", "-c", scratch_ / "none"}).status.code, 3);
  const auto bad = fabrix({"export", "policy", "-c", scratch_.write("bad.yaml", "version: 2\n")});
  EXPECT_EQ(bad.status.code, 78);
  EXPECT_THAT(bad.err, HasSubstr("error[C0115]"));
  EXPECT_EQ(fabrix({"export", "--help"}).status.code, 0);
}

}  // namespace
}  // namespace fabrix::app
