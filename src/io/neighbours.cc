#include "io/neighbours.h"

#include <cerrno>
#include <span>
#include <utility>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "io/link_names.h"

namespace fabrix::io {
namespace {

std::uint8_t address_family(const net::IpAddress& address) {
  return address.family() == net::Family::kIpv4 ? AF_INET : AF_INET6;
}

std::optional<Neighbour> parse_neighbour(const NetlinkMessage& message, const LinkNames& names) {
  const auto fixed = message.fixed<ndmsg>();
  if (message.type != RTM_NEWNEIGH || !fixed) return std::nullopt;
  if (fixed->ndm_family != AF_INET && fixed->ndm_family != AF_INET6) return std::nullopt;
  const auto attributes = message.attributes(sizeof(ndmsg));
  const NetlinkAttribute* destination = find_attribute(attributes, NDA_DST);
  const auto ip = destination == nullptr ? std::nullopt : destination->ip();
  if (!ip) return std::nullopt;
  const NetlinkAttribute* mac = find_attribute(attributes, NDA_LLADDR);
  return Neighbour{.link = name_of(names, static_cast<std::uint32_t>(fixed->ndm_ifindex)),
                   .address = *ip,
                   .mac = mac == nullptr ? std::nullopt : mac->mac(),
                   .state = fixed->ndm_state};
}

ndmsg fixed_part(const Link& link, const net::IpAddress& address) {
  ndmsg fixed{};
  fixed.ndm_family = address_family(address);
  fixed.ndm_ifindex = static_cast<int>(link.index);
  return fixed;
}

}  // namespace

Result<std::vector<Neighbour>> list_neighbours(NetlinkSocket& netlink) {
  FABRIX_TRY(const LinkNames names, link_names(netlink));
  NetlinkWriter message(RTM_GETNEIGH);
  message.fixed(ndmsg{});
  FABRIX_TRY(const auto answer, netlink.dump(std::move(message), "list neighbours"));
  std::vector<Neighbour> neighbours;
  for (const NetlinkMessage& part : answer) {
    if (auto neighbour = parse_neighbour(part, names)) neighbours.push_back(*std::move(neighbour));
  }
  return neighbours;
}

Result<void> add_neighbour(NetlinkSocket& netlink, const std::string& link,
                           const net::IpAddress& address, const net::MacAddress& mac) {
  FABRIX_TRY(const Link found, find_link(netlink, link));
  ndmsg fixed = fixed_part(found, address);
  fixed.ndm_state = NUD_PERMANENT;
  NetlinkWriter message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
  message.fixed(fixed);
  message.attribute_ip(NDA_DST, address);
  message.attribute(NDA_LLADDR, std::as_bytes(std::span(mac.octets())));
  return netlink.request(std::move(message),
                         "add neighbour " + address.to_string() + " on " + link);
}

Result<void> flush_neighbours(NetlinkSocket& netlink, const std::string& link) {
  FABRIX_TRY(const Link found, find_link(netlink, link));
  FABRIX_TRY(const auto neighbours, list_neighbours(netlink));
  for (const Neighbour& neighbour : neighbours) {
    const bool stays = (neighbour.state & (NUD_PERMANENT | NUD_NOARP)) != 0;
    if (stays || neighbour.link != link) continue;
    NetlinkWriter message(RTM_DELNEIGH);
    message.fixed(fixed_part(found, neighbour.address));
    message.attribute_ip(NDA_DST, neighbour.address);
    auto done = netlink.request_ignoring(std::move(message), ENOENT, "flush neighbours");
    if (!done) return done;
  }
  return {};
}

}  // namespace fabrix::io
