#include "interchange/arouteserver.h"

#include <gtest/gtest.h>

#include "tests/interchange/arouteserver_files.h"
#include "tests/interchange/imports.h"

namespace fabrix::interchange {
namespace {

Result<Imported, Remarks> import(std::string_view general, std::string_view clients) {
  return import_arouteserver({general, "general.yml"}, {clients, "clients.yml"});
}

TEST(ARouteServerTest, EachClientIsAParticipant) {
  const exchange::Exchange exchange = loaded(import(kGeneral, kClients));
  EXPECT_EQ(exchange.asn, net::Asn{64500});
  EXPECT_EQ(exchange.router_id.to_string(), "192.0.2.250");
  ASSERT_EQ(exchange.participants.size(), 2U);
  const auto& ripe = exchange.participants[0];
  EXPECT_EQ(ripe.name, "AS3333");
  EXPECT_EQ(ripe.session.md5_password, "se\"cret");
  EXPECT_FALSE(ripe.session.gtsm);
  EXPECT_EQ(ripe.import.ipv4, (exchange::LengthBounds{8, 24}));
  EXPECT_EQ(ripe.import.limit.ipv4, 1000U);
  EXPECT_EQ(ripe.import.limit.ipv6, 12000U) << "the general one";
  EXPECT_EQ(ripe.import.rejected_prefixes.size(), 3U) << "the general ones too";
  EXPECT_EQ(ripe.import.irr.as_sets, std::vector<std::string>{"RIPE::AS-RIPENCC"});
  EXPECT_EQ(ripe.import.irr.prefixes_file, "irr/AS3333.prefixes.json");
  EXPECT_TRUE(ripe.import.irr.enforce_prefix);
  ASSERT_EQ(ripe.routers.size(), 2U);
  EXPECT_EQ(exchange.routers[0].addresses.size(), 2U) << "first IPv4 with first IPv6 address";
  EXPECT_EQ(exchange.routers[1].addresses.front().to_string(), "192.0.2.12");
  const auto& arin = exchange.participants[1];
  EXPECT_EQ(arin.asn, net::Asn{10745});
  EXPECT_EQ(arin.import.irr.as_sets, (std::vector<std::string>{"AS-ARIN1", "AS-ARIN2"}));
  EXPECT_FALSE(arin.import.irr.enforce_prefix);
  EXPECT_TRUE(arin.import.irr.enforce_origin);
  EXPECT_EQ(arin.session.dialling, exchange::Dialling::kActive);
}

TEST(ARouteServerTest, WhatHasNoCounterpartIsSaidWithItsLine) {
  const auto imported = import(kGeneral, kClients);
  ASSERT_TRUE(imported);
  const std::string remarks = all_of(imported->remarks);
  for (const std::string_view expected :
       {"general.yml:8:3: 'multihop' has no counterpart",
        "general.yml:67:3: 'rtt_thresholds' has no counterpart",
        "general.yml:31:7: 'peering_db' has no counterpart",
        "clients.yml:16:11: 'white_list_pref' has no counterpart",
        "clients.yml:26:7: 'attach_custom_communities' has no counterpart"}) {
    EXPECT_NE(remarks.find(expected), std::string::npos) << expected << "\n" << remarks;
    EXPECT_NE(imported->yaml.find("# - " + std::string(expected)), std::string::npos);
  }
  EXPECT_NE(imported->yaml.find("# bgpq4 -jt AS-ARIN1 AS-ARIN2 > irr/AS10745.origins.json"),
            std::string::npos);
}

TEST(ARouteServerTest, EmptyFilesMeanItsDefaults) {
  const exchange::Exchange exchange = loaded(
      import("cfg: {rs_as: 64500, router_id: 192.0.2.1}", "clients: [{asn: 1, ip: 10.0.0.1}]"));
  const auto& policy = exchange.participants[0].import;
  EXPECT_EQ(policy.ipv4, (exchange::LengthBounds{8, 24}));
  EXPECT_EQ(policy.max_as_path_length, 32);
  EXPECT_TRUE(policy.reject_bogon_prefixes);
  EXPECT_TRUE(policy.irr.enforce_prefix);
  EXPECT_EQ(policy.irr.as_sets, std::vector<std::string>{"AS1"});
  EXPECT_FALSE(exchange.participants[0].session.role);
}

TEST(ARouteServerTest, ClientsOfOneAsHaveFilesOfTheirOwn) {
  const exchange::Exchange exchange = loaded(
      import("cfg: {rs_as: 64500}", "clients: [{asn: 1, ip: 10.0.0.1}, {asn: 1, ip: 10.0.0.2}]"));
  EXPECT_EQ(exchange.participants[0].import.irr.prefixes_file, "irr/AS1.prefixes.json");
  EXPECT_EQ(exchange.participants[1].import.irr.prefixes_file, "irr/AS1-2.prefixes.json");
}

TEST(ARouteServerTest, LeavesOutWhoCannotBeConfigured) {
  const auto imported = import("cfg: {rs_as: 64500}",
                               "clients: [{asn: x, ip: 10.0.0.1}, {asn: 2, ip: [no, 10.0.0.2]}]");
  EXPECT_EQ(loaded(imported).participants.size(), 1U);
  EXPECT_TRUE(mentions(imported->remarks, "clients.yml:1:11: left out: a client needs an asn"));
  EXPECT_TRUE(mentions(imported->remarks, "this is no IP address: left out"));
}

TEST(ARouteServerTest, RefusesWhatIsNotItsFiles) {
  EXPECT_TRUE(mentions(import("a: [", "clients: []").error(), "general.yml:1:"));
  const auto both = import("a: 1", "b: 1");
  ASSERT_FALSE(both);
  EXPECT_EQ(all_of(both.error()), "general.yml: no 'cfg'\nclients.yml: no 'clients'\n");
  EXPECT_TRUE(mentions(import("cfg: {}", "clients: []").error(), "is not from 1 to 4294967295"));
}

}  // namespace
}  // namespace fabrix::interchange
