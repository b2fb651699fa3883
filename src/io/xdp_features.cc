#include "io/xdp_features.h"

#include <cstring>
#include <optional>
#include <utility>

#include <linux/genetlink.h>

namespace fabrix::io {
namespace {

// Of linux/netdev.h, from Linux 6.3 on.
constexpr std::uint8_t kDevGet = 1;         // NETDEV_CMD_DEV_GET
constexpr std::uint16_t kInterface = 1;     // NETDEV_A_DEV_IFINDEX
constexpr std::uint16_t kFeatures = 3;      // NETDEV_A_DEV_XDP_FEATURES
constexpr std::uint64_t kSends = 1U << 2U;  // NETDEV_XDP_ACT_NDO_XMIT
constexpr std::string_view kFamily = "netdev";

NetlinkWriter generic_message(std::uint16_t family, std::uint8_t command) {
  NetlinkWriter message(family);
  message.fixed(genlmsghdr{.cmd = command, .version = 1, .reserved = 0});
  return message;
}

Result<std::uint16_t> number_of_family(NetlinkSocket& netlink) {
  NetlinkWriter message = generic_message(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
  message.attribute(CTRL_ATTR_FAMILY_NAME, kFamily);
  FABRIX_TRY(const auto answer, netlink.query(std::move(message), "XDP features"));
  for (const NetlinkMessage& part : answer) {
    for (const NetlinkAttribute& each : part.attributes(sizeof(genlmsghdr))) {
      std::uint16_t number = 0;
      if (each.type != CTRL_ATTR_FAMILY_ID || each.value.size() < sizeof(number)) continue;
      std::memcpy(&number, each.value.data(), sizeof(number));
      return number;
    }
  }
  return fail(Error{"XDP features: the kernel does not say them"});
}

struct InterfaceFeatures {
  std::uint32_t interface = 0;
  std::uint64_t features = 0;
};

InterfaceFeatures read_features(const NetlinkMessage& part) {
  InterfaceFeatures read;
  for (const NetlinkAttribute& each : part.attributes(sizeof(genlmsghdr))) {
    if (each.type == kInterface) read.interface = each.u32();
    if (each.type == kFeatures && each.value.size() >= sizeof(read.features)) {
      std::memcpy(&read.features, each.value.data(), sizeof(read.features));
    }
  }
  return read;
}

}  // namespace

Result<std::set<std::uint32_t>> list_xdp_senders(NetlinkSocket& netlink) {
  FABRIX_TRY(const std::uint16_t family, number_of_family(netlink));
  FABRIX_TRY(const auto answer, netlink.dump(generic_message(family, kDevGet), "XDP features"));
  std::set<std::uint32_t> senders;
  for (const NetlinkMessage& part : answer) {
    const InterfaceFeatures read = read_features(part);
    if ((read.features & kSends) != 0) senders.insert(read.interface);
  }
  return senders;
}

}  // namespace fabrix::io
