// LinkNames: the interfaces' names by number, for reading lists that hold numbers.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "io/links.h"
#include "io/netlink_socket.h"

namespace fabrix::io {

using LinkNames = std::unordered_map<std::uint32_t, std::string>;

inline Result<LinkNames> link_names(NetlinkSocket& netlink) {
  FABRIX_TRY(const auto links, list_links(netlink));
  LinkNames names;
  for (const Link& link : links) names.emplace(link.index, link.name);
  return names;
}

// Empty if there is none (any more).
inline std::string name_of(const LinkNames& names, std::uint32_t index) {
  const auto found = names.find(index);
  return found == names.end() ? std::string() : found->second;
}

}  // namespace fabrix::io
