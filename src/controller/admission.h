// Admission: whether a peer's connections are welcome at present, and why not.
//
// Two things bar them: an operator who switched the session off, and a prefix limit that was passed
// (for a time, or until an operator clears it). A peer that opens connections faster than they can
// be told farewell is not answered at all for a moment, so that what one peer can make the server
// hold is bounded. Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fabrix::controller {

enum class Bar : std::uint8_t { kNone, kDisabled, kPrefixLimit };

// For people: "none", "disabled", "prefix limit".
std::string_view to_string(Bar bar);

class Admission {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // Connections of one peer that are answered within kWindow; more are closed without a word.
  static constexpr std::size_t kMostInWindow = 8;
  static constexpr std::chrono::seconds kWindow{2};

  Bar bar(TimePoint now) const;
  // When it goes by itself; none: never, or there is none.
  std::optional<TimePoint> bar_ends() const;

  void disable() { disabled_ = true; }
  void enable() { disabled_ = false; }

  // The peer announced too much: it is barred until then; none: until clear().
  void pass_limit(std::optional<TimePoint> until);
  void clear() { over_limit_ = false; }

  // Whether one more connection is to be answered; it counts if so.
  bool answers_one_more(TimePoint now);

 private:
  bool disabled_ = false;
  bool over_limit_ = false;
  std::optional<TimePoint> limit_ends_;
  std::array<std::optional<TimePoint>, kMostInWindow> answered_;  // a ring
  std::size_t oldest_ = 0;
};

}  // namespace fabrix::controller
