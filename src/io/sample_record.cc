#include "io/sample_record.h"

#include <algorithm>
#include <numeric>

namespace fabrix::io {

std::size_t put_tag_back(std::span<const std::byte> header, std::uint32_t tag,
                         std::span<std::byte> to) {
  constexpr std::size_t kMacs = 12;
  constexpr std::size_t kTag = 4;
  const auto copy = [&](std::span<const std::byte> octets, std::size_t at) {
    const std::size_t count = at < to.size() ? std::min(octets.size(), to.size() - at) : 0;
    std::ranges::copy(octets.first(count), to.begin() + static_cast<std::ptrdiff_t>(at));
    return at + count;
  };
  if (tag == 0 || header.size() < kMacs || to.size() < kMacs + kTag) return copy(header, 0);
  copy(header.first(kMacs), 0);
  for (std::size_t i = 0; i < kTag; ++i) {
    to[kMacs + i] = static_cast<std::byte>(tag >> (24 - 8 * i) & 0xffU);
  }
  return copy(header.subspan(kMacs), kMacs + kTag);
}

std::uint32_t sum_of_cpus(const std::vector<std::uint64_t>& counts) {
  return static_cast<std::uint32_t>(
      std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) & 0xffffffffU);
}

}  // namespace fabrix::io
