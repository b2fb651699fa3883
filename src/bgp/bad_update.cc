#include "bgp/bad_update.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "bgp/message_header.h"
#include "bgp/path_attributes.h"

namespace fabrix::bgp {
namespace {

struct KnownAttribute {
  AttributeType type;
  std::string_view name;
  std::string_view rule;  // for a value or a length that is wrong
};

constexpr std::array kKnown{
    KnownAttribute{AttributeType::kOrigin, "ORIGIN", "RFC 7606 §7.1"},
    KnownAttribute{AttributeType::kAsPath, "AS_PATH", "RFC 7606 §7.2"},
    KnownAttribute{AttributeType::kNextHop, "NEXT_HOP", "RFC 7606 §7.3"},
    KnownAttribute{AttributeType::kMed, "MULTI_EXIT_DISC", "RFC 7606 §7.4"},
    KnownAttribute{AttributeType::kLocalPref, "LOCAL_PREF", "RFC 7606 §7.5"},
    KnownAttribute{AttributeType::kAtomicAggregate, "ATOMIC_AGGREGATE", "RFC 7606 §7.6"},
    KnownAttribute{AttributeType::kAggregator, "AGGREGATOR", "RFC 7606 §7.7"},
    KnownAttribute{AttributeType::kCommunities, "COMMUNITIES", "RFC 7606 §7.8"},
    KnownAttribute{AttributeType::kOriginatorId, "ORIGINATOR_ID", "RFC 7606 §7.9"},
    KnownAttribute{AttributeType::kClusterList, "CLUSTER_LIST", "RFC 7606 §7.10"},
    KnownAttribute{AttributeType::kMpReach, "MP_REACH_NLRI", "RFC 7606 §7.11"},
    KnownAttribute{AttributeType::kMpUnreach, "MP_UNREACH_NLRI", "RFC 7606 §7.12"},
    KnownAttribute{AttributeType::kExtendedCommunities, "EXTENDED COMMUNITIES", "RFC 7606 §7.14"},
    KnownAttribute{AttributeType::kAs4Path, "AS4_PATH", "RFC 6793 §6"},
    KnownAttribute{AttributeType::kAs4Aggregator, "AS4_AGGREGATOR", "RFC 6793 §6"},
    KnownAttribute{AttributeType::kIpv6ExtendedCommunities, "IPV6 EXTENDED COMMUNITIES",
                   "RFC 7606 §7.15"},
    KnownAttribute{AttributeType::kLargeCommunities, "LARGE_COMMUNITY", "RFC 8092"},
    KnownAttribute{AttributeType::kOnlyToCustomer, "ONLY_TO_CUSTOMER", "RFC 9234 §5"},
};

const KnownAttribute* find_known(std::uint8_t type) {
  const auto* const found = std::ranges::find(kKnown, AttributeType{type}, &KnownAttribute::type);
  return found == kKnown.end() ? nullptr : found;
}

std::string_view rule_of(const AttributeProblem& problem) {
  switch (problem.error) {
    case AttributeError::kMalformedList:
      return "RFC 7606 §4";
    case AttributeError::kUnknownWellKnown:
      return "RFC 4271 §6.3";
    case AttributeError::kMissing:
      return "RFC 7606 §3.d";
    case AttributeError::kFlags:
      return "RFC 7606 §3.c";
    case AttributeError::kRepeated:
      return "RFC 7606 §3.g";
    default:
      break;
  }
  const KnownAttribute* const known = find_known(problem.type);
  return known == nullptr ? "" : known->rule;
}

bool is_malformed(const AttributeProblem& problem) {
  return problem.error != AttributeError::kNotAllowed;
}

}  // namespace

std::string_view name_of(BadUpdateReaction reaction) {
  switch (reaction) {
    case BadUpdateReaction::kAttributeDiscard:
      return "attribute discard";
    case BadUpdateReaction::kTreatAsWithdraw:
      return "treat as withdraw";
    case BadUpdateReaction::kSessionReset:
      return "session reset";
  }
  return "session reset";
}

BadUpdate::Fault fault_of(const AttributeProblem& problem) {
  const KnownAttribute* const known = find_known(problem.type);
  std::string subject = known == nullptr ? fmt::format("attribute {}", problem.type)
                                         : fmt::format("{} ({})", known->name, problem.type);
  return {.what = fmt::format("{}: {}", subject, describe(problem.error)),
          .rule = rule_of(problem)};
}

std::optional<BadUpdate> find_bad_update(const Result<UpdateMessage, UpdateReset>& decoded,
                                         std::span<const std::byte> body) {
  BadUpdate bad;
  if (!decoded) {
    bad.reaction = BadUpdateReaction::kSessionReset;
    bad.faults.push_back({.what = std::string(decoded.error().reason), .rule = ""});
    bad.notification = decoded.error().notification.code;
  } else {
    const auto& withdrawn = decoded->treated_as_withdraw;
    if (withdrawn.empty() && std::ranges::none_of(decoded->discarded, is_malformed)) {
      return std::nullopt;
    }
    if (!withdrawn.empty()) bad.reaction = BadUpdateReaction::kTreatAsWithdraw;
    for (const AttributeProblem& problem : withdrawn) bad.faults.push_back(fault_of(problem));
    for (const AttributeProblem& problem : decoded->discarded) {
      if (is_malformed(problem)) bad.faults.push_back(fault_of(problem));
    }
  }
  bad.message = encode_message(MessageType::kUpdate, body);
  return bad;
}

}  // namespace fabrix::bgp
