#include "io/link_statistics.h"

#include <algorithm>
#include <cstring>

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "io/file_descriptor.h"
#include "io/link_message.h"

namespace fabrix::io {
namespace {

// Kernels differ in how much of the structure they have.
void read_counts(const NetlinkAttribute& attribute, LinkStatistics& link) {
  rtnl_link_stats64 counts{};
  std::memcpy(&counts, attribute.value.data(), std::min(sizeof(counts), attribute.value.size()));
  link.in = {.octets = counts.rx_bytes,
             .packets = counts.rx_packets,
             .errors = counts.rx_errors,
             .dropped = counts.rx_dropped};
  link.out = {.octets = counts.tx_bytes,
              .packets = counts.tx_packets,
              .errors = counts.tx_errors,
              .dropped = counts.tx_dropped};
  link.in_multicast = counts.multicast;
}

}  // namespace

Result<std::vector<LinkStatistics>> list_link_statistics(NetlinkSocket& netlink) {
  NetlinkWriter message(RTM_GETLINK);
  message.fixed(ifinfomsg{});
  FABRIX_TRY(const auto answer, netlink.dump(std::move(message), "list links"));
  std::vector<LinkStatistics> links;
  for (const NetlinkMessage& part : answer) {
    auto link = read_link(part);
    const auto fixed = part.fixed<ifinfomsg>();
    if (!link || !fixed) continue;
    LinkStatistics& read = links.emplace_back();
    read.link = *std::move(link);
    read.type = fixed->ifi_type;
    read.is_promiscuous = (fixed->ifi_flags & IFF_PROMISC) != 0;
    read.is_loopback = (fixed->ifi_flags & IFF_LOOPBACK) != 0;
    for (const NetlinkAttribute& attribute : part.attributes(sizeof(ifinfomsg))) {
      if (attribute.type == IFLA_STATS64) read_counts(attribute, read);
    }
  }
  return links;
}

LinkSpeed link_speed(const std::string& name) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ethtool_cmd command{};
  command.cmd = ETHTOOL_GSET;
  ifreq request{};
  if (!socket.valid() || name.size() >= sizeof(request.ifr_name)) return {};
  std::ranges::copy(name, &request.ifr_name[0]);
  request.ifr_data = reinterpret_cast<char*>(&command);
  if (ioctl(socket.get(), SIOCETHTOOL, &request) != 0) return {};
  constexpr std::uint32_t kUnknown = 0xffffffff;
  constexpr std::uint64_t kMega = 1'000'000;
  const std::uint32_t megabits = ethtool_cmd_speed(&command);
  using Duplex = LinkSpeed::Duplex;
  return {.bits_a_second = megabits == kUnknown ? 0 : megabits * kMega,
          .duplex = command.duplex == DUPLEX_FULL   ? Duplex::kFull
                    : command.duplex == DUPLEX_HALF ? Duplex::kHalf
                                                    : Duplex::kUnknown};
}

}  // namespace fabrix::io
