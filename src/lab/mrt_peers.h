// MrtPeers: which session of an exchange a peer of an MRT file (RFC 6396) is.
//
// A peer with the address and AS number of a session is that session. Any other is known by its AS
// number alone: the first such peer of the file stands for the member's first router, the next one
// for the next router, among those with an address of its family. What such a peer announces gets
// its router's own address as next hop, since the file's is on another LAN.
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bgp/update_message.h"
#include "exchange/exchange.h"
#include "net/asn.h"
#include "net/ip_address.h"
#include "routeserver/route_server.h"

namespace fabrix::lab {

class MrtPeers {
 public:
  // Both outlive it.
  MrtPeers(const exchange::Exchange& exchange, const routeserver::RouteServer& server)
      : exchange_(exchange), server_(server) {}

  struct Match {
    routeserver::PeerId session;
    net::RouterId router;
    bool by_address = true;
  };

  // None: nobody of the exchange.
  std::optional<Match> find(const net::IpAddress& address, net::Asn asn);

  // `next_hop` as the exchange would have seen it. None: the router has no address of the family.
  std::optional<net::IpAddress> next_hop(const Match& match, const net::IpAddress& next_hop) const;

  // So far.
  std::size_t by_address() const { return by_address_; }
  std::size_t by_asn() const { return by_asn_; }
  std::size_t unknown() const { return unknown_; }
  // Of the first kNamed that are nobody: "193.203.0.1 (AS 1853)".
  const std::vector<std::string>& unknown_names() const { return unknown_names_; }
  static constexpr std::size_t kNamed = 5;

 private:
  using Key = std::pair<net::IpAddress, net::Asn>;

  std::optional<Match> look_up(const net::IpAddress& address, net::Asn asn);
  std::optional<Match> by_number(const net::IpAddress& address, net::Asn asn);

  const exchange::Exchange& exchange_;
  const routeserver::RouteServer& server_;
  std::map<Key, std::optional<Match>> known_;
  std::map<std::pair<net::Asn, net::Family>, std::size_t> taken_;  // routers of the AS
  std::size_t by_address_ = 0;
  std::size_t by_asn_ = 0;
  std::size_t unknown_ = 0;
  std::vector<std::string> unknown_names_;
};

}  // namespace fabrix::lab
