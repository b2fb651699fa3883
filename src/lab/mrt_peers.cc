#include "lab/mrt_peers.h"

#include <algorithm>

#include <fmt/format.h>

namespace fabrix::lab {
namespace {

std::optional<net::IpAddress> address_of(const exchange::Router& router, net::Family family) {
  const auto own = std::ranges::find(router.addresses, family, &net::IpAddress::family);
  return own == router.addresses.end() ? std::nullopt : std::optional(*own);
}

}  // namespace

std::optional<MrtPeers::Match> MrtPeers::find(const net::IpAddress& address, net::Asn asn) {
  const Key key{address, asn};
  const auto seen = known_.find(key);
  if (seen != known_.end()) return seen->second;
  const auto match = look_up(address, asn);
  known_.emplace(key, match);
  if (!match) {
    ++unknown_;
    if (unknown_names_.size() < kNamed) {
      unknown_names_.push_back(fmt::format("{} (AS {})", address.to_string(), asn.value));
    }
  } else {
    ++(match->by_address ? by_address_ : by_asn_);
  }
  return match;
}

// Where a record has room for two octets only, AS_TRANS stands for a greater number (RFC 6793).
std::optional<MrtPeers::Match> MrtPeers::look_up(const net::IpAddress& address, net::Asn asn) {
  if (const auto session = server_.find_peer(address)) {
    const auto& peer = *std::ranges::find(server_.peers(), *session, &routeserver::Peer::id);
    if (peer.asn == asn || asn == net::kAsTrans) {
      return Match{.session = *session, .router = peer.router, .by_address = true};
    }
  }
  return by_number(address, asn);
}

std::optional<MrtPeers::Match> MrtPeers::by_number(const net::IpAddress& address, net::Asn asn) {
  std::size_t& taken = taken_[{asn, address.family()}];
  std::size_t skip = taken;
  for (const exchange::Router& router : exchange_.routers) {
    if (!router.present || exchange_.owner(router.id).asn != asn) continue;
    const auto own = address_of(router, address.family());
    const auto session = own ? server_.find_peer(*own) : std::nullopt;
    if (!session) continue;
    if (skip > 0) {
      --skip;
      continue;
    }
    ++taken;
    return Match{.session = *session, .router = router.id, .by_address = false};
  }
  return std::nullopt;
}

std::optional<net::IpAddress> MrtPeers::next_hop(const Match& match,
                                                 const net::IpAddress& next_hop) const {
  if (match.by_address) return next_hop;
  return address_of(exchange_.router(match.router), next_hop.family());
}

}  // namespace fabrix::lab
