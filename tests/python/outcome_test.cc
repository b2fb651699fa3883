#include "python/outcome.h"

#include <gtest/gtest.h>

namespace fabrix::python {
namespace {

TEST(OutcomeTest, IsDataOrAFailure) {
  EXPECT_EQ(to_text(boost::json::value(7)), R"({"ok":7})");
  EXPECT_EQ(to_text(refused("no such thing")),
            R"({"failure":{"kind":"simulation","message":"no such thing","diagnostics":[],)"
            R"("text":"no such thing"}})");
}

TEST(OutcomeTest, ShowsWhereATextIsWrong) {
  Diagnostic wrong;
  wrong.code = "P0202";
  wrong.message = "unknown participant 'X'";
  wrong.file = "A.policy";
  wrong.at = {1, 16, 1};
  const auto failure = to_json(Failure{.kind = FailureKind::kPolicy,
                                       .message = "refused",
                                       .diagnostics = {wrong},
                                       .source = "outbound = fwd(X)"});
  EXPECT_EQ(failure.at("kind"), "policy");
  EXPECT_EQ(failure.at("diagnostics").as_array().front().at("column").to_number<int>(), 16);
  EXPECT_EQ(failure.at("text").as_string(), R"(refused
error[P0202]: unknown participant 'X'
  --> A.policy:1:16
  1 | outbound = fwd(X)
    |                ^)");
}

TEST(OutcomeTest, NamesItsKinds) {
  EXPECT_EQ(name_of(FailureKind::kPolicy), "policy");
  EXPECT_EQ(name_of(FailureKind::kConfiguration), "configuration");
  EXPECT_EQ(name_of(FailureKind::kSimulation), "simulation");
}

}  // namespace
}  // namespace fabrix::python
