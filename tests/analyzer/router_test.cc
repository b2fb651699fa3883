#include "analyzer/router.h"

#include <array>

#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"

namespace fabrix::analyzer {
namespace {

http::Response names(const Call& call) {
  std::string all;
  for (const std::string& name : call.names) all += name + ";";
  return text_answer(all);
}

http::Response done(const Call& /*call*/) {
  return {.status = 204, .headers = {}, .body = {}};
}

http::Response request(http::Method method, std::string_view target) {
  static constexpr std::array kRoutes{
      Route{http::Method::kGet, "/metric/{}/{}/json", names},
      Route{http::Method::kPut, "/flow/{}/json", done},
      Route{http::Method::kGet, "/flow/{}/json", names},
  };
  const std::array<std::span<const Route>, 1> tables{kRoutes};
  telemetry::Engine engine;
  http::Request asked;
  asked.method = method;
  asked.target = http::parse_target(target).value();
  return Router(tables).answer(engine, asked);
}

TEST(Router, HandsOverTheNamesInThePath) {
  const auto response = request(http::Method::kGet, "/metric/10.0.0.1;10.0.0.2/max%3Aif/json");
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(body_of(response), "10.0.0.1;10.0.0.2;max:if;");
  EXPECT_EQ(request(http::Method::kHead, "/flow/a/json").status, 200U);
  EXPECT_EQ(request(http::Method::kPut, "/flow/a/json").status, 204U);
}

TEST(Router, TellsAMissingPathFromAMissingMethod) {
  EXPECT_EQ(request(http::Method::kGet, "/flow/a").status, 404U);
  EXPECT_EQ(request(http::Method::kGet, "/flow/a/xml").status, 404U);
  EXPECT_EQ(request(http::Method::kGet, "/").status, 404U);
  const auto response = request(http::Method::kDelete, "/flow/a/json");
  EXPECT_EQ(response.status, 405U);
  EXPECT_EQ(response.headers.back(), (http::Header{"Allow", "PUT, GET, HEAD"}));
}

TEST(Router, KnowsItsPathsWhateverTheMethod) {
  const Router routes = all_routes();
  EXPECT_TRUE(routes.has(http::parse_target("/flow/a/json?x=1").value()));
  EXPECT_FALSE(routes.has(http::parse_target("/flow/a/xml").value()));
}

}  // namespace
}  // namespace fabrix::analyzer
