#include "analyzer/script_log.h"

#include <algorithm>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace fabrix::analyzer {

std::optional<std::string> ScriptLog::add(std::string_view level, std::string_view text,
                                          std::chrono::system_clock::time_point time,
                                          std::chrono::steady_clock::time_point now) {
  if (!allowance_.take(now)) {
    ++dropped_;
    return std::nullopt;
  }
  std::string line(text.substr(0, kMaxLine));
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  lines_.push_back(fmt::format("{:%Y-%m-%dT%H:%M:%S}+0000 {}: {}",
                               fmt::gmtime(std::chrono::system_clock::to_time_t(time)), level,
                               line));
  if (lines_.size() > kMaxLines) lines_.pop_front();
  return line;
}

std::string ScriptLog::text() const {
  std::string all;
  for (const std::string& line : lines_) all += line + "\n";
  return all;
}

}  // namespace fabrix::analyzer
