// Backoff: how long to wait before the next attempt: twice as long each time, within bounds, and
// shortened by up to a quarter (RFC 4271 §10), so that many who failed at once do not try at once.
//
// The jitter follows from the seed: two peers differ, two runs do not. Pure.
#pragma once

#include <chrono>
#include <cstdint>

namespace fabrix::controller {

class Backoff {
 public:
  struct Bounds {
    std::chrono::milliseconds least{1000};
    std::chrono::milliseconds most{120'000};
  };

  Backoff(std::uint64_t seed, const Bounds& bounds) : bounds_(bounds), seed_(seed) {}

  std::chrono::milliseconds next();

  // Things went well: the next failure is the first again.
  void reset() { failures_ = 0; }

 private:
  Bounds bounds_;
  std::uint64_t seed_;
  std::uint32_t failures_ = 0;
};

}  // namespace fabrix::controller
