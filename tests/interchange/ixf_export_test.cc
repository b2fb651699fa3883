#include "interchange/ixf_export.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "interchange/ixf_import.h"
#include "tests/interchange/imports.h"

namespace fabrix::interchange {
namespace {

namespace json = boost::json;

constexpr std::string_view kExchange = R"(version: 1
exchange:
  name: EXIX
  asn: 64500
  router_id: 198.51.100.250
  peering_lan: [198.51.100.0/24, "2001:db8:1::/64"]
  route_server: {addresses: [198.51.100.250, "2001:db8:1::250"], policy: minimal}
participants:
  - name: A
    asn: 64501
    import: {max_prefix: {ipv4: 500, ipv6: 50}, irr: {as_sets: [AS-A, "RIPE::AS-B"]}}
    routers:
      - {name: a1, mac: "00:11:22:33:44:55", addresses: [198.51.100.1, "2001:db8:1::1"], port: 1}
      - {name: a2, mac: "00:11:22:33:44:56", addresses: [198.51.100.2, 198.51.100.3], port: 2}
  - name: A-too
    asn: 64501
    routers:
      - {name: a3, mac: "00:11:22:33:44:57", addresses: [198.51.100.4], port: 3}
  - {name: Remote, asn: 64502}
)";

IxfOptions options(IxfVersion version, MacAddresses macs = MacAddresses::kHidden) {
  return {.version = version, .timestamp = "2026-11-21T05:00:00Z", .ixf_id = 99, .macs = macs};
}

// What the schemas of 0.7 and 1.0 require, and the types of what we write.
void expect_schema(const json::object& document) {
  EXPECT_TRUE(document.at("version").is_string());
  EXPECT_TRUE(document.at("timestamp").is_string());
  for (const json::value& ixp : document.at("ixp_list").as_array()) {
    EXPECT_TRUE(ixp.at("ixp_id").is_number());
    EXPECT_TRUE(ixp.at("shortname").is_string());
    EXPECT_TRUE(ixp.at("ixf_id").is_number());
    for (const json::value& vlan : ixp.at("vlan").as_array()) {
      EXPECT_TRUE(vlan.at("id").is_number());
      EXPECT_TRUE(vlan.at("ipv4").at("mask_length").is_number());
    }
  }
  for (const json::value& member : document.at("member_list").as_array()) {
    EXPECT_TRUE(member.at("asnum").is_number());
    for (const json::value& connection : member.at("connection_list").as_array()) {
      EXPECT_TRUE(connection.at("ixp_id").is_number());
      for (const json::value& vlan : connection.at("vlan_list").as_array()) {
        EXPECT_TRUE(vlan.at("vlan_id").is_number());
        EXPECT_TRUE(!vlan.as_object().contains("ipv4") ||
                    net::IpAddress::parse(vlan.at("ipv4").at("address").as_string()));
      }
    }
  }
}

TEST(IxfExportTest, HasWhatTheSchemasRequire) {
  const auto exchange = loaded(std::string(kExchange));
  for (const auto version : {IxfVersion::kVersion07, IxfVersion::kVersion10}) {
    expect_schema(export_ixf(exchange, options(version)));
  }
  EXPECT_EQ(export_ixf(exchange, options(IxfVersion::kVersion10)).at("version"), "1.0");
  EXPECT_EQ(export_ixf(exchange, options(IxfVersion::kVersion07)).at("version"), "0.7");
}

TEST(IxfExportTest, AMemberIsAnAsNumberWithAllItsRouters) {
  const auto document = export_ixf(loaded(std::string(kExchange)),
                                   options(IxfVersion::kVersion10, MacAddresses::kShown));
  const auto& members = document.at("member_list").as_array();
  ASSERT_EQ(members.size(), 2U) << "the route server and A; Remote is not connected";
  const json::value& a = members[1];
  EXPECT_EQ(a.at("name"), "A, A-too");
  ASSERT_EQ(a.at("connection_list").as_array().size(), 3U);
  const json::value& vlan = a.at("connection_list").at(0).at("vlan_list").at(0);
  EXPECT_EQ(json::serialize(vlan.at("ipv4")),
            R"({"address":"198.51.100.1","routeserver":true,"max_prefix":500,)"
            R"("as_macro":"AS-A RIPE::AS-B","mac_addresses":["00:11:22:33:44:55"]})");
  EXPECT_EQ(vlan.at("ipv6").at("max_prefix"), 50);
  const json::value& second = a.at("connection_list").at(1).at("vlan_list");
  ASSERT_EQ(second.as_array().size(), 2U) << "an entry has one address of a family";
  EXPECT_EQ(second.at(1).at("ipv4").at("address"), "198.51.100.3");
}

TEST(IxfExportTest, TheRouteServerHasItsService) {
  const auto exchange = loaded(std::string(kExchange));
  const auto service = [&](IxfVersion version) {
    const auto document = export_ixf(exchange, options(version));
    return document.at("member_list")
        .at(0)
        .at("connection_list")
        .at(0)
        .at("vlan_list")
        .at(0)
        .at("ipv6");
  };
  EXPECT_EQ(service(IxfVersion::kVersion10).at("services").at(0).at("type"), "ixrouteserver");
  EXPECT_EQ(service(IxfVersion::kVersion07).at("service_type"), "ixrouteserver");
}

TEST(IxfExportTest, MacAddressesAreHiddenUnlessShown) {
  const auto exchange = loaded(std::string(kExchange));
  EXPECT_EQ(json::serialize(export_ixf(exchange, options(IxfVersion::kVersion10))).find("mac_addr"),
            std::string::npos);
}

TEST(IxfExportTest, WhatIsExportedCanBeImported) {
  const auto before = loaded(std::string(kExchange));
  const auto document = export_ixf(before, options(IxfVersion::kVersion10, MacAddresses::kShown));
  const auto after = loaded(import_ixf(json::serialize(document), "x"));
  EXPECT_EQ(after.asn, before.asn);
  EXPECT_EQ(after.peering_lan, before.peering_lan);
  EXPECT_EQ(after.route_server.addresses, before.route_server.addresses);
  EXPECT_EQ(after.participants.front().import.irr.as_sets,
            before.participants.front().import.irr.as_sets);
  for (const auto& router : before.routers) {
    for (const auto& address : router.addresses) {
      ASSERT_NE(after.find_router(address), nullptr) << address.to_string();
    }
    EXPECT_EQ(after.find_router(router.addresses.front())->mac, router.mac);
  }
}

}  // namespace
}  // namespace fabrix::interchange
