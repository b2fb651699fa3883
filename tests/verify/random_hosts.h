// Conditions on few hosts of both families, and packets of these, at random.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "net/field.h"
#include "net/packet.h"
#include "tests/verify/hosts.h"

namespace fabrix::verify {

class RandomHosts {
 public:
  explicit RandomHosts(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }

  // NOLINTNEXTLINE(misc-no-recursion): as deep as it is told.
  policy::PredicatePtr condition(int depth) {
    namespace c = compiler;
    const std::size_t kind = depth == 0 ? below(5) : below(9);
    const std::uint64_t network = below(4);
    const std::uint64_t host = below(4);
    if (kind < 2) {
      return c::all_of({c::ether_type(net::kEthTypeIpv6),
                        c::test(net::Field::kSrcIp6High, {{network, network}}),
                        c::test(net::Field::kSrcIp6Low, {{host, host + below(2)}})});
    }
    if (kind == 2) {
      return c::all_of({c::ether_type(net::kEthTypeIpv6),
                        c::test(net::Field::kSrcIp6High, {{network, network + below(2)}})});
    }
    if (kind == 3) return from_any({{host, host + below(2)}});
    if (kind == 4) {
      return below(4) == 0 ? c::dst_port(80) : c::test(net::Field::kSrcIp6Low, {{host, host}});
    }
    if (kind == 5) return c::not_of(condition(depth - 1));
    const std::vector<policy::PredicatePtr> both{condition(depth - 1), condition(depth - 1)};
    if (kind == 6) return c::all_of(both);
    if (kind == 7) return c::any_of(both);
    return c::all_of({c::test(net::Field::kSrcIp6High, {{network, network}}), both.front()});
  }

  net::Packet packet() {
    net::Packet packet;
    const bool is_ip6 = below(3) > 0;
    net::set_value(packet, net::Field::kEthType, is_ip6 ? net::kEthTypeIpv6 : net::kEthTypeIpv4);
    if (is_ip6) {
      net::set_value(packet, net::Field::kSrcIp6High, below(6));
      net::set_value(packet, net::Field::kSrcIp6Low, below(6));
    } else {
      net::set_value(packet, net::Field::kSrcIp4, below(6));
    }
    packet.protocol = net::kProtocolTcp;
    packet.dst_port = static_cast<std::uint16_t>(80 + below(2));
    return packet;
  }

 private:
  std::mt19937 random_;
};

}  // namespace fabrix::verify
