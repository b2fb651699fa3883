#include "controller/backoff.h"

#include <algorithm>

namespace fabrix::controller {
namespace {

constexpr std::uint32_t kMostDoublings = 20;
constexpr std::int64_t kJitterSteps = 256;

// SplitMix64: a step of a sequence that looks random.
std::uint64_t scramble(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31U);
}

}  // namespace

std::chrono::milliseconds Backoff::next() {
  const auto doublings = std::min(failures_, kMostDoublings);
  failures_ = doublings + 1;
  const auto whole = std::min(bounds_.least * (std::int64_t{1} << doublings), bounds_.most);
  const auto step = static_cast<std::int64_t>(scramble(seed_) % (kJitterSteps + 1));
  return whole - whole * step / (kJitterSteps * 4);
}

}  // namespace fabrix::controller
