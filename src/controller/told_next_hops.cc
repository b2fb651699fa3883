#include "controller/told_next_hops.h"

namespace fabrix::controller {

std::optional<net::IpAddress> ToldNextHops::find(net::ParticipantId client,
                                                 const net::Prefix& prefix) const {
  if (const auto instead = compiler_.virtual_next_hop(client, prefix)) return instead;
  const auto usable = route_server_.candidates(client, prefix);
  if (usable.empty()) return std::nullopt;
  return usable.front().path->told_next_hop;
}

net::IpAddress ToldNextHops::of(net::ParticipantId client, const net::Prefix& prefix) const {
  return find(client, prefix).value_or(net::IpAddress::unspecified(prefix.family()));
}

// None goes back.
std::uint64_t ToldNextHops::version() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < route_server_.participant_count(); ++i) {
    sum += compiler_.told_version(net::ParticipantId{static_cast<std::uint16_t>(i)});
  }
  return sum;
}

}  // namespace fabrix::controller
