#include "daemon/telemetry_host.h"

#include <filesystem>
#include <iterator>

#include <gtest/gtest.h>

#include "io/datagram_socket.h"
#include "io/file.h"
#include "tests/http/world.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

const net::IpAddress kHere = net::IpAddress::v4({127, 0, 0, 1});

// Ports that were free a moment ago.
std::uint16_t free_udp_port() {
  return io::DatagramSocket::bind({.address = kHere, .port = 0})->local().port;
}

std::uint16_t free_tcp_port() {
  const auto service =
      analyzer::ServiceThread::start({.sflow = {}, .rest = {.address = kHere, .port = 0}}).value();
  return std::get<io::IpEndpoint>(service->rest()).port;
}

std::string analyzer(const TelemetryHost& host) {
  io::EventLoop loop;
  http::testing::Client client(loop, host.service()->rest());
  client.say("GET /analyzer/json HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(client.is_left());
  return client.heard();
}

TEST(TelemetryHost, FilesAreWhereTheConfigurationIs) {
  const io::testing::TemporaryDirectory directory;
  ASSERT_TRUE(io::replace_file(directory / "exchange.yaml",
                               "exchange: {telemetry: {country: c.mmdb, asn: /a.mmdb}}\n"));
  const auto site = read_telemetry_site(directory / "exchange.yaml");
  EXPECT_EQ(site.country, directory / "c.mmdb");
  EXPECT_EQ(site.asn, "/a.mmdb");
  EXPECT_EQ(site.oui, "");
  TelemetryHost host;
  EXPECT_FALSE(host.configured(site));
}

TEST(TelemetryHost, ServesWhatTheExchangeWants) {
  exchange::TelemetrySite site;
  TelemetryHost host;
  ASSERT_TRUE(host.configured(site));
  EXPECT_EQ(host.service(), nullptr);
  host.receive({}, kHere);  // nobody wants it

  site.rest = {kHere, free_tcp_port()};
  ASSERT_TRUE(host.configured(site));
  ASSERT_NE(host.service(), nullptr);
  EXPECT_FALSE(host.service()->sflow());
  host.receive(std::vector<std::byte>(3), kHere);

  // What was measured before stays.
  site.sflow = {kHere, free_udp_port()};
  ASSERT_TRUE(host.configured(site));
  EXPECT_EQ(host.service()->sflow()->port, site.sflow.port);
  EXPECT_NE(analyzer(host).find(R"("sFlowParseErrors":1)"), std::string::npos);

  // What cannot be had changes nothing.
  site.sflow.address = net::IpAddress::v4({192, 0, 2, 1});
  EXPECT_FALSE(host.configured(site));
  EXPECT_TRUE(host.service()->sflow());

  site = {};
  ASSERT_TRUE(host.configured(site));
  EXPECT_EQ(host.service(), nullptr);
}

// As the kernel counts them.
std::ptrdiff_t threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

TEST(TelemetryHost, CountsWithAsManyThreadsAsItBeganWith) {
  exchange::TelemetrySite site;
  site.rest = {kHere, free_tcp_port()};
  site.threads = 1;
  TelemetryHost host;
  ASSERT_TRUE(host.configured(site));
  const auto with_one = threads_of_this_process();

  // A reload changes it for the next start only.
  site.threads = 4;
  ASSERT_TRUE(host.configured(site));
  EXPECT_EQ(host.site().threads, 1U);
  EXPECT_EQ(threads_of_this_process(), with_one);

  ASSERT_TRUE(host.configured({}));
  ASSERT_TRUE(host.configured(site));
  EXPECT_EQ(host.site().threads, 4U);
  EXPECT_EQ(threads_of_this_process(), with_one + 3);
}

TEST(TelemetryHost, ReadsTheFile) {
  EXPECT_FALSE(read_telemetry_site("no such file").is_on());
}

TEST(TelemetryHost, FailsWithoutItsEndpoint) {
  exchange::TelemetrySite site;
  site.rest = {net::IpAddress::v4({192, 0, 2, 1}), 8008};
  TelemetryHost host;
  EXPECT_FALSE(host.configured(site));
  EXPECT_EQ(host.service(), nullptr);
}

}  // namespace
}  // namespace fabrix::daemon
