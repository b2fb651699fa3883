#include "net/flow_hash.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "net/address_bits.h"

namespace fabrix::net {
namespace {

// The finalizer of SplitMix64: each bit of the result depends on all of `value`.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;

std::uint64_t hash_of(const IpAddress& address) {
  const AddressBits bits = AddressBits::of(address);
  return mixed(mixed(bits.high + kStep) + bits.low);
}

std::uint64_t hash_of(const IpAddress& address, std::uint16_t port) {
  return mixed(hash_of(address) + kStep * (port + std::uint64_t{1}));
}

bool has_ports(const Packet& packet) {
  return packet.protocol == kProtocolTcp || packet.protocol == kProtocolUdp ||
         packet.protocol == kProtocolSctp;
}

// A sum does not tell which end is which.
std::uint64_t hash_of_flow(const Packet& packet) {
  const bool ports = has_ports(packet);
  return hash_of(packet.src_ip, ports ? packet.src_port : std::uint16_t{0}) +
         hash_of(packet.dst_ip, ports ? packet.dst_port : std::uint16_t{0}) +
         kStep * packet.protocol;
}

std::uint64_t hash_of(const Packet& packet, HashKey key) {
  switch (key) {
    case HashKey::kFlow:
      return hash_of_flow(packet);
    case HashKey::kSrcIp:
      return hash_of(packet.src_ip);
    case HashKey::kDstIp:
      return hash_of(packet.dst_ip);
  }
  FABRIX_ASSERT(false);  // No such key.
  return 0;
}

}  // namespace

std::string_view name_of(HashKey key) {
  switch (key) {
    case HashKey::kFlow:
      return "flow";
    case HashKey::kSrcIp:
      return "srcip";
    case HashKey::kDstIp:
      return "dstip";
  }
  return "unknown";
}

std::uint8_t bucket_of(const Packet& packet, HashKey key) {
  if (packet.eth_type != kEthTypeIpv4 && packet.eth_type != kEthTypeIpv6) return 0;
  return static_cast<std::uint8_t>(mixed(hash_of(packet, key)) % kBucketCount);
}

std::string bucket_text(const Packet& packet, HashKeys keys) {
  std::string text;
  for (const HashKey key : kHashKeys) {
    if (!keys.contains(key)) continue;
    text += fmt::format(" {} {} bucket {}", text.empty() ? "in" : "and", name_of(key),
                        value_of(packet, bucket_field(key)));
  }
  return text;
}

Packet hashed(Packet packet) {
  for (const HashKey key : kHashKeys) set_value(packet, bucket_field(key), bucket_of(packet, key));
  return packet;
}

}  // namespace fabrix::net
