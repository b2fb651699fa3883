#include "verify/traffic.h"

#include <array>
#include <memory>
#include <utility>

#include "net/address_bits.h"

namespace fabrix::verify {
namespace {

constexpr std::uint64_t kBgpPort = 179;
constexpr std::uint8_t kRouterSolicitation = 133;
constexpr std::uint8_t kRouterAdvertisement = 134;
constexpr std::uint8_t kNeighborSolicitation = 135;
constexpr std::uint8_t kNeighborAdvertisement = 136;
constexpr std::uint8_t kRedirect = 137;
constexpr std::uint64_t kLinkLocal = 0xfe80000000000000;
constexpr std::uint64_t kGroupBit = std::uint64_t{1} << 40U;

PredicatePtr make(policy::Predicate predicate) {
  return std::make_shared<const policy::Predicate>(std::move(predicate));
}

// The fields that hold an IPv6 address, high half and low half.
std::pair<net::Field, net::Field> halves(AddressField field) {
  switch (field) {
    case AddressField::kSource:
      return {net::Field::kSrcIp6High, net::Field::kSrcIp6Low};
    case AddressField::kDestination:
      return {net::Field::kDstIp6High, net::Field::kDstIp6Low};
    case AddressField::kNdTarget:
      break;
  }
  return {net::Field::kNdTargetHigh, net::Field::kNdTargetLow};
}

// `bits` and whatever follows the first `length` of `width` bits.
PredicatePtr begins_with(net::Field field, std::uint64_t bits, unsigned length) {
  const unsigned width = net::width_of(field);
  if (length == 0) return always();
  const std::uint64_t rest = length >= width ? 0 : net::max_value(field) >> length;
  return between(field, bits, bits | rest);
}

PredicatePtr untagged(std::uint16_t eth_type) {
  return all_of({equals(net::Field::kEthType, eth_type), equals(net::Field::kVlanId, 0)});
}

PredicatePtr icmp6(std::uint8_t first_type, std::uint8_t last_type) {
  return all_of({untagged(net::kEthTypeIpv6), equals(net::Field::kProtocol, net::kProtocolIcmpv6),
                 between(net::Field::kIcmpType, first_type, last_type)});
}

// Addresses with the group bit set, as ranges of the first octet: every other one.
std::vector<policy::Interval> group_macs() {
  std::vector<policy::Interval> ranges;
  const std::uint64_t top = net::max_value(net::Field::kDstMac);
  for (std::uint64_t low = kGroupBit; low < top; low += 2 * kGroupBit) {
    ranges.push_back({.low = low, .high = low + kGroupBit - 1});
  }
  return ranges;
}

}  // namespace

PredicatePtr all_of(std::vector<PredicatePtr> operands) {
  if (operands.empty()) return always();
  return make({policy::And{std::move(operands)}});
}

PredicatePtr any_of(std::vector<PredicatePtr> operands) {
  if (operands.empty()) return make({policy::Constant{false}});
  return make({policy::Or{std::move(operands)}});
}

PredicatePtr negation(PredicatePtr operand) {
  return make({policy::Not{std::move(operand)}});
}

PredicatePtr always() {
  return make({policy::Constant{true}});
}

PredicatePtr between(net::Field field, std::uint64_t low, std::uint64_t high) {
  return make({policy::FieldTest{.field = field, .intervals = {{.low = low, .high = high}}}});
}

PredicatePtr equals(net::Field field, std::uint64_t value) {
  return between(field, value, value);
}

PredicatePtr address_in(AddressField field, const net::Prefix& prefix) {
  const auto bits = net::AddressBits::of(prefix.address());
  if (prefix.family() == net::Family::kIpv4) {
    const auto ip4 = field == AddressField::kSource ? net::Field::kSrcIp4 : net::Field::kDstIp4;
    return begins_with(ip4, bits.high >> 32U, prefix.length());
  }
  const auto [high, low] = halves(field);
  if (prefix.length() <= 64) return begins_with(high, bits.high, prefix.length());
  return all_of({equals(high, bits.high), begins_with(low, bits.low, prefix.length() - 64)});
}

PredicatePtr address_is(AddressField field, const net::IpAddress& address) {
  return address_in(field,
                    net::Prefix::containing(address, net::width_of(address.family())).value());
}

PredicatePtr is_ip() {
  return any_of({untagged(net::kEthTypeIpv4), untagged(net::kEthTypeIpv6)});
}

PredicatePtr is_arp() {
  return untagged(net::kEthTypeArp);
}

PredicatePtr is_neighbor_discovery() {
  return icmp6(kNeighborSolicitation, kNeighborAdvertisement);
}

PredicatePtr is_host_discovery() {
  return any_of({icmp6(kRouterSolicitation, kRouterAdvertisement), icmp6(kRedirect, kRedirect)});
}

PredicatePtr is_bgp_or_bfd() {
  const auto bgp = all_of(
      {equals(net::Field::kProtocol, net::kProtocolTcp),
       any_of({equals(net::Field::kSrcPort, kBgpPort), equals(net::Field::kDstPort, kBgpPort)})});
  const auto bfd = all_of(
      {equals(net::Field::kProtocol, net::kProtocolUdp),
       any_of({between(net::Field::kDstPort, 3784, 3785), equals(net::Field::kDstPort, 4784)})});
  return all_of({is_ip(), any_of({bgp, bfd})});
}

PredicatePtr is_from_link_local() {
  constexpr unsigned kLength = 10;
  return all_of({equals(net::Field::kEthType, net::kEthTypeIpv6),
                 begins_with(net::Field::kSrcIp6High, kLinkLocal, kLength)});
}

net::Prefix link_local() {
  constexpr unsigned kLength = 10;
  return net::Prefix::containing(net::IpAddress::parse("fe80::").value(), kLength).value();
}

PredicatePtr is_for(const net::Prefix& destination) {
  const auto eth_type =
      destination.family() == net::Family::kIpv4 ? net::kEthTypeIpv4 : net::kEthTypeIpv6;
  return all_of({equals(net::Field::kEthType, eth_type),
                 address_in(AddressField::kDestination, destination)});
}

PredicatePtr is_from(const net::Prefix& source) {
  const auto eth_type =
      source.family() == net::Family::kIpv4 ? net::kEthTypeIpv4 : net::kEthTypeIpv6;
  return all_of({untagged(eth_type), address_in(AddressField::kSource, source)});
}

PredicatePtr is_from_any(const std::vector<net::IpAddress>& sources) {
  std::vector<PredicatePtr> any;
  any.reserve(sources.size());
  for (const net::IpAddress& each : sources) {
    any.push_back(is_from(net::Prefix::containing(each, net::width_of(each.family())).value()));
  }
  return any_of(std::move(any));
}

PredicatePtr to_link_control() {
  constexpr std::uint64_t kStandard = 0x0180c2000000;
  constexpr std::uint64_t kCisco = 0x01000c000000;
  constexpr std::uint64_t kRest = 0xffffff;
  return all_of({equals(net::Field::kVlanId, 0),
                 any_of({between(net::Field::kDstMac, kStandard, kStandard + kRest),
                         between(net::Field::kDstMac, kCisco, kCisco + kRest)})});
}

PredicatePtr is_dhcp_on(const std::vector<net::Prefix>& lan) {
  std::vector<PredicatePtr> there{to_group_mac(), is_for(link_local())};
  for (const net::Prefix& each : lan) there.push_back(is_for(each));
  const auto udp = [](std::uint16_t eth_type, std::uint64_t first, std::uint64_t last) {
    return all_of({untagged(eth_type), equals(net::Field::kProtocol, net::kProtocolUdp),
                   between(net::Field::kDstPort, first, last)});
  };
  return all_of({any_of({udp(net::kEthTypeIpv4, 67, 68), udp(net::kEthTypeIpv6, 546, 547)}),
                 any_of(std::move(there))});
}

PredicatePtr is_discovery_of(const std::vector<net::IpAddress>& own) {
  std::vector<PredicatePtr> sources{
      is_from_link_local(),
      address_is(AddressField::kSource, net::IpAddress::unspecified(net::Family::kIpv6))};
  std::vector<PredicatePtr> targets{address_in(AddressField::kNdTarget, link_local())};
  for (const net::IpAddress& address : own) {
    if (address.family() != net::Family::kIpv6) continue;
    sources.push_back(address_is(AddressField::kSource, address));
    targets.push_back(address_is(AddressField::kNdTarget, address));
  }
  return any_of(
      {all_of({icmp6(kNeighborSolicitation, kNeighborSolicitation), any_of(std::move(sources))}),
       all_of(
           {icmp6(kNeighborAdvertisement, kNeighborAdvertisement), any_of(std::move(targets))})});
}

PredicatePtr to_group_mac() {
  return make({policy::FieldTest{.field = net::Field::kDstMac, .intervals = group_macs()}});
}

}  // namespace fabrix::verify
