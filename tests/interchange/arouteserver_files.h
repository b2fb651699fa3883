// Files shaped as those that ARouteServer comes with, for tests.
#pragma once

#include <string_view>

namespace fabrix::interchange {

inline constexpr std::string_view kGeneral = R"(cfg:
  rs_as: 64500
  router_id: "192.0.2.250"
  prepend_rs_as: False
  path_hiding: True
  passive: True
  gtsm: True
  multihop: 64
  add_path: False
  filtering:
    next_hop:
      policy: "same-as"
    ipv4_pref_len:
      min: 8
      max: 23
    ipv6_pref_len:
      min: 12
      max: 48
    global_black_list_pref:
      - prefix: "198.51.100.0"
        length: 24
        comment: "Local network"
      - prefix: "2001:db8:1::"
        length: 48
    max_as_path_len: 40
    reject_invalid_as_in_as_path: True
    transit_free:
      action: reject
      asns: "174, 1299, AS2914"
    never_via_route_servers:
      peering_db: True
      asns: [64496]
    irrdb:
      enforce_origin_in_as_set: True
      enforce_prefix_in_as_set: True
      allow_longer_prefixes: True
      use_arin_bulk_whois_data:
        enabled: True
    rpki_bgp_origin_validation:
      enabled: True
      reject_invalid: True
    max_prefix:
      action: restart
      restart_after: 30
      count_rejected_routes: False
      peering_db:
        enabled: True
      general_limit_ipv4: 170000
      general_limit_ipv6: 12000
    roles:
      enabled: True
      strict_mode: True
    reject_policy:
      policy: tag
  blackhole_filtering:
    policy_ipv4: rewrite-next-hop
    rewrite_next_hop_ipv4: "192.0.2.66"
    announce_to_client: True
  graceful_shutdown:
    enabled: True
    local_pref: 5
  rfc1997_wellknown_communities:
    policy: rfc1997
  communities:
    prefix_present_in_as_set:
      std: "64500:64501"
  rtt_thresholds: "5, 10"
)";

inline constexpr std::string_view kClients = R"(asns:
  AS3333:
    as_sets: ["RIPE::AS-RIPENCC"]
clients:
  - asn: 3333
    ip:
      - "192.0.2.11"
      - "2001:db8::11"
      - "192.0.2.12"
    description: "RIPE NCC: first"
    password: 'se"cret'
    cfg:
      gtsm: False
      filtering:
        irrdb:
          white_list_pref:
            - prefix: "203.0.113.0"
              length: 24
        ipv4_pref_len:
          min: 8
          max: 24
        black_list_pref:
          - "203.0.113.0/24"
        max_prefix:
          limit_ipv4: 1000
      attach_custom_communities: [example]
  - asn: "AS10745"
    ip: "192.0.2.21"
    cfg:
      passive: False
      filtering:
        irrdb:
          as_sets: ["AS-ARIN1", "AS-ARIN2"]
          enforce_prefix_in_as_set: False
)";

}  // namespace fabrix::interchange
