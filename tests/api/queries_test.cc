#include "api/queries.h"

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::api {
namespace {

using ::testing::HasSubstr;

std::string text(const boost::json::value& value) {
  return boost::json::serialize(value);
}

class QueriesTest : public ::testing::Test {
 protected:
  testing::World world_;
  Sources sources_ = world_.sources();
};

TEST_F(QueriesTest, StatusCounts) {
  const auto status = show_status(sources_);
  EXPECT_EQ(status.at("exchange").as_string(), "sample");
  EXPECT_EQ(status.at("asn").to_number<int>(), 65000);
  EXPECT_EQ(status.at("sessions_up").to_number<int>(), 3);
  EXPECT_EQ(status.at("prefixes").to_number<int>(), 3);
  EXPECT_EQ(status.at("installs").to_number<int>(), 1);
  EXPECT_EQ(status.at("refused").to_number<int>(), 0);
  EXPECT_TRUE(status.at("settled").as_bool());
}

TEST_F(QueriesTest, ParticipantsAreInTheConfigurationsOrder) {
  EXPECT_EQ(text(show_participants(sources_)),
            R"([{"name":"A","asn":100,"routers":"a1","prefixes":0,"policy":true},)"
            R"({"name":"B","asn":200,"routers":"b1","prefixes":1,"policy":false},)"
            R"({"name":"C","asn":300,"routers":"c1","prefixes":2,"policy":false}])");
}

TEST_F(QueriesTest, ClassesNameSenderBestAndVirtualNextHop) {
  const auto classes = show_classes(sources_).as_array();
  ASSERT_EQ(classes.size(), 1U);
  EXPECT_EQ(classes[0].at("sender").as_string(), "A");
  EXPECT_EQ(classes[0].at("best").as_string(), "b1");
  EXPECT_EQ(classes[0].at("reachable").as_string(), "b1");
  EXPECT_THAT(std::string(classes[0].at("vnh4").as_string()), HasSubstr("172.0.1."));
  EXPECT_EQ(classes[0].at("prefixes").to_number<int>(), 1);
}

TEST_F(QueriesTest, PoliciesAreShownWithTheirText) {
  const auto policies = show_policies(sources_).as_array();
  ASSERT_EQ(policies.size(), 1U);
  EXPECT_EQ(policies[0].at("participant").as_string(), "A");
  EXPECT_EQ(policies[0].at("outbound").to_number<int>(), 1);
  EXPECT_EQ(policies[0].at("inbound").to_number<int>(), 0);
  EXPECT_EQ(policies[0].at("text").as_string(), testing::kPolicyText);
}

TEST_F(QueriesTest, RulesAreAllThatIsInstalled) {
  const auto rules = show_rules(sources_).as_array();
  EXPECT_EQ(rules.size(), world_.controller.installed()->row_count());
  EXPECT_EQ(rules[0].at("table").as_string(), "admit");
  const bool has_clause = std::any_of(rules.begin(), rules.end(), [](const auto& rule) {
    return rule.at("table") == "outbound" && text(rule).find("dstport=80") != std::string::npos &&
           rule.at("participant") == "A";
  });
  EXPECT_TRUE(has_clause);
}

TEST_F(QueriesTest, NoticesTellWhatHappened) {
  world_.controller.set_port(world_.exchange.find_router("c1")->id, false);
  const auto notices = show_notices(sources_).as_array();
  ASSERT_FALSE(notices.empty());
  EXPECT_EQ(notices.back().at("severity").as_string(), "note");
  EXPECT_EQ(notices.back().at("text").as_string(), "port of c1 is down");
}

TEST_F(QueriesTest, NoticesSayHowGraveTheyAre) {
  const auto severity = [this](Severity told) {
    world_.fabric.on_notice(told, "something of the fabric");
    return text(show_notices(sources_).as_array().back().at("severity"));
  };
  EXPECT_EQ(severity(Severity::kNote), "\"note\"");
  EXPECT_EQ(severity(Severity::kWarning), "\"warning\"");
  EXPECT_EQ(severity(Severity::kError), "\"error\"");
}

TEST_F(QueriesTest, TraceTellsThePacketsFate) {
  const auto web = *trace(sources_, "a1", "tcp 1.1.1.1 -> 140.0.0.1:80");
  EXPECT_EQ(web.at("delivered").as_string(), "b1");
  EXPECT_EQ(web.at("prefix").as_string(), "140.0.0.0/24");
  EXPECT_TRUE(web.at("agrees").as_bool());
  EXPECT_THAT(text(web.at("steps")), HasSubstr("A's outbound clause 1 (line 1): dstport=80 -> B"));
  const auto lost = *trace(sources_, "a1", "tcp 1.1.1.1 -> 8.8.8.8:80");
  EXPECT_TRUE(lost.at("delivered").is_null());
  EXPECT_EQ(lost.at("verdict").as_string(), "dropped: no route");
  EXPECT_FALSE(trace(sources_, "a2", "tcp 1.1.1.1 -> 8.8.8.8:80"));
  EXPECT_FALSE(trace(sources_, "a1", "tcp"));
}

TEST_F(QueriesTest, DiagnosticsBecomeObjects) {
  EXPECT_EQ(text(to_json(Diagnostic{.severity = Severity::kWarning,
                                    .code = "P1",
                                    .message = "m",
                                    .file = "f",
                                    .at = {.line = 2, .column = 3, .length = 4},
                                    .witness = "w",
                                    .help = "h"})),
            R"({"severity":"warning","code":"P1","message":"m","file":"f","line":2,"column":3,)"
            R"("length":4,"witness":"w","help":"h"})");
}

}  // namespace
}  // namespace fabrix::api
