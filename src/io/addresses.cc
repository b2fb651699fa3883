#include "io/addresses.h"

#include <cerrno>
#include <optional>
#include <utility>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "io/link_names.h"

namespace fabrix::io {
namespace {

std::string text_of(const InterfaceAddress& address) {
  return "address " + address.address.to_string() + "/" + std::to_string(address.length) + " of " +
         address.link;
}

Result<NetlinkWriter> address_message(NetlinkSocket& netlink, std::uint16_t type,
                                      const InterfaceAddress& address) {
  FABRIX_TRY(const Link link, find_link(netlink, address.link));
  const bool is_v4 = address.address.family() == net::Family::kIpv4;
  ifaddrmsg fixed{};
  fixed.ifa_family = is_v4 ? AF_INET : AF_INET6;
  fixed.ifa_prefixlen = address.length;
  fixed.ifa_index = link.index;
  const bool adds = type == RTM_NEWADDR;
  NetlinkWriter message(type, adds ? NLM_F_CREATE | NLM_F_EXCL : 0);
  message.fixed(fixed);
  message.attribute_ip(IFA_LOCAL, address.address);
  message.attribute_ip(IFA_ADDRESS, address.address);
  if (!is_v4 && adds) message.attribute_u32(IFA_FLAGS, IFA_F_NODAD);
  return message;
}

// Of a point-to-point link, IFA_ADDRESS is the other end and IFA_LOCAL ours; elsewhere IFA_LOCAL
// may be missing.
std::optional<InterfaceAddress> parse_address(const NetlinkMessage& message,
                                              const LinkNames& names) {
  const auto fixed = message.fixed<ifaddrmsg>();
  if (message.type != RTM_NEWADDR || !fixed) return std::nullopt;
  const auto attributes = message.attributes(sizeof(ifaddrmsg));
  const NetlinkAttribute* found = find_attribute(attributes, IFA_LOCAL);
  if (found == nullptr) found = find_attribute(attributes, IFA_ADDRESS);
  const auto ip = found == nullptr ? std::nullopt : found->ip();
  if (!ip) return std::nullopt;
  return InterfaceAddress{
      .link = name_of(names, fixed->ifa_index), .address = *ip, .length = fixed->ifa_prefixlen};
}

}  // namespace

Result<void> add_address(NetlinkSocket& netlink, const InterfaceAddress& address) {
  FABRIX_TRY(auto message, address_message(netlink, RTM_NEWADDR, address));
  return netlink.request_ignoring(std::move(message), EEXIST, "add " + text_of(address));
}

Result<void> delete_address(NetlinkSocket& netlink, const InterfaceAddress& address) {
  FABRIX_TRY(auto message, address_message(netlink, RTM_DELADDR, address));
  return netlink.request(std::move(message), "delete " + text_of(address));
}

Result<std::vector<InterfaceAddress>> list_addresses(NetlinkSocket& netlink) {
  FABRIX_TRY(const LinkNames names, link_names(netlink));
  NetlinkWriter message(RTM_GETADDR);
  message.fixed(ifaddrmsg{});
  FABRIX_TRY(const auto answer, netlink.dump(std::move(message), "list addresses"));
  std::vector<InterfaceAddress> addresses;
  for (const NetlinkMessage& part : answer) {
    if (auto address = parse_address(part, names)) addresses.push_back(*std::move(address));
  }
  return addresses;
}

}  // namespace fabrix::io
