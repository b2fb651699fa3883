#include "exchange/telemetry_reader.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

using ::testing::HasSubstr;

// kGood with this section `telemetry`.
std::string with_telemetry(const std::string& telemetry) {
  std::string text(kGood);
  return text.insert(text.find("  asn: 65000\n"), "  telemetry: " + telemetry + "\n");
}

std::string complaints(const std::string& text) {
  const auto exchange = load(text, "x");
  if (exchange) return "";
  std::string all;
  for (const Diagnostic& one : exchange.error()) all += one.code + " " + one.message + "\n";
  return all;
}

TEST(TelemetryReaderTest, IsOffUnlessItIsWritten) {
  EXPECT_FALSE(telemetry_of(kGood).is_on());
}

TEST(TelemetryReaderTest, AnswersOnLoopbackUnlessToldOtherwise) {
  const TelemetrySite site = telemetry_of(with_telemetry("{}"));
  EXPECT_EQ(complaints(with_telemetry("{}")), "");
  EXPECT_TRUE(site.is_on());
  EXPECT_EQ(site, (TelemetrySite{.sflow = {}, .rest = {net::IpAddress::v4({127, 0, 0, 1}), 8008}}));
}

TEST(TelemetryReaderTest, ReadsAllKeys) {
  const TelemetrySite site =
      telemetry_of(with_telemetry("{sflow: \"[::]:7000\", rest: 192.0.2.1}"));
  EXPECT_EQ(site, (TelemetrySite{.sflow = {net::IpAddress::unspecified(net::Family::kIpv6), 7000},
                                 .rest = {net::IpAddress::v4({192, 0, 2, 1}), 8008}}));
}

TEST(TelemetryReaderTest, AgentsOfMembersAreNamedByTheirRouters) {
  const auto text = with_telemetry("{agents: [{agent: 192.0.2.9, router: a1}]}");
  EXPECT_EQ(complaints(text), "");
  const std::vector<TelemetryAgent> expected{
      {.address = net::IpAddress::v4({192, 0, 2, 9}), .router = "a1"}};
  EXPECT_EQ(telemetry_of(text).agents, expected);
  EXPECT_THAT(complaints(with_telemetry("{agents: [{agent: 192.0.2.9, router: a9}]}")),
              HasSubstr("C0162 there is no router 'a9'"));
  EXPECT_THAT(complaints(with_telemetry("{agents: [{agent: 192.0.2.9, router: A}]}")),
              HasSubstr("C0162"));
  EXPECT_THAT(complaints(with_telemetry("{agents: [{agent: here, router: a1}]}")),
              HasSubstr("C0114"));
  EXPECT_THAT(complaints(with_telemetry("{agents: [{router: a1}]}")), HasSubstr("C0111"));
  EXPECT_THAT(complaints(with_telemetry("{agents: [{agent: 192.0.2.9, router: a1}, "
                                        "{agent: 192.0.2.9, router: a1}]}")),
              HasSubstr("C0126"));
  EXPECT_THAT(complaints(with_telemetry("{agents: {agent: 192.0.2.9}}")), HasSubstr("C0112"));
}

TEST(TelemetryReaderTest, AgentsOfSwitchesAreNamedByThem) {
  const auto with_switch = [](const std::string& agents) {
    std::string text = with_telemetry("{agents: [" + agents + "]}");
    const std::string_view route_server = "  route_server:";
    return text.insert(text.find(route_server),
                       "  fabric: {switches: [{name: e1, datapath: 00000000000000e1, "
                       "ports: [1, 2, 3, 4094]}]}\n");
  };
  const auto text = with_switch("{agent: 192.0.2.9, switch: e1}");
  EXPECT_EQ(complaints(text), "");
  const std::vector<TelemetryAgent> expected{
      {.address = net::IpAddress::v4({192, 0, 2, 9}), .of_switch = "e1"}};
  EXPECT_EQ(telemetry_of(text).agents, expected);
  EXPECT_THAT(complaints(with_switch("{agent: 192.0.2.9, switch: e2}")),
              HasSubstr("C0162 there is no switch 'e2'"));
  EXPECT_THAT(complaints(with_switch("{agent: 192.0.2.9, switch: e1, router: a1}")),
              HasSubstr("C0140 the agent is a router's or a switch's, not both"));
}

TEST(TelemetryReaderTest, ReadsWhereNamesComeFrom) {
  const std::string text = with_telemetry(
      "{country: c.mmdb, asn: /a.mmdb, oui: o.csv, dns: [192.0.2.53, \"[2001:db8::53]:5353\"]}");
  EXPECT_EQ(complaints(text), "");
  const TelemetrySite site = telemetry_of(text);
  EXPECT_EQ(site.country, "c.mmdb");
  EXPECT_EQ(site.asn, "/a.mmdb");
  EXPECT_EQ(site.oui, "o.csv");
  ASSERT_EQ(site.dns.size(), 2U);
  EXPECT_EQ(site.dns[0], (ServerAddress{net::IpAddress::v4({192, 0, 2, 53}), 53}));
  EXPECT_EQ(site.dns[1].port, 5353);
  EXPECT_EQ(telemetry_of(with_telemetry("{dns: 192.0.2.53}")).dns.size(), 1U);
  EXPECT_THAT(complaints(with_telemetry("{dns: [nobody]}")), HasSubstr("C0114"));
  EXPECT_THAT(complaints(with_telemetry("{country: [a]}")), HasSubstr("C0112"));
}

TEST(TelemetryReaderTest, ReadsHowManyThreadsCount) {
  EXPECT_EQ(telemetry_of(with_telemetry("{}")).threads, 1U);
  EXPECT_EQ(telemetry_of(with_telemetry("{threads: 16}")).threads, 16U);
  for (const auto* wrong : {"0", "17", "-1", "1.5", "many", "[2]"}) {
    const std::string text = with_telemetry("{threads: " + std::string(wrong) + "}");
    EXPECT_THAT(complaints(text), HasSubstr("C01")) << wrong;
    EXPECT_FALSE(telemetry_of(text).is_on()) << wrong;
  }
  EXPECT_THAT(complaints(with_telemetry("{threads: 17}")), HasSubstr("1 to 16"));
}

TEST(TelemetryReaderTest, SaysWhatIsWrong) {
  EXPECT_THAT(complaints(with_telemetry("{listen: \"[::]\"}")), HasSubstr("C0110"));
  EXPECT_THAT(complaints(with_telemetry("{rest: 8008}")), HasSubstr("C0114"));
  EXPECT_THAT(complaints(with_telemetry("{sflow: \"[::]:70000\"}")), HasSubstr("C01"));
  EXPECT_THAT(complaints(with_telemetry("[]")), HasSubstr("C0112"));
}

TEST(TelemetryReaderTest, OfAWrongTextThereIsNothing) {
  for (const auto* text : {"", "[", "[]", "exchange: 1", "exchange: {telemetry: []}",
                           "exchange: {telemetry: {rest: 1}}"}) {
    EXPECT_FALSE(telemetry_of(text).is_on()) << text;
  }
}

}  // namespace
}  // namespace fabrix::exchange
