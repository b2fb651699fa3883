// PrefixGroups: which group of routes each prefix belongs to (route_groups.h): one small map for
// the whole exchange, whatever the number of senders. 16 octets for an IPv4 prefix and 24 for an
// IPv6 prefix, at a load of half to seven eighths.
//
// Not thread-safe. Bounded by the prefixes of the route server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/strong_id.h"
#include "net/prefix.h"

namespace fabrix::compiler {

// Prefixes that have equal routes for every client.
using GroupId = StrongId<struct GroupTag, std::uint32_t>;

class PrefixGroups {
 public:
  std::optional<GroupId> find(const net::Prefix& prefix) const;
  // Puts the prefix into the group, or into none, and returns where it was.
  std::optional<GroupId> assign(const net::Prefix& prefix, std::optional<GroupId> group);

  std::size_t size() const { return ipv4_.size() + ipv6_.size(); }
  void clear();

 private:
  struct Hash4 {
    using is_avalanching = void;
    std::size_t operator()(std::uint64_t key) const noexcept;
  };
  struct Hash6 {
    using is_avalanching = void;
    std::size_t operator()(const net::Prefix& prefix) const noexcept;
  };

  boost::unordered_flat_map<std::uint64_t, GroupId, Hash4> ipv4_;
  boost::unordered_flat_map<net::Prefix, GroupId, Hash6> ipv6_;
};

}  // namespace fabrix::compiler
