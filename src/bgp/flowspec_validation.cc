#include "bgp/flowspec_validation.h"

#include <array>

namespace fabrix::bgp {
namespace {

constexpr std::array<std::string_view, 7> kTexts{
    "valid",
    "no destination prefix",
    "the destination has an offset",
    "no unicast route covers the destination",
    "the best unicast route for the destination is another member's",
    "the AS path does not begin like the unicast route's",
    "another member announces a more specific of the destination",
};

}  // namespace

std::string_view describe(FlowSpecValidity validity) {
  return kTexts.at(static_cast<std::size_t>(validity));
}

FlowSpecValidity validate_flowspec(const FlowSpecRule& rule, const FlowSpecOrigin& origin,
                                   const FlowSpecUnicast& unicast) {
  const FlowSpecPrefix* const destination = rule.destination();
  if (destination == nullptr) return FlowSpecValidity::kNoDestination;
  if (destination->offset != 0) return FlowSpecValidity::kDestinationOffset;
  const auto best = unicast.best_match(origin.client, destination->prefix);
  if (!best) return FlowSpecValidity::kNoUnicastRoute;
  if (!best->first_as) return FlowSpecValidity::kOtherOriginator;
  if (origin.first_as != best->first_as) return FlowSpecValidity::kFirstAs;
  if (unicast.others_have_more_specific(origin.client, destination->prefix)) {
    return FlowSpecValidity::kMoreSpecific;
  }
  return FlowSpecValidity::kValid;
}

}  // namespace fabrix::bgp
