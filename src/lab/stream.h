// Stream: numbered datagrams of several UDP flows from one router to an address of another, while
// something happens to the network; and what became of them.
//
// Flows differ in their source address, where the sender has several, and port, so that a fabric
// with several ways to the receiver shares them out. A flow's outage is the time between the
// sending of two of its datagrams that arrived, when some between them did not: neither a sender
// nor a receiver that the machine keeps waiting makes one. Blocks until the flows are through it,
// at most kLimit.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "lab/traffic.h"
#include "net/ip_address.h"

namespace fabrix::lab {

inline constexpr std::size_t kFlows = 8;
inline constexpr std::chrono::milliseconds kStreamInterval{2};  // of each flow
inline constexpr std::chrono::seconds kStreamLimit{30};

struct Course {
  Place from;
  std::vector<net::IpAddress> sources;  // used in turn; at least one
  Place to;
  net::IpAddress destination;
  std::uint16_t port = 0;
};

struct StreamResult {
  std::size_t sent = 0;  // from each flow's first that arrived to its last
  std::size_t lost = 0;
  std::size_t flows_hit = 0;  // that have lost some
  std::size_t out_of_order = 0;
  std::chrono::microseconds longest_outage{0};
};

// `happens` is called, on another thread, once all flows have arrived for a while; they go on until
// all have arrived for a while again. Fails if they do not, or `happens` fails.
Result<StreamResult> send_stream(const Course& course,
                                 const std::function<Result<void>()>& happens);

}  // namespace fabrix::lab
