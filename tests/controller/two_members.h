// An exchange of two members, A and B, with a router each, for tests that need no more.
#pragma once

#include "exchange/exchange.h"
#include "exchange/load.h"

namespace fabrix::controller {

inline exchange::Exchange two_members() {
  constexpr const char* kText = R"(version: 1
exchange:
  name: small
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16]
  virtual_next_hops: [172.0.1.0/24]
  route_server: {addresses: [172.0.255.254], policy: minimal}
participants:
  - {name: A, asn: 100, routers: [{name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1], port: 1}]}
  - {name: B, asn: 200, routers: [{name: b1, mac: "08:00:27:00:00:02", addresses: [172.0.0.2], port: 2}]}
)";
  return exchange::load(kText, "exchange.yaml").value();
}

}  // namespace fabrix::controller
