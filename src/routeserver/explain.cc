#include "routeserver/explain.h"

#include <fmt/format.h>

namespace fabrix::routeserver {
namespace {

std::string_view name_of(bgp::Origin origin) {
  switch (origin) {
    case bgp::Origin::kIgp:
      return "IGP";
    case bgp::Origin::kEgp:
      return "EGP";
    case bgp::Origin::kIncomplete:
      return "incomplete";
  }
  return "unknown";
}

std::string identifier_text(std::uint32_t identifier) {
  return fmt::format("{}.{}.{}.{}", identifier >> 24U, identifier >> 16U & 0xffU,
                     identifier >> 8U & 0xffU, identifier & 0xffU);
}

Advantage by_standing(Standing next) {
  if (next == Standing::kLongLivedStale) {
    return {.step = DecisionStep::kLongLivedStale, .text = "the next is long-lived stale"};
  }
  return {.step = DecisionStep::kGracefulShutdown,
          .text = "the next is about to be shut down (graceful shutdown)"};
}

Advantage by_session(const Rival& better, const Rival& next) {
  if (better.bgp_identifier != next.bgp_identifier) {
    return {.step = DecisionStep::kBgpIdentifier,
            .text = fmt::format("lower BGP identifier ({} against {})",
                                identifier_text(better.bgp_identifier),
                                identifier_text(next.bgp_identifier))};
  }
  return {.step = DecisionStep::kAddress,
          .text = fmt::format("lower address ({} against {})", better.address.to_string(),
                              next.address.to_string())};
}

}  // namespace

std::string_view name_of(DecisionStep step) {
  switch (step) {
    case DecisionStep::kAccepted:
      return "accepted";
    case DecisionStep::kLongLivedStale:
      return "long-lived-stale";
    case DecisionStep::kGracefulShutdown:
      return "graceful-shutdown";
    case DecisionStep::kAsPath:
      return "as-path";
    case DecisionStep::kOrigin:
      return "origin";
    case DecisionStep::kMed:
      return "med";
    case DecisionStep::kBgpIdentifier:
      return "bgp-identifier";
    case DecisionStep::kAddress:
      return "address";
  }
  return "unknown";
}

Advantage explain(const Rival& better, const Rival& next) {
  const Preference& a = better.preference;
  const Preference& b = next.preference;
  if (a.standing() != b.standing()) return by_standing(b.standing());
  if (a.path_length() != b.path_length()) {
    return {
        .step = DecisionStep::kAsPath,
        .text = fmt::format("shorter AS path ({} against {})", a.path_length(), b.path_length())};
  }
  if (a.origin() != b.origin()) {
    return {.step = DecisionStep::kOrigin,
            .text = fmt::format("lower origin ({} against {})", name_of(a.origin()),
                                name_of(b.origin()))};
  }
  if (a.neighbor == b.neighbor && a.med != b.med) {
    return {.step = DecisionStep::kMed,
            .text = fmt::format("lower MED ({} against {}, same neighbouring AS)", a.med, b.med)};
  }
  return by_session(better, next);
}

}  // namespace fabrix::routeserver
