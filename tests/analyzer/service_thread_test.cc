#include "analyzer/service_thread.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "tests/http/world.h"
#include "tests/telemetry/samples.h"

namespace fabrix::analyzer {
namespace {

const io::IpEndpoint kAnywhere{net::IpAddress::v4({127, 0, 0, 1}), 0};

// What /analyzer/json says.
std::string analyzer(const ServiceThread& thread) {
  io::EventLoop loop;
  http::testing::Client client(loop, thread.rest());
  client.say("GET /analyzer/json HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(client.is_left());
  return client.heard();
}

TEST(ServiceThread, TakesDatagramsFromAnotherThread) {
  const auto thread = ServiceThread::start({.sflow = {}, .rest = kAnywhere}).value();
  EXPECT_FALSE(thread->sflow());
  const telemetry::Sampled sampled(sflow::frame("udp 10.4.3.9:53 -> 10.1.2.3:9"));
  for (int i = 0; i < 3; ++i) {
    thread->receive(sampled.datagram(), net::IpAddress::v4({192, 0, 2, 9}));
  }
  // What was handed over before a configuration has been taken after it.
  ASSERT_TRUE(thread->configure({.sflow = kAnywhere, .rest = kAnywhere}));
  EXPECT_TRUE(thread->sflow());
  EXPECT_EQ(thread->dropped(), 0U);
  const std::string answer = analyzer(*thread);
  EXPECT_NE(answer.find(R"("sFlowDatagramsReceived":3)"), std::string::npos) << answer;
}

TEST(ServiceThread, FailsWithoutItsEndpoint) {
  EXPECT_FALSE(
      ServiceThread::start({.sflow = {}, .rest = {net::IpAddress::v4({192, 0, 2, 1}), 0}}));
}

}  // namespace
}  // namespace fabrix::analyzer
