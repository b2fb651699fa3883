#include "interchange/unique_names.h"

#include <algorithm>

namespace fabrix::interchange {
namespace {

constexpr std::size_t kLongest = 32;  // exchange/config_value.h

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_name_octet(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

// Empty if there is nothing to make a name of.
std::string name_like(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (is_name_octet(c)) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  if (name.empty() || is_letter(name.front())) return name;
  return "N" + name;
}

}  // namespace

std::string UniqueNames::make(std::string_view wanted, std::string_view otherwise) {
  std::string base = name_like(wanted);
  if (base.empty()) base = otherwise;
  base.resize(std::min(base.size(), kLongest));
  std::string name = base;
  std::size_t& last = last_numbers_.try_emplace(base, 1).first->second;
  while (!taken_.insert(name).second) {
    const std::string suffix = "-" + std::to_string(++last);
    name = base.substr(0, kLongest - suffix.size()) + suffix;
  }
  return name;
}

}  // namespace fabrix::interchange
