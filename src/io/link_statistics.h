// What the kernel has counted at the interfaces of a network namespace, and how fast they are.
//
//   rtnetlink(7), linux/if_link.h: rtnl_link_stats64; linux/ethtool.h: ETHTOOL_GSET
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/links.h"
#include "io/netlink_socket.h"

namespace fabrix::io {

struct LinkCounts {
  std::uint64_t octets = 0;
  std::uint64_t packets = 0;
  std::uint64_t errors = 0;
  std::uint64_t dropped = 0;

  friend bool operator==(const LinkCounts&, const LinkCounts&) = default;
};

struct LinkStatistics {
  Link link;
  std::uint16_t type = 0;  // ARPHRD_*: what frames look like
  bool is_promiscuous = false;
  bool is_loopback = false;
  LinkCounts in;
  LinkCounts out;
  std::uint64_t in_multicast = 0;  // packets, of all that came in
};
Result<std::vector<LinkStatistics>> list_link_statistics(NetlinkSocket& netlink);

struct LinkSpeed {
  enum class Duplex : std::uint8_t { kUnknown, kFull, kHalf };

  std::uint64_t bits_a_second = 0;  // 0: not known
  Duplex duplex = Duplex::kUnknown;
};
// Of an interface in the calling thread's namespace. One that does not say is not known.
LinkSpeed link_speed(const std::string& name);

}  // namespace fabrix::io
