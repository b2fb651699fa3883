#include "agent/agent_address.h"

#include <algorithm>
#include <vector>

namespace fabrix::agent {
namespace {

net::Prefix prefix(const char* text) {
  return net::Prefix::parse(text).value_or(net::Prefix::all(net::Family::kIpv4));
}

// The less, the better.
int remoteness(const net::IpAddress& address) {
  const bool is_v4 = address.family() == net::Family::kIpv4;
  const bool is_loopback =
      prefix("127.0.0.0/8").contains(address) || prefix("::1/128").contains(address);
  const bool is_of_link =
      prefix("169.254.0.0/16").contains(address) || prefix("fe80::/10").contains(address);
  return (is_loopback ? 4 : 0) + (is_of_link ? 2 : 0) + (is_v4 ? 0 : 1);
}

}  // namespace

Result<net::IpAddress> agent_address(const host::Config& config,
                                     std::span<const io::InterfaceAddress> addresses) {
  if (config.agent_address) return *config.agent_address;
  std::vector<net::IpAddress> eligible;
  for (const io::InterfaceAddress& address : addresses) {
    if (config.agent_device.empty() || address.link == config.agent_device) {
      eligible.push_back(address.address);
    }
  }
  std::ranges::stable_sort(eligible, {}, remoteness);
  for (const net::Prefix& prefix : config.agent_prefixes) {
    const auto found = std::ranges::find_if(
        eligible, [&](const net::IpAddress& address) { return prefix.contains(address); });
    if (found != eligible.end()) return *found;
  }
  if (!config.agent_prefixes.empty()) {
    return fail(Error{"no address of this host is in agent.cidr"});
  }
  if (!eligible.empty()) return eligible.front();
  if (config.agent_device.empty()) return net::IpAddress::v4({127, 0, 0, 1});
  return fail(Error{"agent: interface " + config.agent_device + " has no address"});
}

}  // namespace fabrix::agent
