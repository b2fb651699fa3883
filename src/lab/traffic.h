// Traffic: real bytes from one router to an address that one or more routers have, and which of
// them got them.
//
// Every owner of the destination listens in its own network namespace, all served by one loop of
// the calling thread; the sender is bound to its source address in its namespace. TCP sends
// kTcpBytes and a token, UDP a token in every datagram until one arrives. Blocks for at most the
// time limit, and then some milliseconds.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/packet.h"

namespace fabrix::lab {

inline constexpr std::size_t kTcpBytes = std::size_t{64} << 10U;

struct Place {
  std::string router;
  std::string network_namespace;
};

struct Shipment {
  Place from;
  net::Packet packet;  // TCP or UDP; source port 40000, the default of parse_packet(), is any
  std::vector<Place> owners;  // of packet.dst_ip
  std::chrono::milliseconds limit{1500};
};

struct Arrival {
  std::optional<std::string> router;  // none: nowhere
  std::size_t bytes = 0;
  std::string remark;  // why nowhere, as far as the sender's kernel knows; may be empty
};

// Fails if a socket cannot be made, not if the traffic does not arrive.
Result<Arrival> send(const Shipment& shipment);

}  // namespace fabrix::lab
