// Samples of the frames that come into a fabric: about one of every so many, at random, as it came,
// and what became of it.
//
//   sFlow version 5 §3.1 (packet flow sampling): the frames between two samples of a port are a
//   random number whose mean is the rate; §5.3: sampling rate, sample pool, drops
//
// A train of segments, which a fabric on one machine may carry as one frame, counts as the frames
// that it would be on a wire, and may be several samples at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>

#include "net/ids.h"

namespace fabrix::fabric {

// By port of entry; of a port that is not there no frame is sampled.
using SamplingRates = std::map<net::PortNo, std::uint32_t>;
inline constexpr std::uint32_t kMaxSamplingRate = 1U << 24U;
inline constexpr std::size_t kSampledOctets = 128;

struct Sample {
  enum class Fate : std::uint8_t { kForwarded, kCopied, kToController, kDiscarded };

  net::PortNo port{};  // by which it came in
  Fate fate = Fate::kDiscarded;
  net::PortNo egress{};            // if it was forwarded
  std::uint32_t frames = 0;        // that left
  std::uint32_t rate = 0;          // one of so many
  std::uint32_t times = 1;         // samples that this is
  std::uint32_t frame_length = 0;  // octets on the wire, without the frame check sequence
  // The port's, since it has been sampled, modulo 2^32: frames, and samples that got lost.
  std::uint32_t pool = 0;
  std::uint32_t drops = 0;
  std::span<const std::byte> header{};  // the first octets as they came; during the call only
};

}  // namespace fabrix::fabric
