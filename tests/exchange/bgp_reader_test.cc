#include "exchange/bgp_reader.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/telemetry_reader.h"
#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

using ::testing::HasSubstr;

std::string with_bgp(const std::string& bgp) {
  std::string text(kGood);
  return text.insert(text.find("  asn: 65000\n"), "  telemetry: {bgp: " + bgp + "}\n");
}

std::string complaints(const std::string& bgp) {
  const auto exchange = load(with_bgp(bgp), "x");
  if (exchange) return "";
  std::string all;
  for (const Diagnostic& one : exchange.error()) all += one.code + " " + one.message + "\n";
  return all;
}

std::string with_router(const std::string& more) {
  return "{neighbors: [{address: 192.0.2.1, asn: 64500, id: 10.0.0.1" + more + "}]}";
}

TEST(BgpReaderTest, ReadsAllKeys) {
  const std::string text =
      "{listen: \"[::]:179\", neighbors: [{address: \"2001:db8::1\", asn: 64500, id: 10.0.0.1, "
      "peer_asn: 65001, ipv6: true, flowspec: true, flowspec6: true, max_prefixes: 7, port: 179, "
      "md5_password: secret}]}";
  EXPECT_EQ(complaints(text), "");
  EXPECT_EQ(telemetry_of(with_bgp(text)).bgp,
            (BgpSite{.listen = {net::IpAddress::unspecified(net::Family::kIpv6), 179},
                     .neighbors = {{.address = net::IpAddress::parse("2001:db8::1").value(),
                                    .asn = net::Asn{64500},
                                    .id = net::IpAddress::v4({10, 0, 0, 1}),
                                    .peer_asn = net::Asn{65001},
                                    .ipv6 = true,
                                    .flowspec = true,
                                    .flowspec6 = true,
                                    .max_prefixes = 7,
                                    .port = 179,
                                    .password = "secret"}}}));
}

TEST(BgpReaderTest, MostKeysMayBeMissing) {
  EXPECT_EQ(complaints("{}"), "");
  EXPECT_EQ(telemetry_of(with_bgp("{}")).bgp, BgpSite{});
  const auto site = telemetry_of(with_bgp("{listen: 192.0.2.250}")).bgp;
  EXPECT_EQ(site.listen.port, 1179);
  EXPECT_EQ(complaints(with_router("")), "");
  EXPECT_EQ(telemetry_of(with_bgp(with_router(""))).bgp.neighbors.front().max_prefixes, 4'000'000U);
}

TEST(BgpReaderTest, SaysWhatIsWrong) {
  EXPECT_THAT(complaints("[]"), HasSubstr("C0112"));
  EXPECT_THAT(complaints("{listens: 192.0.2.1}"), HasSubstr("C0110"));
  EXPECT_THAT(complaints("{listen: router}"), HasSubstr("C0114"));
  EXPECT_THAT(complaints("{neighbors: [{address: 192.0.2.1, asn: 64500}]}"), HasSubstr("C0111"));
  EXPECT_THAT(complaints("{neighbors: [{address: 192.0.2.1, asn: 64500, id: \"::1\"}]}"),
              HasSubstr("C0114 '::1' is no router id"));
  EXPECT_THAT(complaints("{neighbors: [{address: 192.0.2.1, asn: 23456, id: 10.0.0.1}]}"),
              HasSubstr("C0122"));
  EXPECT_THAT(complaints(with_router(", speed: 9")), HasSubstr("C0110"));
  EXPECT_THAT(complaints(with_router(", ipv6: maybe")), HasSubstr("C0112"));
  EXPECT_THAT(complaints(with_router(", port: 0")), HasSubstr("C0113"));
  EXPECT_THAT(complaints(with_router(", max_prefixes: 9000000")), HasSubstr("C0113"));
  EXPECT_THAT(complaints(with_router(", md5_password: \"" + std::string(81, 'x') + "\"")),
              HasSubstr("C0138"));
  EXPECT_THAT(complaints("{neighbors: [{address: 192.0.2.1, asn: 64500, id: 10.0.0.1}, "
                         "{address: 192.0.2.1, asn: 64500, id: 10.0.0.1}]}"),
              HasSubstr("C0126"));
}

}  // namespace
}  // namespace fabrix::exchange
