// Abuse: raw frames out of one router's interface, and which of them come out anywhere else.
//
// Each frame is marked at its end, behind all that its headers speak of, so that it is known again
// whatever became of its headers. Everybody else's interface is watched, for all MACs. A frame that
// everybody may get has to come out at each of them first, so that nothing is lost on its way into
// the fabric, and again after all others, which is the end: what is forwarded keeps its order.
// Needs CAP_NET_RAW. Blocks for at most kAbuseLimit each time.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/packet_socket.h"
#include "lab/traffic.h"

namespace fabrix::lab {

inline constexpr std::chrono::seconds kAbuseLimit{5};

struct Abuse {
  Place from;
  std::string interface;                         // everybody's
  io::Queueing queueing = io::Queueing::kUsual;  // of the frames: bypassed, they are as they are
  std::vector<std::vector<std::byte>> frames;
  std::size_t times = 1;  // that each is sent
  struct Watched {
    Place place;
    std::vector<std::byte> harmless;  // a frame that comes out there
  };
  std::vector<Watched> others;
};

struct AbuseResult {
  struct Leak {
    std::size_t frame = 0;  // of Abuse::frames
    std::string at;
    std::size_t times = 0;

    friend bool operator==(const Leak&, const Leak&) = default;
  };
  std::size_t sent = 0;
  std::vector<Leak> leaks;  // by frame, then as in Abuse::others
};

// Fails if a socket cannot be made, or somebody gets not even what is harmless.
Result<AbuseResult> send_abuse(const Abuse& abuse);

}  // namespace fabrix::lab
