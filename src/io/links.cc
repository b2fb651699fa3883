#include "io/links.h"

#include <span>
#include <utility>

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "io/file_descriptor.h"
#include "io/link_message.h"
#include "io/namespace.h"

namespace fabrix::io {
namespace {

constexpr std::size_t kMaxNameSize = IFNAMSIZ - 1;

Result<void> check_name(const std::string& name) {
  if (!name.empty() && name.size() <= kMaxNameSize) return {};
  return fail(Error{"'" + name + "' cannot name an interface"});
}

NetlinkWriter link_message(std::uint16_t type, const std::string& name, const ifinfomsg& fixed) {
  NetlinkWriter message(type);
  message.fixed(fixed);
  message.attribute(IFLA_IFNAME, name);
  return message;
}

std::string kind_of(const NetlinkAttribute& link_info) {
  const auto inner = read_attributes(link_info.value);
  const NetlinkAttribute* kind = find_attribute(inner, IFLA_INFO_KIND);
  return kind == nullptr ? "" : kind->text();
}

// The attributes of one end; `home` keeps the namespace open until the kernel has it.
Result<void> describe_end(NetlinkWriter& message, const VethEnd& end, FileDescriptor& home) {
  auto checked = check_name(end.name);
  if (!checked) return checked;
  message.attribute(IFLA_IFNAME, end.name);
  if (end.mac) message.attribute(IFLA_ADDRESS, std::as_bytes(std::span(end.mac->octets())));
  if (end.network_namespace.empty()) return {};
  FABRIX_TRY(home, open_namespace(end.network_namespace));
  message.attribute_u32(IFLA_NET_NS_FD, static_cast<std::uint32_t>(home.get()));
  return {};
}

Result<void> change_flags(NetlinkSocket& netlink, const std::string& name, unsigned flags,
                          unsigned which = IFF_UP) {
  ifinfomsg fixed{};
  fixed.ifi_flags = flags;
  fixed.ifi_change = which;
  return netlink.request(link_message(RTM_NEWLINK, name, fixed), "set link " + name);
}

}  // namespace

std::optional<Link> read_link(const NetlinkMessage& message) {
  const auto fixed = message.fixed<ifinfomsg>();
  if (message.type != RTM_NEWLINK || !fixed) return std::nullopt;
  Link link;
  link.index = static_cast<std::uint32_t>(fixed->ifi_index);
  link.up = (fixed->ifi_flags & IFF_UP) != 0;
  for (const NetlinkAttribute& attribute : message.attributes(sizeof(ifinfomsg))) {
    if (attribute.type == IFLA_IFNAME) link.name = attribute.text();
    if (attribute.type == IFLA_MTU) link.mtu = attribute.u32();
    if (attribute.type == IFLA_ADDRESS) link.mac = attribute.mac().value_or(net::MacAddress());
    if (attribute.type == IFLA_CARRIER) link.carrier = attribute.u8() != 0;
    if (attribute.type == IFLA_LINKINFO) link.kind = kind_of(attribute);
    if (attribute.type == IFLA_LINK_NETNSID) link.leads_away = true;
  }
  return link;
}

Result<std::vector<Link>> list_links(NetlinkSocket& netlink) {
  NetlinkWriter message(RTM_GETLINK);
  message.fixed(ifinfomsg{});
  FABRIX_TRY(const auto answer, netlink.dump(std::move(message), "list links"));
  std::vector<Link> links;
  for (const NetlinkMessage& part : answer) {
    if (auto link = read_link(part)) links.push_back(*std::move(link));
  }
  return links;
}

Result<Link> find_link(NetlinkSocket& netlink, const std::string& name) {
  auto checked = check_name(name);
  if (!checked) return fail(checked.error());
  FABRIX_TRY(const auto answer,
             netlink.query(link_message(RTM_GETLINK, name, {}), "find link " + name));
  for (const NetlinkMessage& part : answer) {
    if (auto link = read_link(part)) return *std::move(link);
  }
  return fail(Error{"find link " + name + ": no answer"});
}

Result<void> create_veth(NetlinkSocket& netlink, const VethEnd& near, const VethEnd& far) {
  FileDescriptor near_home;
  FileDescriptor far_home;
  NetlinkWriter message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  message.fixed(ifinfomsg{});
  auto near_done = describe_end(message, near, near_home);
  if (!near_done) return near_done;
  const std::size_t info = message.nest(IFLA_LINKINFO);
  message.attribute(IFLA_INFO_KIND, "veth");
  const std::size_t data = message.nest(IFLA_INFO_DATA);
  const std::size_t peer = message.nest(VETH_INFO_PEER);
  message.fixed(ifinfomsg{});
  auto far_done = describe_end(message, far, far_home);
  if (!far_done) return far_done;
  message.end_nest(peer);
  message.end_nest(data);
  message.end_nest(info);
  return netlink.request(std::move(message), "create veth " + near.name + " - " + far.name);
}

Result<void> delete_link(NetlinkSocket& netlink, const std::string& name) {
  auto checked = check_name(name);
  if (!checked) return checked;
  return netlink.request(link_message(RTM_DELLINK, name, {}), "delete link " + name);
}

Result<void> set_link_up(NetlinkSocket& netlink, const std::string& name) {
  return change_flags(netlink, name, IFF_UP);
}

Result<void> set_link_down(NetlinkSocket& netlink, const std::string& name) {
  return change_flags(netlink, name, 0);
}

Result<void> set_link_promiscuous(NetlinkSocket& netlink, const std::string& name) {
  return change_flags(netlink, name, IFF_PROMISC, IFF_PROMISC);
}

Result<void> set_link_mac(NetlinkSocket& netlink, const std::string& name,
                          const net::MacAddress& mac) {
  NetlinkWriter message = link_message(RTM_NEWLINK, name, {});
  message.attribute(IFLA_ADDRESS, std::as_bytes(std::span(mac.octets())));
  return netlink.request(std::move(message), "set MAC of " + name);
}

Result<void> set_link_mtu(NetlinkSocket& netlink, const std::string& name, std::uint32_t mtu) {
  NetlinkWriter message = link_message(RTM_NEWLINK, name, {});
  message.attribute_u32(IFLA_MTU, mtu);
  return netlink.request(std::move(message), "set MTU of " + name);
}

}  // namespace fabrix::io
