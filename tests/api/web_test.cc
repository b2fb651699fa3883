// The paths, and Alice's way through all layers: real sockets on loopback.
#include "api/web.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "http/server.h"
#include "io/connector.h"
#include "tests/api/fake_looking_glass.h"

namespace fabrix::api {
namespace {

using testing::body_of;
using testing::FakeLookingGlass;
using testing::get;
using testing::json;

WebSources sources(const FakeLookingGlass& glass) {
  return {.looking_glass = &glass,
          .birdwatcher = {},
          .metrics = [] { return MetricsSnapshot{}; },
          .health = [] { return std::vector<HealthCheck>{{.name = "config", .holds = false}}; }};
}

TEST(Web, AnswersByPath) {
  const FakeLookingGlass glass;
  const auto handler = web_handler(sources(glass));
  EXPECT_EQ(handler(get("/livez")).status, 200U);
  EXPECT_EQ(handler(get("/readyz")).status, 503U);
  EXPECT_EQ(handler(get("/healthz")).status, 503U);
  const auto metrics = handler(get("/metrics"));
  EXPECT_EQ(metrics.headers.at(0).value, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(body_of(metrics).find("fabrix_build_info"), std::string::npos);
  EXPECT_TRUE(json(body_of(handler(get("/birdwatcher/status")))).as_object().contains("status"));
}

TEST(Web, HasNothingElse) {
  const FakeLookingGlass glass;
  const auto handler = web_handler(sources(glass));
  for (const char* const path : {"/", "/status", "/metrics/x", "/livez/x", "/birdwatcherx"}) {
    EXPECT_EQ(handler(get(path)).status, 404U) << path;
  }
  EXPECT_EQ(web_handler({})(get("/metrics")).status, 404U);
  EXPECT_EQ(web_handler({})(get("/birdwatcher/status")).status, 404U);
  EXPECT_EQ(web_handler({})(get("/readyz")).status, 200U);
}

TEST(Web, OnlyReads) {
  auto request = get("/metrics");
  request.method = http::Method::kDelete;
  EXPECT_EQ(web_handler({})(request).status, 405U);
}

TEST(Web, ServesAliceFromItsOwnPort) {
  constexpr std::chrono::seconds kPatience{30};
  FakeLookingGlass glass;
  const auto a = glass.add_neighbor("A_v4", "192.0.2.1", 100);
  for (int i = 0; i < 250; ++i) glass.add_route(a, "100.64." + std::to_string(i) + ".0/24", {});
  io::EventLoop loop;
  const auto server = http::Server::start(loop, {}, birdwatcher_handler(glass, {}));
  ASSERT_TRUE(server) << server.error().message;

  std::optional<io::ByteStream> stream;
  std::string heard;
  bool ended = false;
  const io::Connector connector(loop, (*server)->local(), {}, [&](Result<io::ByteStream> made) {
    ASSERT_TRUE(made);
    stream.emplace(*std::move(made));
    stream->start({.on_data =
                       [&](std::span<const std::byte> data) {
                         for (const std::byte octet : data) heard += static_cast<char>(octet);
                       },
                   .on_end = [&](const io::StreamEnd&) { ended = true; },
                   .on_drained = {}});
    const std::string ask = "GET /routes/protocol/A_v4 HTTP/1.0\r\n\r\n";
    EXPECT_TRUE(stream->write(std::as_bytes(std::span(ask))));
  });
  ASSERT_TRUE(loop.run_until([&] { return ended; }, kPatience));
  ASSERT_TRUE(heard.starts_with("HTTP/1.1 200 OK\r\n"));
  const auto shown = json(heard.substr(heard.find("\r\n\r\n") + 4));
  EXPECT_EQ(shown.at("routes").as_array().size(), 250U);
}

}  // namespace
}  // namespace fabrix::api
