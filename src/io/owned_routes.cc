#include "io/owned_routes.h"

#include <cerrno>
#include <optional>
#include <utility>

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "io/route_message.h"

namespace fabrix::io {
namespace {

using Deed = RouteOrder::Deed;

rtmsg fixed_part(const RouteOwner& owner, net::Family family) {
  rtmsg fixed{};
  fixed.rtm_family = address_family(family);
  fixed.rtm_table = RT_TABLE_UNSPEC;  // RTA_TABLE has room for all its bits
  fixed.rtm_protocol = owner.protocol;
  fixed.rtm_type = RTN_UNICAST;
  return fixed;
}

NetlinkWriter message_of(const RouteOwner& owner, const RouteOrder& order) {
  const bool is_removal = order.deed == Deed::kRemove;
  const net::Prefix& destination = order.route.destination;
  rtmsg fixed = fixed_part(owner, destination.family());
  fixed.rtm_dst_len = static_cast<std::uint8_t>(destination.length());
  fixed.rtm_scope = is_removal ? RT_SCOPE_NOWHERE : RT_SCOPE_UNIVERSE;
  const int flags = order.deed == Deed::kAdd ? NLM_F_CREATE | NLM_F_EXCL
                    : is_removal             ? 0
                                             : NLM_F_CREATE | NLM_F_REPLACE;
  NetlinkWriter message(is_removal ? RTM_DELROUTE : RTM_NEWROUTE,
                        static_cast<std::uint16_t>(flags));
  message.fixed(fixed);
  message.attribute_ip(RTA_DST, destination.address());
  if (!is_removal) add_gateway(message, destination.family(), order.route.gateway);
  message.attribute_u32(RTA_PRIORITY, owner.metric);
  message.attribute_u32(RTA_TABLE, owner.table);
  return message;
}

std::optional<OwnedRoute> read_route(const NetlinkMessage& message, const RouteOwner& owner) {
  const auto fixed = message.fixed<rtmsg>();
  if (message.type != RTM_NEWROUTE || !fixed || fixed->rtm_type != RTN_UNICAST) return {};
  if (fixed->rtm_protocol != owner.protocol) return {};
  const auto attributes = message.attributes(sizeof(rtmsg));
  const NetlinkAttribute* const table = find_attribute(attributes, RTA_TABLE);
  if (table == nullptr || table->u32() != owner.table) return {};
  const NetlinkAttribute* const metric = find_attribute(attributes, RTA_PRIORITY);
  if (metric == nullptr || metric->u32() != owner.metric) return {};
  const NetlinkAttribute* const to = find_attribute(attributes, RTA_DST);
  const auto address = to == nullptr ? std::nullopt : to->ip();
  const auto gateway = read_gateway(attributes);
  if (!address || !gateway) return {};
  const auto destination = net::Prefix::containing(*address, fixed->rtm_dst_len);
  if (!destination) return {};
  return OwnedRoute{.destination = *destination, .gateway = *gateway};
}

}  // namespace

std::vector<RouteFailure> change_routes(NetlinkSocket& netlink, const RouteOwner& owner,
                                        std::span<const RouteOrder> orders) {
  std::vector<NetlinkWriter> messages;
  messages.reserve(orders.size());
  for (const RouteOrder& order : orders) messages.push_back(message_of(owner, order));
  std::vector<RouteFailure> failures;
  for (NetlinkSocket::Refused& refused : netlink.request_all(messages)) {
    const bool is_gone = refused.number == ESRCH || refused.number == ENOENT;
    if (is_gone && orders[refused.request].deed == Deed::kRemove) continue;
    failures.push_back({.order = refused.request, .text = std::move(refused.text)});
  }
  return failures;
}

Result<std::vector<OwnedRoute>> list_owned_routes(NetlinkSocket& netlink, const RouteOwner& owner,
                                                  net::Family family) {
  NetlinkWriter message(RTM_GETROUTE);
  message.fixed(fixed_part(owner, family));
  message.attribute_u32(RTA_TABLE, owner.table);
  // Of a table that nobody has put a route into yet there is nothing.
  FABRIX_TRY(const auto answer,
             netlink.dump_ignoring(std::move(message), ENOENT, "list routes of a table"));
  std::vector<OwnedRoute> routes;
  for (const NetlinkMessage& part : answer) {
    if (auto route = read_route(part, owner)) routes.push_back(*route);
  }
  return routes;
}

}  // namespace fabrix::io
