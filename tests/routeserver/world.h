// A small exchange for the tests of the route server: A, B, C, D with one router each but C, which
// has two.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bgp/update_message.h"
#include "exchange/load.h"
#include "routeserver/route_server.h"

namespace fabrix::routeserver {

inline exchange::Exchange small_exchange() {
  return exchange::load(R"(version: 1
exchange:
  name: small
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16, "2001:db8:ff::/64"]
  virtual_next_hops: [172.0.1.0/24]
  route_server: {addresses: [172.0.255.254], policy: minimal}
participants:
  - {name: A, asn: 100, routers: [{name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1, "2001:db8:ff::1"], port: 1}]}
  - {name: B, asn: 200, routers: [{name: b1, mac: "08:00:27:00:00:02", addresses: [172.0.0.11], port: 2}]}
  - name: C
    asn: 300
    routers:
      - {name: c1, mac: "08:00:27:00:00:03", addresses: [172.0.0.21], port: 3}
      - {name: c2, mac: "08:00:27:00:00:04", addresses: [172.0.0.22], port: 4}
  - {name: D, asn: 400, peers: [A], routers: [{name: d1, mac: "08:00:27:00:00:05", addresses: [172.0.0.31], port: 5}]}
)",
                        "small.yaml")
      .value();
}

inline net::Prefix prefix(std::string_view text) {
  return net::Prefix::parse(text).value();
}
inline net::IpAddress address(std::string_view text) {
  return net::IpAddress::parse(text).value();
}

inline bgp::AsPath path(const std::vector<std::uint32_t>& asns) {
  bgp::AsPathSegment segment;
  for (const std::uint32_t asn : asns) segment.asns.push_back(net::Asn{asn});
  return {.segments = {segment}};
}

// An UPDATE that announces one prefix.
inline bgp::UpdateMessage announcement(std::string_view prefix_text, std::string_view next_hop,
                                       bgp::PathAttributes attributes) {
  bgp::UpdateMessage update;
  const net::Prefix announced = prefix(prefix_text);
  update.announced = {
      {.family = announced.family(), .next_hop = address(next_hop), .prefixes = {announced}}};
  update.attributes = std::make_shared<const bgp::PathAttributes>(std::move(attributes));
  return update;
}

inline bgp::UpdateMessage withdrawal(std::string_view prefix_text) {
  bgp::UpdateMessage update;
  update.withdrawn = {prefix(prefix_text)};
  return update;
}

}  // namespace fabrix::routeserver
