// The service over real UDP and TCP on loopback.
#include "analyzer/service.h"

#include <gtest/gtest.h>

#include "analyzer/router_sessions.h"
#include "io/datagram_socket.h"
#include "tests/analyzer/dns_server.h"
#include "tests/analyzer/served.h"
#include "tests/telemetry/samples.h"

namespace fabrix::analyzer {
namespace {

using testing::kAnywhere;
using testing::Served;

telemetry::Sampled packet() {
  return telemetry::Sampled(sflow::frame("udp 10.4.3.9:53 -> 10.1.2.3:9"));
}

TEST(Service, MeasuresWhatComesByUdpAndAnswersOverHttp) {
  Served served;
  EXPECT_TRUE(served.ask("PUT /flow/f/json", R"({"keys":"ipsource","value":"frames","t":600})")
                  .starts_with("HTTP/1.1 204"));
  auto sender = io::DatagramSocket::open(net::Family::kIpv4).value();
  ASSERT_TRUE(sender.send(*served.service->sflow(), packet().datagram()));
  ASSERT_TRUE(served.wait([&] { return served.service->engine().counters().datagrams == 1; }));
  const std::string answer = served.ask("GET /activeflows/ALL/f/json");
  EXPECT_NE(answer.find(R"("key":"10.4.3.9")"), std::string::npos) << answer;
  served.service->receive(packet().datagram(), net::IpAddress::v4({192, 0, 2, 9}));
  EXPECT_EQ(served.service->engine().counters().datagrams, 2U);
}

TEST(Service, HasThePathsOfTheApplicationPrometheus) {
  Served served;
  const std::string script = "GET /app/prometheus/scripts/export.js";
  for (const auto* const path :
       {"/flows/ALL/txt?metric=p&key=ipsource&value=bytes", "/statistics/g/ALL/ifinoctets/txt"}) {
    EXPECT_TRUE(served.ask(script + path).starts_with("HTTP/1.1 200")) << path;
  }
}

TEST(Service, ALongPollWaitsForTheEvent) {
  Served served;
  served.ask("PUT /flow/f/json", R"({"keys":"ipsource","value":"frames","t":600})");
  served.ask("PUT /threshold/t/json", R"({"metric":"f","value":0.5,"byFlow":true})");
  const auto client = served.say("GET /events/json?thresholdID=t&eventID=-1&timeout=60");
  ASSERT_TRUE(served.wait([&] { return client->heard().find("\r\n\r\n") != std::string::npos; }));
  EXPECT_EQ(client->heard().find("eventID"), std::string::npos);
  auto sender = io::DatagramSocket::open(net::Family::kIpv4).value();
  ASSERT_TRUE(sender.send(*served.service->sflow(), packet().datagram()));
  EXPECT_TRUE(client->hears(R"("flowKey":"10.4.3.9")"));
}

TEST(Service, ForwardsUnchanged) {
  Served served;
  auto target = io::DatagramSocket::bind(kAnywhere).value();
  served.ask("PUT /forwarding/f/json",
             R"({"address":"127.0.0.1","port":)" + std::to_string(target.local().port) + "}");
  auto sender = io::DatagramSocket::open(net::Family::kIpv4).value();
  const auto sampled = packet();
  ASSERT_TRUE(sender.send(*served.service->sflow(), sampled.datagram()));
  std::vector<std::byte> heard;
  ASSERT_TRUE(served.wait([&] {
    for (const auto& datagram : target.receive()) {
      heard.assign(datagram.octets.begin(), datagram.octets.end());
    }
    return !heard.empty();
  }));
  EXPECT_EQ(heard, sampled.datagram());
}

// 192.0.2.1 is nobody's, so that its session cannot be.
TEST(Service, TellsOfItsRouters) {
  Served served;
  EXPECT_TRUE(served.ask("GET /bgp/neighbors/json").ends_with("[]"));
  speaker::NeighborOptions router{
      .address = net::IpAddress::v4({192, 0, 2, 1}), .local_as = net::Asn{64500}, .identifier = 1};
  ASSERT_TRUE(served.service->configure({.sflow = kAnywhere,
                                         .rest = kAnywhere,
                                         .bgp = {.listen = kAnywhere, .neighbors = {router}}}));
  EXPECT_TRUE(served.service->sessions().speaker().listening().has_value());
  const std::string answer = served.ask("GET /bgp/neighbors/json");
  EXPECT_NE(answer.find(R"("address":"192.0.2.1","state":"idle","localAs":64500)"),
            std::string::npos)
      << answer;
  EXPECT_NE(served.ask("GET /bgp/topprefixes/192.0.2.1/json").find(R"("nPrefixes":0)"),
            std::string::npos);
}

TEST(Service, MovesAndStaysWhereItCannot) {
  Served served;
  served.ask("PUT /flow/f/json", R"({"keys":"ipsource","value":"frames"})");
  const auto before = served.service->sflow();
  const io::IpEndpoint elsewhere{net::IpAddress::v4({192, 0, 2, 1}), 0};
  EXPECT_FALSE(served.service->configure({.sflow = elsewhere, .rest = kAnywhere}));
  EXPECT_TRUE(served.service->sflow().has_value());
  EXPECT_FALSE(served.service->configure({.sflow = kAnywhere, .rest = elsewhere}));
  EXPECT_TRUE(served.service->configure({.sflow = {}, .rest = kAnywhere}));
  EXPECT_FALSE(served.service->sflow().has_value());
  EXPECT_TRUE(before.has_value());
  const std::string answer = served.ask("GET /flow/json");
  EXPECT_NE(answer.find(R"("keys":"ipsource")"), std::string::npos) << answer;
}

// Samples have the name from the moment on that the DNS has told it.
TEST(Service, AsksTheDnsForNames) {
  Served served;
  testing::DnsServer server(served.loop);
  server.set("10.4.3.9", "xenvm11.sf.inmon.com");
  ServiceOptions options{.sflow = kAnywhere, .rest = kAnywhere};
  options.names.dns = server.name();
  ASSERT_TRUE(served.service->configure(options));
  served.ask("PUT /flow/f/json", R"({"keys":"dns:ipsource","value":"frames","t":600})");
  const auto measured = [&] {
    served.service->receive(packet().datagram(), net::IpAddress::v4({192, 0, 2, 9}));
    const auto flows =
        served.service->engine().flows().find("f")->meter.active_flows({}, telemetry::Time::max());
    return !flows.empty() && flows[0].key == "xenvm11.sf.inmon.com.";
  };
  EXPECT_TRUE(served.wait(measured));
  EXPECT_EQ(server.asked().size(), 1U);
  options.names.dns = "nobody";
  EXPECT_FALSE(served.service->configure(options));
}

TEST(Service, FailsWithoutItsEndpoints) {
  io::EventLoop loop;
  const io::IpEndpoint elsewhere{net::IpAddress::v4({192, 0, 2, 1}), 0};
  EXPECT_FALSE(Service::start(loop, {.sflow = elsewhere, .rest = kAnywhere}));
  EXPECT_FALSE(Service::start(loop, {.sflow = {}, .rest = elsewhere}));
  ServiceOptions options{.sflow = {}, .rest = kAnywhere};
  options.names.country = "/that/is/not/there";
  EXPECT_FALSE(Service::start(loop, options));
}

}  // namespace
}  // namespace fabrix::analyzer
