#include "telemetry/members.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace fabrix::telemetry {
namespace {

std::string digits_of(const net::MacAddress& mac) {
  return fmt::format("{:012X}", mac.to_u64());
}

}  // namespace

Members::Members(Exchange exchange) : exchange_(std::move(exchange)) {
  for (std::size_t i = 0; i < exchange_.members.size(); ++i) {
    const MemberId id{static_cast<std::uint16_t>(i)};
    const Member& member = exchange_.members[i];
    for (const net::MacAddress& mac : member.macs) by_mac_.insert_or_assign(mac.to_u64(), id);
    for (const std::uint32_t port : member.ports) by_port_.insert_or_assign(port, id);
    for (const std::string& router : member.routers) by_router_.insert_or_assign(router, id);
    for (const net::IpAddress& address : member.addresses) {
      const unsigned width = net::width_of(address.family());
      by_address_.insert(net::Prefix::containing(address, width).value(), id);
    }
  }
}

std::optional<MemberId> Members::of_mac(const net::MacAddress& mac) const {
  const auto found = by_mac_.find(mac.to_u64());
  return found != by_mac_.end() ? std::optional(found->second) : std::nullopt;
}

std::optional<MemberId> Members::of_port(std::uint32_t port) const {
  const auto found = by_port_.find(port);
  return found != by_port_.end() ? std::optional(found->second) : std::nullopt;
}

std::optional<MemberId> Members::of_router(const std::string& name) const {
  const auto found = by_router_.find(name);
  return found != by_router_.end() ? std::optional(found->second) : std::nullopt;
}

std::string_view Members::name_of(MemberId member) const {
  if (member.index() >= exchange_.members.size()) return {};
  return exchange_.members[member.index()].name;
}

bool Members::on_peering_lan(const net::IpAddress& address) const {
  return std::ranges::any_of(exchange_.peering_lan,
                             [&](const net::Prefix& lan) { return lan.contains(address); });
}

std::optional<MemberId> Members::of_address(const net::IpAddress& address) const {
  const auto found = by_address_.longest_match(address);
  return found ? std::optional(*found->value) : std::nullopt;
}

NameTable::Lists Members::macs() const {
  NameTable::Lists lists;
  for (const Member& member : exchange_.members) {
    for (const net::MacAddress& mac : member.macs) lists[member.name].push_back(digits_of(mac));
  }
  if (!empty()) lists[std::string(kRouteServer)] = {digits_of(exchange_.route_server)};
  return lists;
}

}  // namespace fabrix::telemetry
