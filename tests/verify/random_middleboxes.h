// Middlebox ports for a random exchange, and what comes from them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "exchange/exchange.h"
#include "net/packet.h"
#include "policy/policy.h"

namespace fabrix::verify {

// None to three for each participant, behind all routers, on ports from 30. `below(n)`: a random
// number less than n.
template <typename Below>
std::vector<net::RouterId> add_middleboxes(exchange::Exchange& exchange, const Below& below) {
  constexpr std::uint32_t kFirstPort = 30;
  std::vector<net::RouterId> boxes;
  for (exchange::Participant& owner : exchange.participants) {
    for (std::uint64_t count = below(4); count > 0; --count) {
      exchange::Router box;
      box.id = net::RouterId{static_cast<std::uint16_t>(exchange.routers.size())};
      box.participant = owner.id;
      box.name = "box" + std::to_string(boxes.size() + 1);
      box.port = net::PortNo{kFirstPort + static_cast<std::uint32_t>(boxes.size())};
      box.middlebox = true;
      owner.routers.push_back(box.id);
      boxes.push_back(box.id);
      exchange.routers.push_back(std::move(box));
    }
  }
  return boxes;
}

// None of them, one, or a chain. All that is sent passes them in the order in which they are
// configured; what is received goes on from each to the one before.
template <typename Below>
std::vector<net::RouterId> chain_of(const std::vector<net::RouterId>& boxes,
                                    policy::Direction direction, const Below& below) {
  std::vector<net::RouterId> via;
  if (direction == policy::Direction::kInbound) {
    via = boxes;
    via.resize(1 + below(boxes.size()));
    std::ranges::reverse(via);
    return via;
  }
  for (const net::RouterId each : boxes) {
    if (below(3) != 0) via.push_back(each);
  }
  return via;
}

// A frame that enters at the middlebox port: what a router of the owner's sends, by a route and
// hence without destination MAC.
template <typename RandomWorld>
net::Packet returned_by_route(RandomWorld& random, net::RouterId middlebox) {
  const exchange::Router& box = random.exchange().router(middlebox);
  const auto own = random.exchange().routers_of(box.participant);
  net::Packet packet = random.routed_packet(own[random.below(own.size())]);
  packet.in_port = box.port;
  return packet;
}

// What others send to one, or what does not belong there.
template <typename RandomWorld>
net::Packet returned_frame(RandomWorld& random, net::RouterId middlebox) {
  const exchange::Router& box = random.exchange().router(middlebox);
  const auto own = random.exchange().routers_of(box.participant);
  const net::MacAddress mac = random.exchange().router(own[random.below(own.size())]).mac;
  net::Packet packet = random.lan_frame(random.any_router().id);
  packet.in_port = box.port;
  if (random.below(2) == 0) packet.dst_mac = mac;
  if (random.below(3) == 0) packet.src_mac = mac;
  return packet;
}

}  // namespace fabrix::verify
