#include "exchange/session_policy.h"

namespace fabrix::exchange {

const std::vector<net::Asn>& transit_free_asns() {
  static const std::vector<net::Asn> asns{
      {174},    // Cogent
      {209},    // Lumen, formerly Qwest
      {286},    // GTT, formerly KPN
      {701},    // Verizon
      {1239},   // Cogent, formerly Sprint
      {1299},   // Arelion
      {2828},   // Verizon, formerly XO
      {2914},   // NTT
      {3257},   // GTT
      {3320},   // Deutsche Telekom
      {3356},   // Lumen
      {3491},   // PCCW
      {3549},   // Lumen, formerly Global Crossing
      {4134},   // China Telecom
      {5511},   // Orange
      {6453},   // Tata
      {6461},   // Zayo
      {6762},   // Sparkle
      {6830},   // Liberty Global
      {7018},   // AT&T
      {12956},  // Telxius
  };
  return asns;
}

namespace {

// What every exchange of the present asks for (RFC 7454 §6, §8; MANRS for IXPs, action 1).
ImportPolicy ixp() {
  ImportPolicy policy;
  policy.ipv4 = {.least = 8, .most = 24};   // RFC 7454 §6.1.3
  policy.ipv6 = {.least = 12, .most = 48};  // RIRs give out no block above a /12
  policy.reject_bogon_prefixes = true;
  policy.reject_bogon_asns = true;
  policy.max_as_path_length = 64;
  policy.max_communities = 100;
  policy.blackhole.accept = true;
  return policy;
}

ImportPolicy strict() {
  ImportPolicy policy = ixp();
  policy.rpki = RpkiRule::kRejectInvalid;
  policy.transit_free = transit_free_asns();
  policy.limit.ipv4 = 170'000;  // ARouteServer's general limits
  policy.limit.ipv6 = 12'000;
  return policy;
}

}  // namespace

// The IRR is enforced where a member's files are given: that is not the preset's to know.
ImportPolicy preset(PolicyPreset which) {
  switch (which) {
    case PolicyPreset::kNone:
      return {.chosen = false};
    case PolicyPreset::kMinimal:
      break;
    case PolicyPreset::kIxp:
      return ixp();
    case PolicyPreset::kStrict:
      return strict();
  }
  return {};
}

}  // namespace fabrix::exchange
