#include "interchange/arouteserver_policy.h"

#include <chrono>

#include <gtest/gtest.h>

#include "interchange/arouteserver.h"
#include "tests/interchange/arouteserver_files.h"
#include "tests/interchange/imports.h"

namespace fabrix::interchange {
namespace {

TEST(ARouteServerPolicyTest, TheGeneralConfigurationIsEveryones) {
  const auto site = loaded(import_arouteserver({kGeneral, "g"}, {"clients: []", "c"})).route_server;
  exchange::ImportPolicy expected;
  expected.ipv4 = {8, 23};
  expected.ipv6 = {12, 48};
  expected.reject_bogon_prefixes = true;
  expected.reject_bogon_asns = true;
  expected.max_as_path_length = 40;
  expected.next_hop = exchange::NextHopRule::kSameAs;
  expected.transit_free = {net::Asn{174}, net::Asn{1299}, net::Asn{2914}};
  expected.never_via_route_servers = {net::Asn{64496}};
  expected.rejected_prefixes = {net::Prefix::parse("198.51.100.0/24").value(),
                                net::Prefix::parse("2001:db8:1::/48").value()};
  expected.irr.enforce_prefix = true;
  expected.irr.enforce_origin = true;
  expected.irr.allow_longer = true;
  expected.rpki = exchange::RpkiRule::kRejectInvalid;
  expected.blackhole.accept = true;
  expected.blackhole.next_hop_ipv4 = net::IpAddress::parse("192.0.2.66");
  expected.limit = {.ipv4 = 170'000,
                    .ipv6 = 12'000,
                    .warn_percent = 80,
                    .action = exchange::LimitAction::kRestart,
                    .restart_after = std::chrono::minutes(30),
                    .count_rejected = false};
  EXPECT_EQ(site.import, expected);
  exchange::SessionPolicy session;
  session.gtsm = true;
  session.strict_role = true;
  EXPECT_EQ(site.session, session);
}

// What `cfg` says besides the defaults, as "key value" lines.
std::string lines_of(std::string_view cfg, CfgOwner owner, Remarks& remarks) {
  const auto node = exchange::parse_yaml(cfg, "x").value();
  PolicySettings settings;
  read_cfg(YamlCursor(node, "x", remarks), owner, settings);
  std::string lines;
  for (const auto& list : {settings.session, settings.import}) {
    for (const auto& [key, value] : list) lines.append(key).append(" ").append(value).append("\n");
  }
  return lines;
}

TEST(ARouteServerPolicyTest, OtherValues) {
  Remarks remarks;
  const auto lines = [&](std::string_view cfg) {
    return lines_of(cfg, CfgOwner::kGeneral, remarks);
  };
  EXPECT_EQ(lines("filtering: {rpki_bgp_origin_validation: {enabled: true, reject_invalid: no}}"),
            "rpki mark\n");
  EXPECT_EQ(lines("filtering: {rpki_bgp_origin_validation: {enabled: false}}"), "rpki off\n");
  EXPECT_EQ(lines("filtering: {transit_free: {action: reject}}"), "transit_free default\n");
  EXPECT_EQ(lines("filtering: {max_prefix: {action: warning}}"), "max_prefix.action warn\n");
  EXPECT_EQ(lines("roles: {enabled: false, strict_mode: true}"), "role false\nstrict_role false\n");
  EXPECT_EQ(lines("blackhole_filtering: {policy_ipv6: propagate-unchanged}"),
            "blackhole.accept true\n");
  EXPECT_TRUE(remarks.empty()) << all_of(remarks);
  EXPECT_EQ(lines("filtering: {transit_free: {action: warning}}"), "transit_free []\n");
  EXPECT_EQ(lines("filtering: {next_hop: {policy: authorized_addresses}}"), "");
  EXPECT_EQ(lines("{path_hiding: false, prepend_rs_as: true}"), "");
  EXPECT_EQ(remarks.size(), 4U) << all_of(remarks);
}

TEST(ARouteServerPolicyTest, LimitsOfClientsHaveOtherKeys) {
  Remarks remarks;
  const std::string_view cfg =
      "filtering: {max_prefix: {limit_ipv4: 5, general_limit_ipv4: 6, limit_ipv6: 0}}";
  EXPECT_EQ(lines_of(cfg, CfgOwner::kClient, remarks), "max_prefix.ipv4 5\n");
  EXPECT_EQ(lines_of(cfg, CfgOwner::kGeneral, remarks), "max_prefix.ipv4 6\n");
}

}  // namespace
}  // namespace fabrix::interchange
