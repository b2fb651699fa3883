#include "telemetry/route_part.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <span>

namespace fabrix::telemetry {

template <typename Position>
void RouteRuns<Position>::set(const std::vector<Position>& begins,
                              const std::vector<RouteId>& ids) {
  // NOLINTNEXTLINE(modernize-avoid-c-arrays): as long as the part is
  octets_ = std::make_unique<std::byte[]>(ids_at(begins.size()) + ids.size() * sizeof(RouteId));
  count_ = static_cast<std::uint32_t>(begins.size());
  std::memcpy(octets_.get(), begins.data(), begins.size() * sizeof(Position));
  std::memcpy(octets_.get() + ids_at(count_), ids.data(), ids.size() * sizeof(RouteId));
}

// Of most parts these are all beginnings that there are.
template <typename Position>
const RouteId* RouteRuns<Position>::fetch(Position /*position*/) const {
  constexpr std::size_t kLines = 8;
  const std::size_t octets = count_ * sizeof(Position);
  const std::byte* const first = octets_.get();
  if (octets > kCacheLine * kLines) {
    __builtin_prefetch(first + octets / 2);
    return nullptr;
  }
  for (std::size_t at = 0; at < octets; at += kCacheLine) __builtin_prefetch(first + at);
  return nullptr;
}

void RouteBlocks::clear(std::pmr::memory_resource& memory) {
  if (ids_ != nullptr) memory.deallocate(ids_, count_ * sizeof(RouteId), kCacheLine);
  *this = {};
}

void RouteBlocks::set(const std::vector<Position>& begins, const std::vector<RouteId>& ids,
                      std::pmr::memory_resource& memory) {
  clear(memory);
  if (!std::ranges::all_of(begins, [](Position begin) { return (begin & 0xffU) == 0; })) {
    return runs_.set(begins, ids);
  }
  for (const Position begin : begins) {
    const unsigned block = begin >> 8U;
    begins_[block / kWordBits] |= std::uint64_t{1} << (block % kWordBits);
  }
  for (std::size_t word = 1; word < begins_.size(); ++word) {
    before_[word] = static_cast<std::uint8_t>(before_[word - 1] + std::popcount(begins_[word - 1]));
  }
  count_ = static_cast<std::uint32_t>(ids.size());
  ids_ = static_cast<RouteId*>(memory.allocate(count_ * sizeof(RouteId), kCacheLine));
  std::ranges::uninitialized_copy(ids, std::span(ids_, count_));
}

template class RouteRuns<std::uint16_t>;
template class RouteRuns<std::uint64_t>;

}  // namespace fabrix::telemetry
