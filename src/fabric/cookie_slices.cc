#include "fabric/cookie_slices.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <utility>

namespace fabrix::fabric {
namespace {

constexpr unsigned kBits = 64;
constexpr std::size_t kRowsLookedAt = 4096;

struct Slice {
  openflow::FlowStatsRequest request;
  std::vector<std::uint64_t> cookies;
};

// Which about half of the cookies have; none: they are the same.
std::optional<std::uint64_t> most_even_bit(const std::vector<std::uint64_t>& cookies) {
  std::array<std::size_t, kBits> ones{};
  for (const std::uint64_t cookie : cookies) {
    for (std::uint64_t rest = cookie; rest != 0; rest &= rest - 1) {
      ++ones.at(static_cast<std::size_t>(std::countr_zero(rest)));
    }
  }
  const auto smaller_part = [&](std::size_t count) {
    return std::min(count, cookies.size() - count);
  };
  const auto* const best = std::ranges::max_element(ones, {}, smaller_part);
  if (smaller_part(*best) == 0) return std::nullopt;
  return std::uint64_t{1} << static_cast<unsigned>(best - ones.begin());
}

}  // namespace

std::vector<openflow::FlowStatsRequest> cookie_slices(std::vector<std::uint64_t> cookies,
                                                      std::size_t most) {
  std::vector<openflow::FlowStatsRequest> requests;
  std::vector<Slice> waiting;
  waiting.push_back({.request = {}, .cookies = std::move(cookies)});
  while (!waiting.empty()) {
    Slice slice = std::move(waiting.back());
    waiting.pop_back();
    const bool fits = slice.cookies.size() <= most;
    const auto bit = fits ? std::nullopt : most_even_bit(slice.cookies);
    if (!bit) {
      requests.push_back(std::move(slice.request));
      continue;
    }
    // clang 14 cannot read the library's std::ranges::partition().
    const auto middle = std::partition(slice.cookies.begin(), slice.cookies.end(),
                                       [&](auto cookie) { return (cookie & *bit) == 0; });
    Slice with{.request = slice.request, .cookies = {middle, slice.cookies.end()}};
    slice.cookies.erase(middle, slice.cookies.end());
    slice.request.cookie_mask |= *bit;
    with.request = slice.request;
    with.request.cookie |= *bit;
    waiting.push_back(std::move(with));
    waiting.push_back(std::move(slice));
  }
  return requests;
}

std::vector<openflow::FlowStatsRequest> slices_for(const program::Program& program,
                                                   std::size_t flows) {
  if (flows <= kFlowsOfASlice) return {openflow::FlowStatsRequest{}};
  const std::size_t every = program.row_count() / kRowsLookedAt + 1;
  std::vector<std::uint64_t> cookies;
  std::size_t number = 0;
  for (const program::Rows& rows : program.tables) {
    for (const program::Row& row : rows) {
      if (number++ % every == 0) cookies.push_back(row.origin.cookie());
    }
  }
  // So many of these cookies stand for a slice's flow entries.
  const std::size_t most = std::max<std::size_t>(cookies.size() * kFlowsOfASlice / flows, 1);
  return cookie_slices(std::move(cookies), most);
}

}  // namespace fabrix::fabric
