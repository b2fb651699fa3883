// FirstTables: what sessions announce when they are new, while they go on and on, may wait a
// moment: the best route of a prefix that several of them announce is then told once, and not each
// that is the best so far. FRR's `bgp update-delay` does the like for the whole router; here
// changes of sessions that have been up for longer never wait.
//
// A session's first table ends with its End-of-RIB (RFC 4724 §2), when it comes no faster than
// changes do, with a pause of all, or after a while. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "bgp/update_message.h"
#include "routeserver/peer.h"

namespace fabrix::controller {

class FirstTables {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds kPause{20};                // of all of them
  static constexpr std::chrono::milliseconds kWaitAtMost{1'000};        // of a change
  static constexpr std::chrono::seconds kTableAtMost{10};               // of a session
  static constexpr std::size_t kWaitingAtMost = std::size_t{1} << 19U;  // prefixes

  // Of fewer UPDATEs in so much time, once the first has come, a table does not consist.
  static constexpr std::size_t kFlow = 16;
  static constexpr std::chrono::milliseconds kWindow{100};

  void begin(routeserver::PeerId peer, Time now);
  void end(routeserver::PeerId peer);

  // Whether what this update of the peer changes may wait.
  bool may_wait(routeserver::PeerId peer, const bgp::UpdateMessage& update, Time now);

  // `waiting` changes do. When they are to be released; none: nothing waits.
  std::optional<Time> due(std::size_t waiting) const;
  // They were.
  void released(Time now);

 private:
  struct Table {
    routeserver::PeerId peer;
    Time began;
    std::optional<Time> window;  // when it began; none: nothing has come
    std::size_t updates = 0;     // in it
  };

  static bool is_over(Table& table, Time now);

  std::vector<Table> tables_;
  Time since_;  // the first of what waits came
  Time last_;   // so did the last
  bool waits_ = false;
};

}  // namespace fabrix::controller
