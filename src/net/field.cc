#include "net/field.h"

#include <array>

#include "base/assert.h"
#include "net/address_bits.h"
#include "net/packet.h"

namespace fabrix::net {
namespace {

struct Description {
  std::string_view name;
  unsigned width;
};

// In the order of the enumerators.
constexpr std::array<Description, kFieldCount> kDescriptions{{
    {"inport", 32},         {"ethtype", 16},       {"vlan_id", 12},     {"vlan_pcp", 3},
    {"srcmac", 48},         {"dstmac", 48},        {"protocol", 8},     {"dscp", 6},
    {"srcip", 32},          {"dstip", 32},         {"srcip6.high", 64}, {"srcip6.low", 64},
    {"dstip6.high", 64},    {"dstip6.low", 64},    {"srcport", 16},     {"dstport", 16},
    {"tcp_flags", 12},      {"icmp_type", 8},      {"icmp_code", 8},    {"arp_sender_mac", 48},
    {"nd_target.high", 64}, {"nd_target.low", 64}, {"flow_bucket", 6},  {"srcip_bucket", 6},
    {"dstip_bucket", 6},
}};

const Description& describe(Field field) {
  return kDescriptions.at(static_cast<std::size_t>(field));
}

// The halves of an IPv6 address; 0 for an address of the other family.
AddressBits ipv6_bits(const IpAddress& address) {
  return address.family() == Family::kIpv6 ? AddressBits::of(address) : AddressBits{};
}

std::uint64_t ipv4_of(const IpAddress& address) {
  return address.family() == Family::kIpv4 ? AddressBits::of(address).high >> 32U : 0;
}

std::uint64_t high_of(const IpAddress& address) {
  return ipv6_bits(address).high;
}

std::uint64_t low_of(const IpAddress& address) {
  return ipv6_bits(address).low;
}

IpAddress make_ipv4(std::uint64_t value) {
  return AddressBits{.high = value << 32U, .low = 0}.to_address(Family::kIpv4);
}

IpAddress make_ipv6(std::uint64_t high, std::uint64_t low) {
  return AddressBits{.high = high, .low = low}.to_address(Family::kIpv6);
}

// A packet's addresses are of the family that its ether type says.
void set_eth_type(Packet& packet, std::uint16_t eth_type) {
  packet.eth_type = eth_type;
  const Family family = eth_type == kEthTypeIpv6 ? Family::kIpv6 : Family::kIpv4;
  for (IpAddress* const address : {&packet.src_ip, &packet.dst_ip}) {
    if (address->family() != family) *address = IpAddress::unspecified(family);
  }
}

std::size_t bucket_index(Field field) {
  return static_cast<std::size_t>(field) - static_cast<std::size_t>(Field::kFlowBucket);
}

// False if `field` is no part of an address.
bool set_address_part(Packet& packet, Field field, std::uint64_t value) {
  switch (field) {
    case Field::kSrcIp4:
      packet.src_ip = make_ipv4(value);
      return true;
    case Field::kDstIp4:
      packet.dst_ip = make_ipv4(value);
      return true;
    case Field::kSrcIp6High:
      packet.src_ip = make_ipv6(value, low_of(packet.src_ip));
      return true;
    case Field::kSrcIp6Low:
      packet.src_ip = make_ipv6(high_of(packet.src_ip), value);
      return true;
    case Field::kDstIp6High:
      packet.dst_ip = make_ipv6(value, low_of(packet.dst_ip));
      return true;
    case Field::kDstIp6Low:
      packet.dst_ip = make_ipv6(high_of(packet.dst_ip), value);
      return true;
    case Field::kNdTargetHigh:
      packet.nd_target = make_ipv6(value, low_of(packet.nd_target));
      return true;
    case Field::kNdTargetLow:
      packet.nd_target = make_ipv6(high_of(packet.nd_target), value);
      return true;
    default:
      return false;
  }
}

// Every field that is no part of an address.
void set_plain(Packet& packet, Field field, std::uint64_t value) {
  const auto octet = static_cast<std::uint8_t>(value & 0xffU);
  const auto word = static_cast<std::uint16_t>(value & 0xffffU);
  switch (field) {
    case Field::kInPort:
      packet.in_port = PortNo{static_cast<std::uint32_t>(value)};
      break;
    case Field::kEthType:
      set_eth_type(packet, word);
      break;
    case Field::kVlanId:
      packet.vlan_id = word;
      break;
    case Field::kVlanPcp:
      packet.vlan_pcp = octet;
      break;
    case Field::kSrcMac:
      packet.src_mac = MacAddress::from_u64(value);
      break;
    case Field::kDstMac:
      packet.dst_mac = MacAddress::from_u64(value);
      break;
    case Field::kProtocol:
      packet.protocol = octet;
      break;
    case Field::kDscp:
      packet.dscp = octet;
      break;
    case Field::kSrcPort:
      packet.src_port = word;
      break;
    case Field::kDstPort:
      packet.dst_port = word;
      break;
    case Field::kTcpFlags:
      packet.tcp_flags = word;
      break;
    case Field::kIcmpType:
      packet.icmp_type = octet;
      break;
    case Field::kIcmpCode:
      packet.icmp_code = octet;
      break;
    case Field::kArpSenderMac:
      packet.arp_sender_mac = MacAddress::from_u64(value);
      break;
    case Field::kFlowBucket:
    case Field::kSrcIpBucket:
    case Field::kDstIpBucket:
      packet.buckets.at(bucket_index(field)) = octet;
      break;
    default:
      FABRIX_ASSERT(false);  // Addresses were set already, and there are no other fields.
  }
}

}  // namespace

unsigned width_of(Field field) {
  return describe(field).width;
}

std::uint64_t max_value(Field field) {
  return ~std::uint64_t{0} >> (64 - width_of(field));
}

std::string_view name_of(Field field) {
  return describe(field).name;
}

std::uint64_t value_of(const Packet& packet, Field field) {
  switch (field) {
    case Field::kInPort:
      return packet.in_port.value;
    case Field::kEthType:
      return packet.eth_type;
    case Field::kVlanId:
      return packet.vlan_id;
    case Field::kVlanPcp:
      return packet.vlan_pcp;
    case Field::kSrcMac:
      return packet.src_mac.to_u64();
    case Field::kDstMac:
      return packet.dst_mac.to_u64();
    case Field::kProtocol:
      return packet.protocol;
    case Field::kDscp:
      return packet.dscp;
    case Field::kSrcIp4:
      return ipv4_of(packet.src_ip);
    case Field::kDstIp4:
      return ipv4_of(packet.dst_ip);
    case Field::kSrcIp6High:
      return high_of(packet.src_ip);
    case Field::kSrcIp6Low:
      return low_of(packet.src_ip);
    case Field::kDstIp6High:
      return high_of(packet.dst_ip);
    case Field::kDstIp6Low:
      return low_of(packet.dst_ip);
    case Field::kSrcPort:
      return packet.src_port;
    case Field::kDstPort:
      return packet.dst_port;
    case Field::kTcpFlags:
      return packet.tcp_flags;
    case Field::kIcmpType:
      return packet.icmp_type;
    case Field::kIcmpCode:
      return packet.icmp_code;
    case Field::kArpSenderMac:
      return packet.arp_sender_mac.to_u64();
    case Field::kNdTargetHigh:
      return high_of(packet.nd_target);
    case Field::kNdTargetLow:
      return low_of(packet.nd_target);
    case Field::kFlowBucket:
    case Field::kSrcIpBucket:
    case Field::kDstIpBucket:
      return packet.buckets.at(bucket_index(field));
  }
  FABRIX_ASSERT(false);  // No such field.
  return 0;
}

void set_value(Packet& packet, Field field, std::uint64_t value) {
  FABRIX_ASSERT(value <= max_value(field));
  // Writing the 0 that an absent address already reads as must not change the family.
  if (field != Field::kEthType && value_of(packet, field) == value) return;
  if (!set_address_part(packet, field, value)) set_plain(packet, field, value);
}

}  // namespace fabrix::net
