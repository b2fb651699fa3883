// NeighborResponder: answers ARP requests (RFC 826) and neighbour solicitations (RFC 4861) for
// virtual next hops. The answer depends on who asks: a virtual next hop means something for one
// sender only. And, if the exchange has an ARP sponge (AMS-IX's arpsponge), ARP requests for
// addresses of the peering LAN that nobody has, with a MAC for which the fabric drops all frames.
//
// Bounded: at most kAnswersPerSecond a port, with bursts of kBurst; what is beyond stays
// unanswered, and the router asks again. Clock comes in as a value.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "exchange/exchange.h"
#include "net/ids.h"
#include "program/program.h"

namespace fabrix::controller {

class NeighborResponder {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr double kAnswersPerSecond = 100;
  static constexpr double kBurst = 200;

  // The exchange must outlive the responder.
  explicit NeighborResponder(const exchange::Exchange& exchange);

  // The frame to send back out of `port`; none when the question is not ours to answer.
  std::optional<std::vector<std::byte>> answer(const program::Program& program, net::PortNo port,
                                               std::span<const std::byte> frame, TimePoint now);

 private:
  struct Bucket {
    double tokens = kBurst;
    TimePoint filled;
  };

  bool is_for_sponge(const net::IpAddress& address) const;
  bool may_answer(net::RouterId router, TimePoint now);

  const exchange::Exchange* exchange_;
  std::vector<Bucket> buckets_;  // by router
};

}  // namespace fabrix::controller
