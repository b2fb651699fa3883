#include "telemetry/name_table.h"

#include <utility>

#include <fmt/format.h>

#include "base/number.h"
#include "net/prefix.h"

namespace fabrix::telemetry {
namespace {

// "10.0.0.0/8"; an address is a block of its own.
std::optional<net::Prefix> block_of(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = net::IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto length = slash == std::string_view::npos
                          ? net::width_of(address->family())
                          : parse_number<unsigned>(text.substr(slash + 1));
  if (!length) return std::nullopt;
  const auto block = net::Prefix::containing(*address, *length);
  return block ? std::optional(*block) : std::nullopt;
}

template <typename Tables>
Result<void> check_room(const Tables& tables, const std::string& table,
                        const NameTable::Lists& lists) {
  if (!tables.contains(table) && tables.size() == NameTable::kMaxTables) {
    return fail(Error{fmt::format("there are {} already, the most there may be", tables.size())});
  }
  std::size_t entries = 0;
  for (const auto& [name, items] : lists) entries += items.size();
  if (entries <= NameTable::kMaxEntries) return {};
  return fail(Error{
      fmt::format("{} entries, the most there may be are {}", entries, NameTable::kMaxEntries)});
}

}  // namespace

Result<void> NameTable::set_groups(const std::string& table, Lists lists) {
  if (auto room = check_room(groups_, table, lists); !room) return room;
  Groups groups{.lists = std::move(lists), .blocks = {}};
  for (const auto& [name, items] : groups.lists) {
    for (const std::string& item : items) {
      if (item.empty()) continue;  // the line after the last of a file
      const auto block = block_of(item);
      if (!block) return fail(Error{fmt::format("group {}: '{}' is no address block", name, item)});
      groups.blocks.insert(*block, &name);
    }
  }
  groups_.insert_or_assign(table, std::move(groups));
  return {};
}

Result<void> NameTable::set_map(const std::string& table, Lists lists) {
  if (auto room = check_room(maps_, table, lists); !room) return room;
  Map map{.lists = std::move(lists), .names = {}};
  for (const auto& [name, items] : map.lists) {
    for (const std::string& item : items) map.names.insert_or_assign(item, &name);
  }
  maps_.insert_or_assign(table, std::move(map));
  return {};
}

void NameTable::serve_groups(const std::string& table, GroupOf group_of) {
  served_.erase(table);
  if (group_of) served_.emplace(table, std::move(group_of));
}

const NameTable::Lists* NameTable::groups(const std::string& table) const {
  const auto found = groups_.find(table);
  return found == groups_.end() ? nullptr : &found->second.lists;
}

const NameTable::Lists* NameTable::map(const std::string& table) const {
  const auto found = maps_.find(table);
  return found == maps_.end() ? nullptr : &found->second.lists;
}

std::vector<std::string> NameTable::group_tables() const {
  std::vector<std::string> names;
  names.reserve(groups_.size());
  for (const auto& [name, groups] : groups_) names.push_back(name);
  return names;
}

std::optional<std::string_view> NameTable::group_of(const std::string& table,
                                                    const net::IpAddress& address) const {
  const auto served = served_.find(table);
  if (served != served_.end()) return served->second(address);
  const auto found = groups_.find(table);
  if (found == groups_.end()) return std::nullopt;
  const auto match = found->second.blocks.longest_match(address);
  return match ? std::optional<std::string_view>(**match->value) : std::nullopt;
}

std::optional<std::string_view> NameTable::name_of(const std::string& table,
                                                   const std::string& value) const {
  const auto found = maps_.find(table);
  if (found == maps_.end()) return std::nullopt;
  const auto name = found->second.names.find(value);
  if (name == found->second.names.end()) return std::nullopt;
  return std::string_view(*name->second);
}

}  // namespace fabrix::telemetry
