#include "verify/next_hops.h"

namespace fabrix::verify {

NextHops::Group EachAsked::group(const exchange::PlacedPrefix& prefix) const {
  prefixes_.push_back(prefix.prefix);
  return prefixes_.size() - 1;
}

void EachAsked::list(Group group, net::Family family, List& instead) const {
  instead.clear();
  for (const exchange::Participant& each : exchange_.participants) {
    const auto address = this->instead(group, family, each.id);
    if (address) instead.push_back({.client = each.id, .address = *address});
  }
}

std::optional<net::IpAddress> EachAsked::instead(Group group, net::Family /*family*/,
                                                 net::ParticipantId client) const {
  const net::Prefix& prefix = prefixes_[group];
  if (reachability_.routes(client, prefix).empty()) return std::nullopt;
  return next_hop_(client, prefix);
}

}  // namespace fabrix::verify
