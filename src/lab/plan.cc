#include "lab/plan.h"

#include <algorithm>

namespace fabrix::lab {

std::vector<Session> sessions_of(const RouterPlan& plan) {
  const bool has_ipv4 = std::ranges::find(plan.lan_addresses, net::Family::kIpv4,
                                          &net::IpAddress::family) != plan.lan_addresses.end();
  std::vector<Session> sessions;
  for (const net::IpAddress& route_server : plan.route_server_addresses) {
    const auto local =
        std::ranges::find(plan.lan_addresses, route_server.family(), &net::IpAddress::family);
    if (local == plan.lan_addresses.end()) continue;
    const bool over_ipv6 = plan.extended_next_hop && local->family() == net::Family::kIpv6;
    sessions.push_back(
        {.local = *local, .route_server = route_server, .ipv4_over_ipv6 = over_ipv6 && !has_ipv4});
  }
  return sessions;
}

Result<std::size_t> index_of(const RouterPlan& plan, const net::Prefix& prefix) {
  const auto found = std::ranges::find(plan.prefixes, prefix);
  if (found == plan.prefixes.end()) {
    return fail(Error{prefix.to_string() + " is not a prefix of " + plan.name});
  }
  return static_cast<std::size_t>(found - plan.prefixes.begin());
}

std::string file_of(const RouterPlan& plan, std::string_view name) {
  return std::string(plan.directory).append("/").append(name);
}

std::string_view word_of(net::Family family) {
  return family == net::Family::kIpv4 ? "ipv4" : "ipv6";
}

}  // namespace fabrix::lab
