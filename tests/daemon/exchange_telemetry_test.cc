#include "daemon/exchange_telemetry.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/controller/two_members.h"
#include "tests/daemon/sampling_fabric.h"
#include "tests/http/world.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

const net::IpAddress kHere = net::IpAddress::v4({127, 0, 0, 1});

class ExchangeTelemetryTest : public ::testing::Test {
 protected:
  // An exchange on a fabric of this type, each 100th of whose frames are sampled.
  static exchange::Exchange sampled(exchange::FabricType type) {
    auto exchange = controller::two_members();
    exchange.fabric.type = type;
    exchange.sflow = {.collectors = {}, .agent = net::IpAddress::v4({192, 0, 2, 99}), .rate = 100};
    return exchange;
  }
  // Ports that were free a moment ago.
  static std::uint16_t free_port() {
    const auto service =
        analyzer::ServiceThread::start({.sflow = {}, .rest = {.address = kHere, .port = 0}})
            .value();
    return std::get<io::IpEndpoint>(service->rest()).port;
  }
  void sample() {
    const std::vector<std::byte> header(64, std::byte{1});
    fabric_.on_sample(testing::sample(header));
  }
  std::string ask(std::uint16_t port, const std::string& path) {
    http::testing::Client client(loop_, io::IpEndpoint{.address = kHere, .port = port});
    client.say("GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(client.is_left());
    return client.heard();
  }

  io::EventLoop loop_;
  testing::SamplingFabric fabric_;
};

TEST_F(ExchangeTelemetryTest, TheEngineGetsTheFabricsSamples) {
  controller::Controller controller(sampled(exchange::FabricType::kLinux), fabric_);
  ExchangeTelemetry telemetry(loop_, controller, fabric_);
  ASSERT_TRUE(telemetry.configured({}));
  EXPECT_TRUE(fabric_.rates.empty());
  EXPECT_FALSE(telemetry.sflow());

  exchange::TelemetrySite site;
  site.rest = {.address = kHere, .port = free_port()};
  ASSERT_TRUE(telemetry.configured(site));
  EXPECT_EQ(telemetry.site(), site);
  EXPECT_EQ(fabric_.rates.at(net::PortNo{1}), 100U);
  sample();
  EXPECT_TRUE(loop_.run_until(
      [&] { return ask(site.rest.port, "/agents/json").find("192.0.2.99") != std::string::npos; },
      io::testing::kPatience));
  EXPECT_EQ(telemetry.sflow()->samples, 1U);

  ASSERT_TRUE(telemetry.configured({}));
  EXPECT_TRUE(fabric_.rates.empty());
}

TEST_F(ExchangeTelemetryTest, ASwitchHasASamplerOfItsOwn) {
  controller::Controller controller(sampled(exchange::FabricType::kOpenFlow), fabric_);
  ExchangeTelemetry telemetry(loop_, controller, fabric_);
  exchange::TelemetrySite site;
  site.rest = {.address = kHere, .port = free_port()};
  ASSERT_TRUE(telemetry.configured(site));
  EXPECT_TRUE(fabric_.rates.empty());
}

TEST_F(ExchangeTelemetryTest, WhatCannotBeHadIsSaid) {
  controller::Controller controller(sampled(exchange::FabricType::kLinux), fabric_);
  ExchangeTelemetry telemetry(loop_, controller, fabric_);
  exchange::TelemetrySite site;
  site.rest = {.address = net::IpAddress::v4({192, 0, 2, 1}), .port = 8008};
  EXPECT_FALSE(telemetry.configured(site));
  EXPECT_FALSE(telemetry.site().is_on());
  EXPECT_TRUE(fabric_.rates.empty());
}

}  // namespace
}  // namespace fabrix::daemon
