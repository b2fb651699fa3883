// Reading the texts of /proc, /sys and cgroups: lines of words.
//
// Pure; any text; views of the caller's, which must outlive them.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fabrix::host {

// Takes from the text its first line, without its end.
inline std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

// Takes from the text its first word; empty: there is none.
inline std::string_view take_word(std::string_view& text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  text.remove_prefix(begin == std::string_view::npos ? text.size() : begin);
  const std::string_view word = text.substr(0, text.find_first_of(kSpace));
  text.remove_prefix(word.size());
  return word;
}

// What a word begins with; 0: no number. Numbers below 0 wrap, as counters of MIBs do.
inline std::uint64_t number_of(std::string_view word) {
  std::int64_t below = 0;
  std::uint64_t value = 0;
  const char* const end = word.data() + word.size();
  if (word.starts_with('-')) {
    std::from_chars(word.data(), end, below);
    return static_cast<std::uint64_t>(below);
  }
  std::from_chars(word.data(), end, value);
  return value;
}
inline std::uint64_t take_number(std::string_view& text) {
  return number_of(take_word(text));
}

// The rest of the first line that begins with this word; none: there is no such line.
inline std::optional<std::string_view> line_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (take_word(line) == key) return line;
  }
  return std::nullopt;
}
inline std::uint64_t value_of(std::string_view text, std::string_view key) {
  auto line = line_of(text, key);
  return line ? take_number(*line) : 0;
}

}  // namespace fabrix::host
