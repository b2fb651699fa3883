// The exchange that the tests live in: A with a1, B with b1, C with c1 and c2.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "python/loaded_exchange.h"

namespace fabrix::python {

inline constexpr const char* kExchange = R"(version: 1
exchange:
  name: world
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16]
  virtual_next_hops: [172.0.1.0/24]
  route_server: {addresses: [172.0.255.254], policy: minimal}
participants:
  - name: A
    asn: 100
    routers:
      - {name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1], port: 1}
  - name: B
    asn: 200
    policy: B.policy
    routers:
      - {name: b1, mac: "08:00:27:00:00:02", addresses: [172.0.0.2], port: 2}
  - name: C
    asn: 300
    peers: [A]
    routers:
      - {name: c1, mac: "08:00:27:00:00:03", addresses: [172.0.0.3], port: 3}
      - {name: c2, mac: "08:00:27:00:00:04", addresses: [172.0.0.4], port: 4}
)";

inline ExchangePtr world() {
  auto loaded = load_exchange(kExchange, "exchange.yaml");
  if (loaded) return *loaded;
  ADD_FAILURE() << loaded.error().message;
  return nullptr;
}

}  // namespace fabrix::python
