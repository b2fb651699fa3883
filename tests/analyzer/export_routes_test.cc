#include "analyzer/export_routes.h"

#include <gtest/gtest.h>

#include "exports/exports.h"
#include "tests/analyzer/ask.h"
#include "tests/analyzer/served.h"

namespace fabrix::analyzer {
namespace {

TEST(ExportRoutes, TellWhatHasBecomeOfExports) {
  io::EventLoop loop;
  telemetry::Engine engine;
  exports::Exports exports(loop, engine);
  exports.configure({exchange::parse_export("nats=nats://u:secret@192.0.2.1/site").value()});
  http::Request request;
  request.target = http::parse_target("/exports/json").value();
  EXPECT_EQ(body_of(all_routes().answer(engine, request, &exports)),
            R"([{"kind":"nats","url":"nats://192.0.2.1:4222/site","sent":0,"dropped":0,)"
            R"("failed":0,"retries":0,"waiting":0,"waitingOctets":0,"problem":""}])");
  EXPECT_EQ(body_of(all_routes().answer(engine, request)), "[]");
  request.target = http::parse_target("/prometheus/analyzer/txt").value();
  EXPECT_NE(body_of(all_routes().answer(engine, request, &exports))
                .find("sflow_export_waiting{export=\"0\",kind=\"nats\","
                      "url=\"nats://192.0.2.1:4222/site\"} 0\n"),
            std::string::npos);
}

TEST(ExportRoutes, AreServed) {
  testing::Served served;
  EXPECT_NE(served.ask("GET /exports/json").find("[]"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::analyzer
