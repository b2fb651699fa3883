#include "compiler/port_refusals.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "base/assert.h"

namespace fabrix::compiler {
namespace {

using net::Family;
using net::Field;
using program::DropReason;
using program::Match;
using program::Row;

constexpr std::uint64_t kGroupBit = std::uint64_t{1} << 40U;
constexpr std::uint64_t kVendorMask = 0xffffff000000;
constexpr std::uint64_t kStandardGroup = 0x0180c2000000;  // IEEE 802.1Q, 802.1AB, 802.3 (PAUSE)
constexpr std::uint64_t kCiscoGroup = 0x01000c000000;     // CDP, VTP, DTP, PAgP
constexpr std::uint64_t kRouterSolicitation = 133;
constexpr std::uint64_t kRouterAdvertisement = 134;
constexpr std::uint64_t kNeighborSolicitation = 135;
constexpr std::uint64_t kNeighborAdvertisement = 136;
constexpr std::uint64_t kRedirect = 137;
constexpr std::uint64_t kDhcpServer = 67;
constexpr std::uint64_t kDhcpClient = 68;
constexpr std::uint64_t kDhcp6Ports = 546;  // and 547
constexpr std::uint64_t kDhcp6Mask = 0xfffe;

struct Fields {
  std::optional<Field> ip4;
  Field high = Field::kNdTargetHigh;
  Field low = Field::kNdTargetLow;
};

Fields fields_of(AddressField field) {
  switch (field) {
    case AddressField::kSource:
      return {Field::kSrcIp4, Field::kSrcIp6High, Field::kSrcIp6Low};
    case AddressField::kDestination:
      return {Field::kDstIp4, Field::kDstIp6High, Field::kDstIp6Low};
    case AddressField::kNdTarget:
      return {std::nullopt, Field::kNdTargetHigh, Field::kNdTargetLow};
  }
  return {std::nullopt, Field::kNdTargetHigh, Field::kNdTargetLow};
}

void match_leading_bits(Match& match, Field field, std::uint64_t bits, unsigned length) {
  if (length == 0) return;
  const std::uint64_t max = net::max_value(field);
  match.ternary(field, bits, max & ~((max >> (length - 1)) >> 1U));
}

std::uint64_t number_of(std::span<const std::uint8_t> octets) {
  std::uint64_t value = 0;
  for (const std::uint8_t octet : octets) value = value << 8U | octet;
  return value;
}

class PortRefusals {
 public:
  PortRefusals(const exchange::Exchange& exchange, net::PortNo port, std::vector<Row>& rows)
      : exchange_(exchange), port_(port), rows_(rows) {}

  void add(const std::vector<net::MacAddress>& macs) {
    const Match here = untagged_at(port_);
    for (const std::uint64_t group : {kStandardGroup, kCiscoGroup}) {
      Match match = roomy(here, 1);
      match.ternary(Field::kDstMac, group, kVendorMask);
      drop(kLinkControl, std::move(match), DropReason::kLinkControl);
    }
    for (const net::MacAddress mac : macs) {
      const Match from = untagged_from(port_, mac);
      add_lookups(from);
      add_dhcp(from);
      add_group(from);
      add_foreign_sources(from);
      drop(kForeignType, from, DropReason::kEtherType);
    }
    drop(kForeignMac, here, DropReason::kSourceMac);
    drop(kForeignFrame, Match{}.exact(Field::kInPort, port_.value), DropReason::kTagged);
  }

 private:
  void drop(AdmitPriority priority, Match match, DropReason reason) {
    rows_.push_back(program::drop_row(priority, std::move(match), {port_, reason}));
  }

  void add_lookups(const Match& from) {
    Match arp = roomy(from, 1);
    arp.exact(Field::kEthType, net::kEthTypeArp);
    drop(kRefusedLookup, std::move(arp), DropReason::kArpSpoof);
    for (const std::uint64_t type : {kNeighborSolicitation, kNeighborAdvertisement}) {
      drop(kRefusedLookup, icmp6(from, type), DropReason::kNdSpoof);
    }
    for (const std::uint64_t type : {kRouterSolicitation, kRouterAdvertisement, kRedirect}) {
      drop(kRefusedLookup, icmp6(from, type), DropReason::kRouterDiscovery);
    }
  }

  // What passes through the LAN is members' business.
  void add_dhcp(const Match& from) {
    const auto to = [&from](Family family, std::uint64_t port, std::uint64_t mask) {
      Match match = roomy(from, 3);
      match.exact(Field::kEthType, ether_type(family))
          .exact(Field::kProtocol, net::kProtocolUdp)
          .ternary(Field::kDstPort, port, mask);
      return match;
    };
    const std::uint64_t exact = net::max_value(Field::kDstPort);
    add_dhcp_on_lan(to(Family::kIpv4, kDhcpServer, exact), Family::kIpv4);
    add_dhcp_on_lan(to(Family::kIpv4, kDhcpClient, exact), Family::kIpv4);
    const Match dhcp6 = to(Family::kIpv6, kDhcp6Ports, kDhcp6Mask);
    add_dhcp_on_lan(dhcp6, Family::kIpv6);
    add_dhcp_to(dhcp6, link_local());
  }

  void add_dhcp_on_lan(const Match& dhcp, Family family) {
    Match group = roomy(dhcp, 1);
    group.ternary(Field::kDstMac, kGroupBit, kGroupBit);
    drop(kGroupDhcp, std::move(group), DropReason::kDhcp);
    for (const net::Prefix& lan : exchange_.peering_lan) {
      if (lan.family() == family) add_dhcp_to(dhcp, lan);
    }
  }

  void add_dhcp_to(const Match& dhcp, const net::Prefix& destination) {
    Match match = roomy(dhcp, tests_of(destination));
    match_prefix(match, AddressField::kDestination, destination);
    drop(kDhcp, std::move(match), DropReason::kDhcp);
  }

  void add_group(const Match& from) {
    Match all = roomy(from, 1);
    all.exact(Field::kDstMac, net::MacAddress::broadcast().to_u64());
    drop(kBroadcast, std::move(all), DropReason::kBroadcast);
    Match some = roomy(from, 1);
    some.ternary(Field::kDstMac, kGroupBit, kGroupBit);
    drop(kGroupAddress, std::move(some), DropReason::kMulticast);
  }

  void add_foreign_sources(const Match& from) {
    for (const net::Prefix& lan : exchange_.peering_lan) {
      Match match = roomy(from, 1 + tests_of(lan));
      match.exact(Field::kEthType, ether_type(lan.family()));
      match_prefix(match, AddressField::kSource, lan);
      drop(kForeignSource, std::move(match), DropReason::kSourceAddress);
    }
  }

  const exchange::Exchange& exchange_;
  net::PortNo port_;
  std::vector<Row>& rows_;
};

}  // namespace

void add_refusals(const exchange::Exchange& exchange, net::PortNo port,
                  const std::vector<net::MacAddress>& macs, std::vector<Row>& rows) {
  PortRefusals(exchange, port, rows).add(macs);
}

std::vector<Row> closed_rows(const exchange::Router& router) {
  const net::PortNo port = router.port;
  const Match all = Match{}.exact(Field::kInPort, port.value);
  const bool quarantined = router.standing == exchange::Standing::kQuarantined;
  if (!quarantined) {
    return {program::drop_row(kForeignFrame, all, {port, DropReason::kShutdown})};
  }
  std::vector<Row> rows{program::drop_row(kForeignFrame, all, {port, DropReason::kQuarantine})};
  if (router.middlebox) return rows;
  rows.push_back(program::drop_row(kForeignType, untagged_from(port, router.mac),
                                   {port, DropReason::kQuarantine}));
  rows.push_back(program::drop_row(kForeignMac, untagged_at(port), {port, DropReason::kSourceMac}));
  return rows;
}

Match untagged_at(net::PortNo port, std::size_t more) {
  Match match;
  match.fields.reserve(2 + more);
  match.exact(Field::kInPort, port.value).exact(Field::kVlanId, 0);
  return match;
}

Match untagged_from(net::PortNo port, net::MacAddress mac, std::size_t more) {
  Match match = untagged_at(port, 1 + more);
  match.exact(Field::kSrcMac, mac.to_u64());
  return match;
}

Match icmp6(const Match& from, std::uint64_t type, std::size_t more) {
  Match match = roomy(from, 3 + more);
  match.exact(Field::kEthType, net::kEthTypeIpv6)
      .exact(Field::kProtocol, net::kProtocolIcmpv6)
      .exact(Field::kIcmpType, type);
  return match;
}

Match roomy(const Match& match, std::size_t more) {
  Match copy;
  copy.metadata = match.metadata;
  copy.fields.reserve(match.fields.size() + more);
  copy.fields = match.fields;
  return copy;
}

std::uint16_t ether_type(Family family) {
  return family == Family::kIpv4 ? net::kEthTypeIpv4 : net::kEthTypeIpv6;
}

net::Prefix link_local() {
  constexpr unsigned kLength = 10;
  static const auto prefix = *net::Prefix::containing(*net::IpAddress::parse("fe80::"), kLength);
  return prefix;
}

void match_prefix(Match& match, AddressField field, const net::Prefix& prefix) {
  const Fields fields = fields_of(field);
  const auto octets = prefix.address().octets();
  if (prefix.family() == Family::kIpv4) {
    FABRIX_ASSERT(fields.ip4);
    return match_leading_bits(match, *fields.ip4, number_of(octets), prefix.length());
  }
  constexpr unsigned kHalf = 64;
  const unsigned high = std::min(prefix.length(), kHalf);
  match_leading_bits(match, fields.high, number_of(octets.first(8)), high);
  match_leading_bits(match, fields.low, number_of(octets.last(8)), prefix.length() - high);
}

std::size_t tests_of(const net::Prefix& prefix) {
  constexpr unsigned kHalf = 64;
  return prefix.length() > kHalf ? 2 : 1;
}

void match_address(Match& match, AddressField field, const net::IpAddress& address) {
  match_prefix(match, field, *net::Prefix::containing(address, width_of(address.family())));
}

}  // namespace fabrix::compiler
