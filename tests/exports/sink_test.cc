#include "exports/sink.h"

#include <gtest/gtest.h>

#include "tests/exports/entries.h"

namespace fabrix::exports {
namespace {

TEST(Sink, IsOfTheSitesKind) {
  io::EventLoop loop;
  const auto made = [&](const char* text) {
    return make_sink(loop, exchange::parse_export(text).value());
  };
  const auto influxdb = made("influxdb=http://192.0.2.1");
  EXPECT_TRUE(influxdb->encode(flow_entry()).starts_with("fabrix_flows,"));
  EXPECT_EQ(influxdb->mixture(), Mixture::kAnyKinds);
  const auto clickhouse = made("clickhouse=http://192.0.2.1");
  EXPECT_TRUE(clickhouse->encode(flow_entry()).ends_with("}\n"));
  EXPECT_EQ(clickhouse->mixture(), Mixture::kOneKind);
  const auto nats = made("nats=nats://192.0.2.1");
  EXPECT_TRUE(nats->encode(flow_entry()).ends_with("}"));
  EXPECT_LT(nats->linger(), influxdb->linger());
}

}  // namespace
}  // namespace fabrix::exports
