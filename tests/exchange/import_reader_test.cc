#include "exchange/import_reader.h"

#include <chrono>

#include <gtest/gtest.h>

#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

const std::string kMost =
    "prefix_length: {ipv4: 9..23, ipv6: [20, 47]}, reject_bogon_prefixes: true, "
    "reject_bogon_asns: true, max_as_path_length: 32, max_communities: 50, next_hop: same-as, "
    "enforce_first_as: false, transit_free: [3356, 174, 174], never_via_route_servers: 65010, "
    "rejected_prefixes: [198.51.100.0/24], rpki: reject-invalid, aspa: mark, "
    "blackhole: {accept: true, prefix_length: {ipv4: 32..32, ipv6: 128..128}, "
    "next_hop_ipv4: 172.0.0.66, next_hop_ipv6: '2001:db8::66'}, graceful_shutdown: false, "
    "max_prefix: {ipv4: 1000, ipv6: none, warn_percent: 90, action: restart, restart_after: 30, "
    "count_rejected: false}";
const std::string kMember = kMost +
                            ", irr: {as_sets: [AS-B, 'RIPE::AS65000:AS-CUSTOMERS'], "
                            "prefixes_file: irr/B.json, origins_file: irr/B.origins.json, "
                            "enforce_prefix: false, allow_longer: true}";

const std::string kChosen = "policy: minimal, ";

net::Prefix prefix(std::string_view text) {
  return net::Prefix::parse(text).value();
}

ImportPolicy most() {
  ImportPolicy policy;
  policy.ipv4 = {9, 23};
  policy.ipv6 = {20, 47};
  policy.reject_bogon_prefixes = true;
  policy.reject_bogon_asns = true;
  policy.max_as_path_length = 32;
  policy.max_communities = 50;
  policy.next_hop = NextHopRule::kSameAs;
  policy.enforce_first_as = false;
  policy.transit_free = {net::Asn{174}, net::Asn{3356}};
  policy.never_via_route_servers = {net::Asn{65010}};
  policy.rejected_prefixes = {prefix("198.51.100.0/24")};
  policy.rpki = RpkiRule::kRejectInvalid;
  policy.aspa = RpkiRule::kMark;
  policy.blackhole = {.accept = true,
                      .ipv4 = {32, 32},
                      .ipv6 = {128, 128},
                      .next_hop_ipv4 = net::IpAddress::parse("172.0.0.66"),
                      .next_hop_ipv6 = net::IpAddress::parse("2001:db8::66")};
  policy.graceful_shutdown = false;
  policy.limit = {.ipv4 = 1000,
                  .ipv6 = std::nullopt,
                  .warn_percent = 90,
                  .action = LimitAction::kRestart,
                  .restart_after = std::chrono::minutes(30),
                  .count_rejected = false};
  return policy;
}

ImportPolicy of_c(const std::string& server, const std::string& c) {
  return loaded(with_policies(server, c)).find_participant("C")->import;
}

TEST(ImportReaderTest, ThePresetIsWhatHoldsWithoutKeys) {
  EXPECT_EQ(of_c("policy: minimal", ""), preset(PolicyPreset::kMinimal));
  EXPECT_EQ(of_c("policy: ixp", ""), preset(PolicyPreset::kIxp));
  EXPECT_EQ(of_c("policy: strict", ""), preset(PolicyPreset::kStrict));
  EXPECT_EQ(loaded(with_policies("policy: strict", "")).route_server.preset, PolicyPreset::kStrict);
  EXPECT_EQ(complaints(with_policies("policy: laxest", "")), "C0116");
}

TEST(ImportReaderTest, Rfc8212_3_WithoutAPolicyNothingIsAcceptedOrTold) {
  const std::string own = "import: {max_prefix: {ipv4: 10}}";
  EXPECT_FALSE(of_c("", "").chosen);
  EXPECT_FALSE(of_c("", own).chosen) << "what changes a policy is none";
  EXPECT_TRUE(of_c("policy: minimal", own).chosen);
  EXPECT_EQ(loaded(with_policies("", "")).route_server.preset, PolicyPreset::kNone);
  EXPECT_EQ(complaints(with_policies("policy: none", "")), "C0116") << "said by saying nothing";
}

TEST(ImportReaderTest, ReadsEveryKeyForAll) {
  const Exchange exchange =
      loaded(with_policies(kChosen + "import: {" + kMost + ", own_prefixes: [192.0.2.0/24]}", ""));
  ImportPolicy expected = most();
  expected.own_prefixes = {prefix("192.0.2.0/24")};
  EXPECT_EQ(exchange.route_server.import, expected);
  EXPECT_EQ(exchange.find_participant("B")->import, expected);
}

TEST(ImportReaderTest, ReadsEveryKeyForOneParticipant) {
  ImportPolicy expected = most();
  expected.irr = {.as_sets = {"AS-B", "RIPE::AS65000:AS-CUSTOMERS"},
                  .prefixes_file = "irr/B.json",
                  .origins_file = "irr/B.origins.json",
                  .enforce_prefix = false,
                  .enforce_origin = true,
                  .allow_longer = true};
  EXPECT_EQ(of_c("policy: minimal", "import: {" + kMember + "}"), expected);
}

TEST(ImportReaderTest, AParticipantOverridesSingleKeysOfSectionsToo) {
  const ImportPolicy policy =
      of_c(kChosen + "import: {" + kMost + "}",
           "import: {max_prefix: {ipv4: none, ipv6: 5}, prefix_length: {ipv6: 0..64}, "
           "max_as_path_length: none, transit_free: [], blackhole: {accept: false}}");
  ImportPolicy expected = most();
  expected.limit.ipv4 = std::nullopt;
  expected.limit.ipv6 = 5;
  expected.ipv6 = {0, 64};
  expected.max_as_path_length = std::nullopt;
  expected.transit_free.clear();
  expected.blackhole.accept = false;
  EXPECT_EQ(policy, expected);
}

TEST(ImportReaderTest, AParticipantsRejectedPrefixesAreAddedToTheExchanges) {
  EXPECT_EQ(of_c("import: {rejected_prefixes: 192.0.2.0/24}",
                 "import: {rejected_prefixes: ['2001:db8:1::/48']}")
                .rejected_prefixes,
            (std::vector{prefix("192.0.2.0/24"), prefix("2001:db8:1::/48")}));
}

TEST(ImportReaderTest, TheTransitFreeNetworksHaveAListByDefault) {
  EXPECT_EQ(of_c("import: {transit_free: default}", "").transit_free, transit_free_asns());
}

TEST(ImportReaderTest, IrrDataIsEnforcedWhereItIsGivenUnlessSaidOtherwise) {
  const std::string files = "irr: {prefixes_file: p, origins_file: o}";
  const auto enforced = [](const ImportPolicy& policy) {
    return std::pair(policy.irr.enforce_prefix, policy.irr.enforce_origin);
  };
  EXPECT_EQ(enforced(of_c("", "")), std::pair(false, false));
  EXPECT_EQ(enforced(of_c("", "import: {" + files + "}")), std::pair(true, true));
  EXPECT_EQ(enforced(of_c("import: {irr: {enforce_origin: false}}", "import: {" + files + "}")),
            std::pair(true, false));
  EXPECT_EQ(enforced(of_c("import: {irr: {enforce_prefix: true}}", "")), std::pair(true, false))
      << "without data everything is rejected: whoever says so means it";
}

TEST(ImportReaderTest, ComplainsAboutWhatIsWrong) {
  const std::vector<Mistake> mistakes{
      {"asn: 100", "asn: 100\n    import: {own_prefixes: []}", "C0110", 12, 14},
      {"asn: 100", "asn: 100\n    import: {prefix_length: 24}", "C0112", 12, 29},
      {"asn: 100", "asn: 100\n    import: {prefix_length: {ipv4: 24}}", "C0112", 12, 36},
      {"asn: 100", "asn: 100\n    import: {prefix_length: {ipv4: 24..8}}", "C0117", 12, 36},
      {"asn: 100", "asn: 100\n    import: {prefix_length: {ipv4: 8..33}}", "C0117", 12, 36},
      {"asn: 100", "asn: 100\n    import: {prefix_length: {ipv6: [0, 129]}}", "C0117", 12, 36},
      {"asn: 100", "asn: 100\n    import: {prefix_length: {ipv6: [1, 2, 3]}}", "C0112", 12, 36},
      {"asn: 100", "asn: 100\n    import: {max_as_path_length: 0}", "C0113", 12, 34},
      {"asn: 100", "asn: 100\n    import: {next_hop: lax}", "C0116", 12, 24},
      {"asn: 100", "asn: 100\n    import: {transit_free: all}", "C0112", 12, 28},
      {"asn: 100", "asn: 100\n    import: {never_via_route_servers: [0]}", "C0113", 12, 40},
      {"asn: 100", "asn: 100\n    import: {rejected_prefixes: [10.0.0.1/8]}", "C0114", 12, 34},
      {"asn: 100", "asn: 100\n    import: {irr: {as_sets: [foo]}}", "C0120", 12, 30},
      {"asn: 100", "asn: 100\n    import: {irr: {prefix_file: x}}", "C0110", 12, 20},
      {"asn: 100", "asn: 100\n    import: {rpki: on}", "C0116", 12, 20},
      {"asn: 100", "asn: 100\n    import: {blackhole: {next_hop_ipv6: 10.0.0.1}}", "C0114", 12, 41},
      {"asn: 100", "asn: 100\n    import: {max_prefix: {ipv4: 0}}", "C0113", 12, 33},
      {"asn: 100", "asn: 100\n    import: {max_prefix: {warn_percent: 101}}", "C0113", 12, 41},
      {"asn: 100", "asn: 100\n    import: {max_prefix: {action: drop}}", "C0116", 12, 35},
      {"port: 179}", "import: {irr: {prefixes_file: x}}}", "C0110", 8, 61},
  };
  expect_complaints(mistakes);
}

TEST(ImportReaderTest, ListsAreBounded) {
  std::string many = "import: {irr: {as_sets: [";
  for (int i = 0; i < 65; ++i) many += (i == 0 ? "AS" : ", AS") + std::to_string(i + 1);
  EXPECT_EQ(complaints(with_policies("", many + "]}}")), "C0136");
}

}  // namespace
}  // namespace fabrix::exchange
