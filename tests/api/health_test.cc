#include "api/health.h"

#include <gtest/gtest.h>

namespace fabrix::api {
namespace {

TEST(Health, LivesWhenItAnswers) {
  EXPECT_EQ(live_response().status, 200U);
}

TEST(Health, IsReadyWhenEveryCheckHolds) {
  const auto response = health_response({{.name = "config"}, {.name = "fabric"}});
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(std::get<std::string>(response.body), "[+]config ok\n[+]fabric ok\nready\n");
}

TEST(Health, SaysWhichCheckFails) {
  const auto response = health_response(
      {{.name = "config"}, {.name = "fabric", .holds = false, .detail = "s1 is not connected"}});
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(std::get<std::string>(response.body),
            "[+]config ok\n[-]fabric failed: s1 is not connected\nnot ready\n");
}

}  // namespace
}  // namespace fabrix::api
