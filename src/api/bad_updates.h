// BadUpdates: the last UPDATEs of each neighbour with something wrong in them, whole, for
// `fabrix show bad`; and a line in the log for each.
//
// Bounds for each neighbour: kMostEntries messages and kMostOctets of them, of which the oldest go
// first; kLinesPerSecond lines, of which the next one says how many were left out. A neighbour
// whose id goes to another address is forgotten. Control thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "bgp/bad_update.h"
#include "controller/controller.h"
#include "net/ip_address.h"

namespace fabrix::api {

class BadUpdates {
 public:
  static constexpr std::size_t kMostEntries = 32;
  static constexpr std::size_t kMostOctets = std::size_t{64} << 10U;  // one message always fits
  static constexpr unsigned kLinesPerSecond = 10;

  struct Entry {
    std::chrono::system_clock::time_point time;
    bgp::BadUpdate update;
  };
  struct Record {
    net::IpAddress from = net::IpAddress::unspecified(net::Family::kIpv4);
    std::array<std::uint64_t, 3> counts{};  // by bgp::BadUpdateReaction, since the start
    std::deque<Entry> kept;                 // the oldest first
    std::size_t octets = 0;                 // of their messages

    std::uint64_t count() const { return counts[0] + counts[1] + counts[2]; }
  };

  // The controller must outlive it.
  explicit BadUpdates(const controller::Controller& controller) : controller_(&controller) {}

  void note(routeserver::PeerId peer, const bgp::BadUpdate& update);

  // Null: there was none.
  const Record* of(routeserver::PeerId peer) const;

 private:
  // Lines in the log within the present second.
  struct Lines {
    std::chrono::steady_clock::time_point since;
    unsigned written = 0;
    std::uint64_t left_out = 0;
  };

  const net::IpAddress& address_of(routeserver::PeerId peer) const;
  void log(routeserver::PeerId peer, const bgp::BadUpdate& update);

  const controller::Controller* controller_;
  std::map<routeserver::PeerId, Record> records_;
  std::map<routeserver::PeerId, Lines> lines_;
};

// "ORIGIN (1): wrong length (RFC 7606 §7.1)", one after the other.
std::string describe(const std::vector<bgp::BadUpdate::Fault>& faults);

}  // namespace fabrix::api
