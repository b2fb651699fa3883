#include "daemon/session_names.h"

#include <algorithm>
#include <set>

namespace fabrix::daemon {
namespace {

// What a URL takes unescaped.
std::string plain(const std::string& name) {
  std::string text = name;
  std::ranges::replace_if(
      text,
      [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool digit = c >= '0' && c <= '9';
        return !letter && !digit && c != '-' && c != '.';
      },
      '_');
  return text;
}

std::string name_of(const exchange::Router& router, const routeserver::Peer& peer) {
  if (router.addresses.size() <= 1) return plain(router.name);
  const net::Family family = peer.address.family();
  std::size_t number = 0;
  for (const net::IpAddress& address : router.addresses) {
    if (address.family() == family) ++number;
    if (address == peer.address) break;
  }
  const std::string suffix = number > 1 ? "_" + std::to_string(number) : "";
  return plain(router.name) + (family == net::Family::kIpv4 ? "_ipv4" : "_ipv6") + suffix;
}

}  // namespace

std::vector<std::string> session_names(const exchange::Exchange& exchange,
                                       const std::vector<routeserver::Peer>& peers) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const routeserver::Peer& peer : peers) {
    std::string name = name_of(exchange.router(peer.router), peer);
    // Only where a router is called as another's session would be, or was.
    while (!taken.insert(name).second) name += "_" + std::to_string(peer.id.value);
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace fabrix::daemon
