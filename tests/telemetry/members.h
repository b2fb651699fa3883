// An exchange for tests: A, B and C on 192.0.2.0/24 at ports 1, 2 and 3, with the routes that a
// route server could have of them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "telemetry/members.h"
#include "telemetry/route_set.h"
#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {

inline constexpr MemberId kA{0};
inline constexpr MemberId kB{1};
inline constexpr MemberId kC{2};

inline net::MacAddress mac_of(MemberId member) {
  return net::MacAddress({8, 0, 0, 0, 0, static_cast<std::uint8_t>(member.value + 1)});
}
inline const net::MacAddress kRouteServerMac({0xc2, 0, 0, 0, 0x0f, 0xfe});
inline const net::MacAddress kStrangerMac({8, 0, 0, 0, 0, 0x99});

inline net::Prefix prefix_of(std::string_view text) {
  return net::Prefix::parse(text).value();
}
inline net::IpAddress address_of(std::string_view text) {
  return net::IpAddress::parse(text).value();
}

inline Exchange three_members() {
  Exchange exchange{.members = {},
                    .route_server = kRouteServerMac,
                    .peering_lan = {prefix_of("192.0.2.0/24")},
                    .agent = net::IpAddress::v4({192, 0, 2, 254})};
  for (const auto& [name, member] : {std::pair("A", kA), std::pair("B", kB), std::pair("C", kC)}) {
    const auto last = static_cast<std::uint8_t>(member.value + 1);
    exchange.members.push_back({.name = name,
                                .as = 65001U + member.value,
                                .macs = {mac_of(member)},
                                .addresses = {net::IpAddress::v4({192, 0, 2, last})},
                                .ports = {last}});
  }
  return exchange;
}

inline RouteInfoPtr route_by(std::uint32_t as) {
  return std::make_shared<const RouteInfo>(
      RouteInfo{.as_path = std::to_string(as), .neighbor_as = as, .origin_as = as});
}

// The route of each AS goes to these members; the first is the best.
inline RouteSetPtr set_of(
    const std::vector<std::pair<std::uint32_t, std::vector<MemberId>>>& offers,
    std::vector<MemberId> announcers) {
  RouteSet set{.best = {}, .offers = {}, .announcers = std::move(announcers)};
  for (const auto& [as, members] : offers) {
    Audience audience;
    for (const MemberId member : members) audience.insert(member);
    set.offers.push_back({route_by(as), std::make_shared<const Audience>(std::move(audience))});
  }
  set.best = set.offers.empty() ? route_by(0) : set.offers.front().route;
  return std::make_shared<const RouteSet>(std::move(set));
}

// A frame with what net::parse_packet() reads: "tcp 192.0.2.1:1 -> 192.0.2.2:80".
inline Octets frame_between(const net::MacAddress& from, const net::MacAddress& to,
                            std::string_view packet) {
  net::Packet parsed = net::parse_packet(packet).value();
  parsed.src_mac = from;
  parsed.dst_mac = to;
  return net::build_frame(parsed, {});
}

}  // namespace fabrix::telemetry
