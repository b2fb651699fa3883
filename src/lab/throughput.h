// Throughput: how much TCP carries between two routers of a lab.
#pragma once

#include <chrono>

#include "base/result.h"
#include "lab/traffic.h"
#include "net/ip_address.h"

namespace fabrix::lab {

// From one address to another, of one family.
struct Stretch {
  Place from;
  net::IpAddress source;
  Place to;
  net::IpAddress destination;
  std::chrono::milliseconds duration{3000};
};

// Bits a second of one connection, as counted by the receiver. Blocks for the duration, and until
// bytes flow: at most 8 s.
Result<double> measure_throughput(const Stretch& stretch);

}  // namespace fabrix::lab
