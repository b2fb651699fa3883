// OwnedRoute: the attributes of a route, kept, for tests: what a RouteAttributes views.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "net/route_attributes.h"

namespace fabrix::net {

struct OwnedRoute {
  AsPath as_path;
  RouteOrigin origin = RouteOrigin::kIgp;
  std::optional<std::uint32_t> med;
  std::vector<Community> communities;
  std::vector<ExtendedCommunity> extended_communities;
  std::vector<LargeCommunity> large_communities;
  RpkiState rpki = RpkiState::kUnknown;

  RouteAttributes view(const Prefix& prefix, ParticipantId announcer, Asn neighbor) const {
    return {.prefix = prefix,
            .announcer = announcer,
            .neighbor = neighbor,
            .as_path = &as_path,
            .origin = origin,
            .med = med,
            .communities = communities,
            .extended_communities = extended_communities,
            .large_communities = large_communities,
            .rpki = rpki};
  }
};

}  // namespace fabrix::net
