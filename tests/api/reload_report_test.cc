#include "api/reload_report.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace fabrix::api {
namespace {

using exchange::SessionEffect;

net::IpAddress ip(const char* text) {
  return net::IpAddress::parse(text).value();
}

TEST(ReloadReport, SaysWhatChangedAndWhatItMeansForSessions) {
  ReloadReport report;
  report.outcome = ReloadOutcome::kApplied;
  report.changes = {{"participant B", "removed"}, {"router c2", "added to C, 192.0.2.4"}};
  report.sessions = {{.address = ip("192.0.2.2"), .router = {}, .effect = SessionEffect::kRemoved},
                     {.address = ip("192.0.2.3"), .router = {}, .effect = SessionEffect::kReset},
                     {.address = ip("192.0.2.4"), .router = {}, .effect = SessionEffect::kAdded}};
  EXPECT_EQ(to_text(report),
            "participant B: removed\n"
            "router c2: added to C, 192.0.2.4\n"
            "session 192.0.2.2: ends: the peer is no longer configured\n"
            "session 192.0.2.3: ends and begins anew\n"
            "session 192.0.2.4: may connect\n");
  const auto value = to_json(report);
  EXPECT_EQ(value.at("outcome").as_string(), "applied");
  EXPECT_EQ(value.at("changes").at(0).at("subject").as_string(), "participant B");
  EXPECT_EQ(value.at("sessions").at(1).at("effect").as_string(), "reset");
  EXPECT_EQ(value.at("sessions").at(2).at("address").as_string(), "192.0.2.4");
  EXPECT_TRUE(value.at("problems").as_array().empty());
}

TEST(ReloadReport, SaysThatNothingChanged) {
  ReloadReport report;
  report.outcome = ReloadOutcome::kChecked;
  EXPECT_EQ(to_text(report), "no changes\n");
  EXPECT_EQ(to_json(report).at("outcome").as_string(), "checked");
}

TEST(ReloadReport, OfARefusalIsWhatIsWrong) {
  ReloadReport report;
  report.problems.emplace_back();
  report.problem_text = "error[C0101]: unknown key\n";
  EXPECT_EQ(to_text(report), "error[C0101]: unknown key\n");
  EXPECT_EQ(to_json(report).at("outcome").as_string(), "refused");
  EXPECT_EQ(to_json(report).at("problems").as_array().size(), 1U);
}

}  // namespace
}  // namespace fabrix::api
