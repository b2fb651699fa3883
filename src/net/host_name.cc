#include "net/host_name.h"

#include <algorithm>

namespace fabrix::net {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' || c == '_' ||
         c == '.';
}

}  // namespace

bool is_host_name(std::string_view text) {
  constexpr std::size_t kLongest = 253;
  const bool has_empty =
      text.empty() || text.front() == '.' || text.find("..") != std::string_view::npos;
  if (has_empty || text.size() > kLongest || !std::ranges::all_of(text, is_of_name)) return false;
  if (text.ends_with('.')) text.remove_suffix(1);
  const std::string_view last = text.substr(text.rfind('.') + 1);
  return !std::ranges::all_of(last, is_digit);
}

}  // namespace fabrix::net
