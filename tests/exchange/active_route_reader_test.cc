#include "exchange/active_route_reader.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/telemetry_reader.h"
#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

using ::testing::HasSubstr;

std::string with_routes(const std::string& routes) {
  std::string text(kGood);
  return text.insert(text.find("  asn: 65000\n"), "  telemetry: {active_routes: " + routes + "}\n");
}

std::string complaints(const std::string& routes) {
  const auto exchange = load(with_routes(routes), "x");
  if (exchange) return "";
  std::string all;
  for (const Diagnostic& one : exchange.error()) all += one.code + " " + one.message + "\n";
  return all;
}

net::IpAddress ip(std::string_view text) {
  return net::IpAddress::parse(text).value();
}

TEST(ActiveRouteReader, ReadsAllKeys) {
  const std::string text =
      "[{name: edge, router: 192.0.2.1, agents: [192.0.2.9], ipv4: 5000, ipv6: 1000, min_rate: "
      "125, "
      "changes_per_second: 100, smoothing: 30, hold: 5, advantage: 50, "
      "next_hops: [{from: 192.0.2.7, to: 198.51.100.7}], "
      "kernel: {table: 100, protocol: 77, namespace: switch}}]";
  EXPECT_EQ(complaints(text), "");
  const std::vector<ActiveRouteSite> expected{
      {.name = "edge",
       .router = ip("192.0.2.1"),
       .agents = {ip("192.0.2.9")},
       .ipv4 = 5000,
       .ipv6 = 1000,
       .min_rate = 125,
       .changes_per_second = 100,
       .smoothing_seconds = 30,
       .hold_seconds = 5,
       .advantage_percent = 50,
       .next_hops = {{ip("192.0.2.7"), ip("198.51.100.7")}},
       .kernel = {.table = 100, .protocol = 77, .network_namespace = "switch"}}};
  EXPECT_EQ(telemetry_of(with_routes(text)).active_routes, expected);
}

TEST(ActiveRouteReader, HasDefaults) {
  const std::string text = "[{name: edge, router: \"2001:db8::1\", ipv6: 10, kernel: {}}]";
  EXPECT_EQ(complaints(text), "");
  const std::vector<ActiveRouteSite> expected{
      {.name = "edge", .router = ip("2001:db8::1"), .ipv6 = 10}};
  EXPECT_EQ(telemetry_of(with_routes(text)).active_routes, expected);
  EXPECT_TRUE(telemetry_of(with_routes("[]")).active_routes.empty());
}

TEST(ActiveRouteReader, RoutesMayBeToldByBgp) {
  const std::string text = "[{name: edge, router: 192.0.2.1, ipv4: 10, bgp: 192.0.2.2}]";
  const std::vector<ActiveRouteSite> expected{
      {.name = "edge", .router = ip("192.0.2.1"), .ipv4 = 10, .bgp = ip("192.0.2.2")}};
  EXPECT_EQ(telemetry_of(with_routes(text)).active_routes, expected);
}

TEST(ActiveRouteReader, SaysWhatIsWrong) {
  const auto with = [](const std::string& more) {
    return complaints("[{name: edge, router: 192.0.2.1, ipv4: 5, " + more + "}]");
  };
  EXPECT_EQ(with("kernel: {}"), "");
  EXPECT_THAT(with("room: 3, kernel: {}"), HasSubstr("C0110"));
  EXPECT_THAT(with("ipv6: 9"), HasSubstr("C0111 'kernel' or 'bgp' is missing"));
  EXPECT_EQ(with("bgp: 192.0.2.2"), "");
  EXPECT_THAT(with("bgp: 192.0.2.2, kernel: {}"), HasSubstr("C0140"));
  EXPECT_THAT(with("bgp: 192.0.2.1"), HasSubstr("C0140"));
  EXPECT_THAT(with("bgp: b1"), HasSubstr("C0114"));
  EXPECT_THAT(with("kernel: {table: 0}"), HasSubstr("C0113"));
  EXPECT_THAT(with("kernel: {protocol: 4}"), HasSubstr("C0113"));
  EXPECT_THAT(with("kernel: {tables: 4}"), HasSubstr("C0110"));
  EXPECT_THAT(with("kernel: {}, changes_per_second: 0"), HasSubstr("C0113"));
  EXPECT_THAT(with("kernel: {}, next_hops: [{from: 192.0.2.1}]"), HasSubstr("C0111"));
  EXPECT_THAT(with("kernel: {}, next_hops: [{from: a, to: b}]"), HasSubstr("C0114"));
  EXPECT_THAT(with("kernel: {}, next_hops: [{from: 192.0.2.1, to: 192.0.2.2}, "
                   "{from: 192.0.2.1, to: 192.0.2.3}]"),
              HasSubstr("C0126"));
  EXPECT_THAT(complaints("[{name: edge, router: 192.0.2.1, kernel: {}}]"),
              HasSubstr("C0111 'ipv4' or 'ipv6' is missing"));
  EXPECT_THAT(complaints("[{name: edge, router: b1, ipv4: 1, kernel: {}}]"), HasSubstr("C0114"));
  EXPECT_THAT(complaints("{edge: 1}"), HasSubstr("C0112"));
}

TEST(ActiveRouteReader, MayBeAFileOfItsOwn) {
  const auto sites =
      load_active_routes("- {name: edge, router: 192.0.2.1, ipv4: 5, kernel: {}}\n", "x");
  ASSERT_TRUE(sites);
  EXPECT_EQ(sites->at(0).ipv4, 5U);
  const auto wrong = load_active_routes("- {name: edge}\n", "x");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error()[0].code, "C0111");
  EXPECT_FALSE(load_active_routes("[", "x"));
}

TEST(ActiveRouteReader, TwoKeepApart) {
  const auto two = [](const std::string& second) {
    return complaints("[{name: a, router: 192.0.2.1, ipv4: 5, kernel: {table: 7}}, {" + second +
                      "}]");
  };
  EXPECT_EQ(two("name: b, router: 192.0.2.2, ipv4: 5, kernel: {table: 8}"), "");
  EXPECT_THAT(two("name: a, router: 192.0.2.2, ipv4: 5, kernel: {table: 8}"), HasSubstr("C0121"));
  EXPECT_THAT(two("name: b, router: 192.0.2.1, ipv4: 5, kernel: {table: 8}"), HasSubstr("C0126"));
  EXPECT_THAT(two("name: b, router: 192.0.2.2, ipv4: 5, kernel: {table: 7}"), HasSubstr("C0140"));
  EXPECT_EQ(two("name: b, router: 192.0.2.2, ipv4: 5, bgp: 192.0.2.3"), "");
}

}  // namespace
}  // namespace fabrix::exchange
