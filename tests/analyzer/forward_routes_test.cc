#include "analyzer/forward_routes.h"

#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"

namespace fabrix::analyzer {
namespace {

TEST(ForwardRoutes, SetsTellsAndRemoves) {
  telemetry::Engine engine;
  EXPECT_EQ(put(engine, "/forwarding/a/json", R"({"address":"10.0.0.1","port":6344})").status,
            204U);
  EXPECT_EQ(put(engine, "/forwarding/b/json", R"({"address":"2001:db8::1"})").status, 204U);
  EXPECT_EQ(
      body_of(get(engine, "/forwarding/json")),
      R"({"a":{"address":"10.0.0.1","port":6344},"b":{"address":"2001:db8::1","port":6343}})");
  EXPECT_EQ(body_of(get(engine, "/forwarding/a/json")), R"({"address":"10.0.0.1","port":6344})");
  EXPECT_EQ(remove(engine, "/forwarding/a/json").status, 204U);
  EXPECT_EQ(remove(engine, "/forwarding/a/json").status, 404U);
  EXPECT_EQ(get(engine, "/forwarding/a/json").status, 404U);
}

TEST(ForwardRoutes, RefusesWhatIsNoTarget) {
  telemetry::Engine engine;
  for (const auto* bad :
       {R"({"port":1})", R"({"address":"nobody"})", R"({"address":"::1","port":0})",
        R"({"address":"::1","port":65536})", R"({"address":"::1","port":1.5})", "nonsense",
        R"({"address":{}})", R"({"address":"::1","port":{}})"}) {
    EXPECT_EQ(put(engine, "/forwarding/a/json", bad).status, 400U) << bad;
  }
  for (std::size_t i = 0; i < telemetry::Engine::kMaxForwards; ++i) {
    EXPECT_TRUE(engine.set_forward(std::to_string(i), {.port = 1}));
  }
  EXPECT_EQ(put(engine, "/forwarding/a/json", R"({"address":"::1"})").status, 400U);
}

}  // namespace
}  // namespace fabrix::analyzer
