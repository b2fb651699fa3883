#include "analyzer/name_routes.h"

#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"

namespace fabrix::analyzer {
namespace {

TEST(NameRoutes, SetsTellsAndRemovesGroups) {
  telemetry::Engine engine;
  EXPECT_EQ(put(engine, "/group/sites/json", R"({"lan":["10.0.0.0/8"],"one":"192.0.2.1"})").status,
            204U);
  EXPECT_EQ(body_of(get(engine, "/group/sites/json")),
            R"({"lan":["10.0.0.0/8"],"one":["192.0.2.1"]})");
  EXPECT_EQ(body_of(get(engine, "/groups/json")),
            R"({"sites":{"lan":["10.0.0.0/8"],"one":["192.0.2.1"]}})");
  EXPECT_EQ(put(engine, "/group/sites/json", R"({"lan":["10.0.0.0/80"]})").status, 400U);
  EXPECT_EQ(put(engine, "/group/sites/json", R"({"lan":[["10.0.0.0/8"]]})").status, 400U);
  EXPECT_EQ(remove(engine, "/group/sites/json").status, 204U);
  EXPECT_EQ(remove(engine, "/group/sites/json").status, 404U);
  EXPECT_EQ(get(engine, "/group/sites/json").status, 404U);
}

TEST(NameRoutes, SetsTellsAndRemovesMaps) {
  telemetry::Engine engine;
  EXPECT_EQ(put(engine, "/map/member/json", R"({"a":["0200000000A1"]})").status, 204U);
  EXPECT_EQ(body_of(get(engine, "/map/member/json")), R"({"a":["0200000000A1"]})");
  EXPECT_EQ(put(engine, "/map/member/json", "nonsense").status, 400U);
  EXPECT_EQ(remove(engine, "/map/member/json").status, 204U);
  EXPECT_EQ(remove(engine, "/map/member/json").status, 404U);
  EXPECT_EQ(get(engine, "/map/member/json").status, 404U);
}

}  // namespace
}  // namespace fabrix::analyzer
