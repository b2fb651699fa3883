// RouteTexts: what flows are keyed by of a route, in two lines of memory, of which the first is
// enough for short texts: of a RouteInfo and its texts a sample would wait for four or five, in
// pages all over the memory.
//
// RouteTextsPool makes them, one for all routes of a table with the same RouteInfo, in large pages.
// Longer texts have none: who wants them asks the RouteInfo. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/arena.h"
#include "base/cache_line.h"
#include "net/ip_address.h"

namespace fabrix::telemetry {

struct RouteInfo;

struct alignas(kCacheLine) RouteTexts {
  static constexpr std::size_t kMost = 92;  // octets of both texts

  // As of the RouteInfo.
  std::optional<net::IpAddress> next_hop;
  std::uint8_t as_path_length = 0;
  std::uint8_t communities_length = 0;
  std::uint32_t neighbor_as = 0;
  std::uint32_t origin_as = 0;
  std::array<char, kMost> texts{};  // the AS path, and behind it the communities
  std::optional<std::uint32_t> local_pref;

  std::string_view as_path() const { return {texts.data(), as_path_length}; }
  std::string_view communities() const {
    return {texts.data() + as_path_length, communities_length};
  }

  // Whether its texts go on in the second line.
  bool is_long() const;
  // Asks the memory for it. GCC leaves out calls of what does no more than that.
  [[gnu::always_inline]] void fetch(bool is_long) const {
    __builtin_prefetch(this);
    if (!is_long) return;
    __builtin_prefetch(static_cast<const char*>(static_cast<const void*>(this)) + kCacheLine);
  }
};
static_assert(sizeof(RouteTexts) == 2 * kCacheLine);

inline bool RouteTexts::is_long() const {
  return offsetof(RouteTexts, texts) + as_path_length + communities_length > kCacheLine;
}

class RouteTextsPool {
 public:
  // The route, which is not changed, lives until it has been given back as often. Null: its texts
  // are too long.
  const RouteTexts* take(const RouteInfo& route);
  void give_back(const RouteInfo& route);

  // Routes that have been taken and not given back.
  std::size_t size() const { return kept_.size(); }

 private:
  struct Kept {
    RouteTexts* texts = nullptr;
    std::size_t users = 0;
  };

  std::unordered_map<const RouteInfo*, Kept> kept_;
  std::unique_ptr<Arena> memory_ = std::make_unique<Arena>();
};

}  // namespace fabrix::telemetry
