// ScriptLog: the latest lines that one script has logged, in sFlow-RT's form, and how many were too
// many.
//
//   2016-09-17T22:19:16+0000 INFO: topflows.js started
//
// A line is one line: control characters become spaces, and it is cut at kMaxLine octets. Time is
// an input. Pure; one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "script/allowance.h"

namespace fabrix::analyzer {

class ScriptLog {
 public:
  static constexpr std::size_t kMaxLines = 500;
  static constexpr std::size_t kMaxLine = 1024;

  // What there is to tell others of it; none: there were too many lines of late.
  std::optional<std::string> add(std::string_view level, std::string_view text,
                                 std::chrono::system_clock::time_point time,
                                 std::chrono::steady_clock::time_point now);

  // All lines, each with its end.
  std::string text() const;

  std::uint64_t dropped() const { return dropped_; }

 private:
  std::deque<std::string> lines_;
  script::Allowance allowance_{50, kMaxLines};
  std::uint64_t dropped_ = 0;
};

}  // namespace fabrix::analyzer
