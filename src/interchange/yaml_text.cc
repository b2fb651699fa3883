#include "interchange/yaml_text.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

namespace fabrix::interchange {
namespace {

using exchange::Setting;

bool is_control(char c) {
  return (c >= 0 && c < 0x20) || c == 0x7f;
}

struct Group {
  std::string key;
  std::string value;             // if there are no members
  std::vector<Setting> members;  // what comes after "key."
};

// By the first part of the keys, in the order in which they first occur.
std::vector<Group> grouped(std::span<const Setting> settings) {
  std::vector<Group> groups;
  for (const Setting& one : settings) {
    const std::size_t dot = one.key.find('.');
    const std::string key = one.key.substr(0, dot);
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const Group& other) { return other.key == key; });
    if (group == groups.end()) group = groups.insert(groups.end(), {key, "", {}});
    if (dot == std::string::npos) {
      group->value = one.value;
    } else {
      group->members.push_back({one.key.substr(dot + 1), one.value});
    }
  }
  return groups;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (is_control(c)) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
      continue;
    }
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string comment(std::string_view text) {
  std::string line = "# ";
  for (const char c : text) line += is_control(c) ? ' ' : c;
  return line + "\n";
}

std::string flow_list(std::span<const std::string> values) {
  return fmt::format("[{}]", fmt::join(values, ", "));
}

// Recursion: a level for each part of a key.
// NOLINTNEXTLINE(misc-no-recursion)
std::string flow_map(std::span<const Setting> settings) {
  std::string text;
  for (const Group& group : grouped(settings)) {
    text += text.empty() ? "" : ", ";
    text += group.key + ": ";
    text += group.members.empty() ? group.value : flow_map(group.members);
  }
  return "{" + text + "}";
}

}  // namespace fabrix::interchange
