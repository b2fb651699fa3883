#include "io/routes.h"

#include <array>
#include <span>
#include <utility>

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "io/link_names.h"
#include "io/route_message.h"

namespace fabrix::io {
namespace {

Result<NetlinkWriter> route_message(NetlinkSocket& netlink, std::uint16_t type, int flags,
                                    const Route& route) {
  rtmsg fixed{};
  fixed.rtm_family = address_family(route.destination.family());
  fixed.rtm_dst_len = static_cast<std::uint8_t>(route.destination.length());
  fixed.rtm_table = RT_TABLE_MAIN;
  fixed.rtm_protocol = route.protocol;
  fixed.rtm_type = RTN_UNICAST;
  fixed.rtm_scope = route.gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
  if (type == RTM_DELROUTE) fixed.rtm_scope = RT_SCOPE_NOWHERE;  // whatever it is
  NetlinkWriter message(type, static_cast<std::uint16_t>(flags));
  message.fixed(fixed);
  message.attribute_ip(RTA_DST, route.destination.address());
  if (route.gateway) add_gateway(message, route.destination.family(), *route.gateway);
  if (route.metric != 0) message.attribute_u32(RTA_PRIORITY, route.metric);
  if (route.link.empty()) return message;
  FABRIX_TRY(const Link link, find_link(netlink, route.link));
  message.attribute_u32(RTA_OIF, link.index);
  return message;
}

Result<void> change_route(NetlinkSocket& netlink, std::uint16_t type, int flags,
                          const Route& route) {
  FABRIX_TRY(auto message, route_message(netlink, type, flags, route));
  const std::string verb = type == RTM_DELROUTE ? "delete" : "add";
  return netlink.request(std::move(message), verb + " route to " + route.destination.to_string());
}

// The first of a multipath route's next hops: a rtnexthop with attributes of its own.
void read_first_next_hop(Route& route, const NetlinkAttribute& multipath, const LinkNames& names) {
  const NetlinkMessage hop{.type = 0, .payload = {multipath.value.begin(), multipath.value.end()}};
  const auto fixed = hop.fixed<rtnexthop>();
  if (!fixed || fixed->rtnh_len > multipath.value.size()) return;
  if (fixed->rtnh_len < sizeof(rtnexthop)) return;
  route.link = name_of(names, static_cast<std::uint32_t>(fixed->rtnh_ifindex));
  const auto inner = multipath.value.first(fixed->rtnh_len).subspan(sizeof(rtnexthop));
  route.gateway = read_gateway(read_attributes(inner));
}

std::optional<Route> parse_route(const NetlinkMessage& message, const LinkNames& names) {
  const auto fixed = message.fixed<rtmsg>();
  if (message.type != RTM_NEWROUTE || !fixed || fixed->rtm_type != RTN_UNICAST) return {};
  const auto attributes = message.attributes(sizeof(rtmsg));
  const NetlinkAttribute* table = find_attribute(attributes, RTA_TABLE);
  if ((table == nullptr ? fixed->rtm_table : table->u32()) != RT_TABLE_MAIN) return {};
  const bool is_v4 = fixed->rtm_family == AF_INET;
  Route route;
  route.protocol = fixed->rtm_protocol;
  const NetlinkAttribute* found = find_attribute(attributes, RTA_DST);
  const auto address = found == nullptr ? std::nullopt : found->ip();
  const auto any = net::IpAddress::unspecified(is_v4 ? net::Family::kIpv4 : net::Family::kIpv6);
  const auto destination = net::Prefix::containing(address.value_or(any), fixed->rtm_dst_len);
  if (!destination) return {};
  route.destination = *destination;
  route.gateway = read_gateway(attributes);
  for (const NetlinkAttribute& attribute : attributes) {
    if (attribute.type == RTA_OIF) route.link = name_of(names, attribute.u32());
    if (attribute.type == RTA_PRIORITY) route.metric = attribute.u32();
    if (attribute.type == RTA_MULTIPATH) read_first_next_hop(route, attribute, names);
  }
  return route;
}

}  // namespace

std::uint8_t address_family(net::Family family) {
  return family == net::Family::kIpv4 ? AF_INET : AF_INET6;
}

// RFC 8950 on Linux: a gateway of the other family goes into RTA_VIA, family first.
void add_gateway(NetlinkWriter& message, net::Family family, const net::IpAddress& gateway) {
  if (gateway.family() == family) {
    message.attribute_ip(RTA_GATEWAY, gateway);
    return;
  }
  const std::uint16_t gateway_family = address_family(gateway.family());
  const auto family_bytes = std::as_bytes(std::span(&gateway_family, 1));
  const auto address_bytes = std::as_bytes(gateway.octets());
  std::vector<std::byte> via(family_bytes.begin(), family_bytes.end());
  via.insert(via.end(), address_bytes.begin(), address_bytes.end());
  message.attribute(RTA_VIA, via);
}

std::optional<net::IpAddress> read_gateway(std::span<const NetlinkAttribute> attributes) {
  if (const NetlinkAttribute* gateway = find_attribute(attributes, RTA_GATEWAY)) {
    return gateway->ip();
  }
  const NetlinkAttribute* via = find_attribute(attributes, RTA_VIA);
  if (via == nullptr || via->value.size() <= sizeof(std::uint16_t)) return std::nullopt;
  return NetlinkAttribute{0, via->value.subspan(sizeof(std::uint16_t))}.ip();
}

Result<void> replace_route(NetlinkSocket& netlink, const Route& route) {
  return change_route(netlink, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route);
}

Result<void> add_route(NetlinkSocket& netlink, const Route& route) {
  return change_route(netlink, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);
}

Result<void> delete_route(NetlinkSocket& netlink, const Route& route) {
  return change_route(netlink, RTM_DELROUTE, 0, route);
}

Result<std::vector<Route>> list_routes(NetlinkSocket& netlink, net::Family family) {
  FABRIX_TRY(const LinkNames names, link_names(netlink));
  rtmsg fixed{};
  fixed.rtm_family = address_family(family);
  NetlinkWriter message(RTM_GETROUTE);
  message.fixed(fixed);
  FABRIX_TRY(const auto answer, netlink.dump(std::move(message), "list routes"));
  std::vector<Route> routes;
  for (const NetlinkMessage& part : answer) {
    if (auto route = parse_route(part, names)) routes.push_back(*std::move(route));
  }
  return routes;
}

}  // namespace fabrix::io
