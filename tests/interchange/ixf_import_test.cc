#include "interchange/ixf_import.h"

#include <gtest/gtest.h>

#include "tests/interchange/imports.h"

namespace fabrix::interchange {
namespace {

// Shaped as IXP Manager writes it.
constexpr std::string_view kExport = R"({
  "version": "1.0",
  "timestamp": "2026-11-21T05:00:00Z",
  "ixp_list": [{
    "shortname": "EXIX", "name": "Example IX", "country": "DE", "ixp_id": 1, "ixf_id": 99,
    "peeringdb_id": 4, "support_email": "noc@example.net",
    "vlan": [
      {"id": 2, "name": "Peering LAN", "ipv4": {"prefix": "198.51.100.0", "mask_length": 24},
       "ipv6": {"prefix": "2001:db8:1::", "mask_length": 64}},
      {"id": 3, "name": "Private"}],
    "switch": [{"id": 1, "name": "sw1", "colo": "DC1", "city": "Berlin", "country": "DE"}]
  }],
  "member_list": [
    {"asnum": 64500, "member_type": "ixp", "name": "Example IX", "member_since": "2019-01-01T00:00:00Z",
     "connection_list": [{"ixp_id": 1, "state": "active", "if_list": [{"switch_id": 1, "if_speed": 10000}],
      "vlan_list": [{"vlan_id": 2,
        "ipv4": {"address": "198.51.100.250", "routeserver": false, "max_prefix": null,
                 "services": [{"type": "ixrouteserver", "os": "Linux", "daemon": "bird"}]},
        "ipv6": {"address": "2001:db8:1::250", "services": [{"type": "ixrouteserver"}]}}]}]},
    {"asnum": 64501, "member_type": "peering", "name": "Acme & Söhne AG", "url": "https://example.org",
     "connection_list": [
      {"ixp_id": 1, "state": "active", "if_list": [{"switch_id": 1, "if_speed": 10000}],
       "vlan_list": [{"vlan_id": 2,
        "ipv4": {"address": "198.51.100.1", "routeserver": true, "max_prefix": 500,
                 "as_macro": "RIPE::AS-ACME", "mac_addresses": ["00:11:22:33:44:55"]},
        "ipv6": {"address": "2001:db8:1::1", "routeserver": true, "max_prefix": 50,
                 "as_macro": "AS-ACME-V6 AS64501", "mac_addresses": ["00:11:22:33:44:55"]}},
        {"vlan_id": 3}]},
      {"ixp_id": 1, "vlan_list": [{"vlan_id": 2, "ipv4": {"address": "198.51.100.2",
        "mac_addresses": ["02:11:22:33:44:66"]}}]}]},
    {"asnum": 64502, "name": "No MAC", "connection_list": [{"ixp_id": 1, "vlan_list": [
        {"vlan_id": 2, "ipv4": {"address": "198.51.100.3"}}]}]},
    {"asnum": 64503, "name": "Elsewhere", "connection_list": []}
  ]})";

TEST(IxfImportTest, Imports1_0) {
  const auto imported = import_ixf(kExport, "participants.json");
  const exchange::Exchange exchange = loaded(imported);
  EXPECT_EQ(exchange.name, "EXIX");
  EXPECT_EQ(exchange.asn, net::Asn{64500});
  ASSERT_EQ(exchange.peering_lan.size(), 2U);
  EXPECT_EQ(exchange.peering_lan[0].to_string(), "198.51.100.0/24");
  EXPECT_EQ(exchange.peering_lan[1].to_string(), "2001:db8:1::/64");
  ASSERT_EQ(exchange.route_server.addresses.size(), 2U);
  EXPECT_EQ(exchange.route_server.addresses[0].to_string(), "198.51.100.250");
  ASSERT_EQ(exchange.participants.size(), 2U) << "who is not connected takes no part";
  const auto& acme = exchange.participants[0];
  EXPECT_EQ(acme.name, "Acme-S-hne-AG");
  EXPECT_EQ(acme.import.limit.ipv4, 500U);
  EXPECT_EQ(acme.import.limit.ipv6, 50U);
  EXPECT_EQ(acme.import.irr.as_sets,
            (std::vector<std::string>{"AS-ACME-V6", "AS64501", "RIPE::AS-ACME"}));
  ASSERT_EQ(acme.routers.size(), 2U);
  EXPECT_EQ(exchange.routers[0].mac.to_string(), "00:11:22:33:44:55");
  EXPECT_EQ(exchange.routers[0].addresses.size(), 2U);
  EXPECT_TRUE(exchange.routers[1].mac.to_string().starts_with("00:00:5e:f"))
      << "locally administered ones are tags";
  EXPECT_EQ(exchange.participants[1].name, "No-MAC");
  EXPECT_TRUE(mentions(imported->remarks, "of 2 VLANs only 2 is imported"));
  EXPECT_TRUE(mentions(imported->remarks, "2 MAC addresses"));
}

TEST(IxfImportTest, Imports0_7WithItsServiceType) {
  std::string text(kExport);
  text.replace(text.find("\"1.0\""), 5, "\"0.7\"");
  const std::string services =
      R"("services": [{"type": "ixrouteserver", "os": "Linux", "daemon": "bird"}])";
  text.replace(text.find(services), services.size(), R"("service_type": "ixrouteserver")");
  EXPECT_EQ(loaded(import_ixf(text, "x")).asn, net::Asn{64500});
}

TEST(IxfImportTest, SaysWhatItLeavesOutAndWhy) {
  std::string text(kExport);
  text.replace(text.find("198.51.100.3"), 12, "198.51.100.1");
  text.replace(text.find("198.51.100.2\""), 13, "203.0.113.9\"");
  text.replace(text.find("\"1.0\""), 5, "\"0.3\"");
  const auto imported = import_ixf(text, "x.json");
  EXPECT_EQ(loaded(imported).routers.size(), 1U);
  EXPECT_TRUE(mentions(imported->remarks, "x.json:version: not a version that is known"));
  EXPECT_TRUE(mentions(imported->remarks,
                       "x.json:member_list[2].connection_list[0].vlan_list[0].ipv4.address: "
                       "198.51.100.1 is somebody else's already: left out"));
  EXPECT_TRUE(mentions(imported->remarks, "203.0.113.9 is not on the LAN: left out"));
}

TEST(IxfImportTest, WithoutARouteServerThereArePlaceholders) {
  std::string text(kExport);
  for (std::size_t at = 0; (at = text.find("ixrouteserver")) != std::string::npos;) {
    text.replace(at, 13, "ixroutecollector");
  }
  const auto imported = import_ixf(text, "x");
  EXPECT_EQ(loaded(imported).asn, net::Asn{64512});
  EXPECT_TRUE(mentions(imported->remarks, "no member is the route server"));
}

TEST(IxfImportTest, RefusesWhatIsNoExport) {
  EXPECT_TRUE(mentions(import_ixf("{}", "x").error(), "no member_list"));
  EXPECT_TRUE(mentions(import_ixf("[", "x").error(), "this is no JSON"));
}

}  // namespace
}  // namespace fabrix::interchange
