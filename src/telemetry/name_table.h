// NameTable: what addresses and other values are called: sets of groups of address blocks, for the
// key function group:, and maps of values, for map:.
//
//   groups "sites":   {"lan": ["10.0.0.0/8", "2001:db8::/32"], "dmz": ["10.9.0.0/16"]}
//   map "member":     {"a1": ["0200000000A1"], "b": ["0200000000B1", "0200000000B2"]}
//
// In a set of groups the longest block that an address is in decides. Of a value that several names
// have, the last name in their order counts. Bounded: kMaxTables of each kind, kMaxEntries in each.
// Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "net/ip_address.h"
#include "net/prefix_map.h"

namespace fabrix::telemetry {

class NameTable {
 public:
  static constexpr std::size_t kMaxTables = 256;
  static constexpr std::size_t kMaxEntries = 1'000'000;

  // By name, what has it.
  using Lists = std::map<std::string, std::vector<std::string>>;

  // In place of what was there. Fails if an item is no block (bits after its length are ignored)
  // and no address, or there is too much.
  Result<void> set_groups(const std::string& table, Lists lists);
  Result<void> set_map(const std::string& table, Lists lists);

  // A set of groups that somebody else keeps, over what is set by that name; empty: no more. Its
  // names are good until they change.
  using GroupOf = std::function<std::optional<std::string_view>(const net::IpAddress&)>;
  void serve_groups(const std::string& table, GroupOf group_of);

  // Whether there was one.
  bool remove_groups(const std::string& table) { return groups_.erase(table) != 0; }
  bool remove_map(const std::string& table) { return maps_.erase(table) != 0; }

  // As written; null if there is none.
  const Lists* groups(const std::string& table) const;
  const Lists* map(const std::string& table) const;
  std::vector<std::string> group_tables() const;

  // The name of it; none if it has none. Good until the table changes.
  std::optional<std::string_view> group_of(const std::string& table,
                                           const net::IpAddress& address) const;
  std::optional<std::string_view> name_of(const std::string& table, const std::string& value) const;

 private:
  struct Groups {
    Lists lists;
    net::PrefixMap<const std::string*> blocks;  // names in `lists`
  };
  struct Map {
    Lists lists;
    std::unordered_map<std::string, const std::string*> names;  // in `lists`
  };

  std::map<std::string, Groups> groups_;
  std::map<std::string, Map> maps_;
  std::map<std::string, GroupOf> served_;
};

}  // namespace fabrix::telemetry
