// Traffic to addresses, as an agent's samples, for tests of who watches where it goes.
#pragma once

#include <string_view>

#include "telemetry/engine.h"
#include "tests/telemetry/samples.h"

namespace fabrix::analyzer {

// Of one of 1,000 packets to this IPv4 address, by the agent 192.0.2.9.
inline sflow::Octets datagram_to(const net::IpAddress& destination) {
  using sflow::operator+;
  auto frame = sflow::ethernet(0x0800) + sflow::ipv4(17, 8) + sflow::Octets(8);
  const auto octets = std::as_bytes(destination.octets());
  std::ranges::copy(octets, frame.begin() + 30);  // Ethernet's 14 octets, and 16 of IPv4
  return telemetry::Sampled(frame).datagram();
}

inline void send_to(telemetry::Engine& engine, std::string_view destination, telemetry::Time now) {
  engine.receive(datagram_to(net::IpAddress::parse(destination).value()),
                 net::IpAddress::v4({192, 0, 2, 9}), now);
}

// A route of the router 192.0.2.100; to 0.0.0.0: it is gone.
inline void set_route(telemetry::Engine& engine, std::string_view prefix,
                      std::string_view next_hop) {
  const auto hop = net::IpAddress::parse(next_hop).value();
  const bool is_gone = hop == net::IpAddress::unspecified(net::Family::kIpv4);
  const telemetry::RouteInfo route{.next_hop = hop};
  engine.routers().set_route(
      net::IpAddress::v4({192, 0, 2, 100}), net::Prefix::parse(prefix).value(),
      is_gone ? nullptr : std::make_shared<const telemetry::RouteInfo>(route));
}

// The router, whose routes the agent's samples are joined with.
inline void add_router(telemetry::Engine& engine) {
  const auto router = net::IpAddress::v4({192, 0, 2, 100});
  engine.routers().add_router(router, {});
  engine.routers().bind(net::IpAddress::v4({192, 0, 2, 9}), router);
}

}  // namespace fabrix::analyzer
