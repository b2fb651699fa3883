#include "monitoring/old_table_dump.h"

#include <array>
#include <cstddef>
#include <utility>

#include "base/byte_reader.h"
#include "monitoring/rib_attributes.h"

namespace fabrix::monitoring {
namespace {

net::IpAddress read_address(net::Family family, ByteReader& in) {
  std::array<std::uint8_t, 16> octets{};
  const std::size_t size = family == net::Family::kIpv4 ? 4 : 16;
  for (std::size_t i = 0; i < size; ++i) octets.at(i) = in.u8();
  if (family == net::Family::kIpv6) return net::IpAddress::v6(octets);
  return net::IpAddress::v4({octets[0], octets[1], octets[2], octets[3]});
}

}  // namespace

std::optional<OldTableEntry> read_old_table_entry(const UnknownRecord& record) {
  // The subtype is the address family.
  const bool known = record.subtype == 1 || record.subtype == 2;
  if (record.type != kOldTableDump || !known) return std::nullopt;
  const auto family = static_cast<net::Family>(record.subtype);
  ByteReader in(record.body);
  in.bytes(4);  // view and sequence number
  const auto address = read_address(family, in);
  const unsigned length = in.u8();
  in.u8();  // status: always 1
  OldTableEntry entry;
  entry.originated = std::chrono::sys_seconds(std::chrono::seconds(in.u32()));
  entry.peer = read_address(family, in);
  entry.peer_as.value = in.u16();
  const std::size_t size = in.u16();
  const auto block = in.bytes(size);
  if (!in.ok() || !in.at_end()) return std::nullopt;
  const auto prefix = net::Prefix::containing(address, length);
  // §4.2: AS numbers have two octets.
  auto decoded = decode_rib_attributes(block, bgp::AsnWidth::kTwoOctets);
  if (!prefix || !decoded) return std::nullopt;
  entry.prefix = *prefix;
  entry.next_hop = decoded->next_hop;
  entry.attributes = std::move(decoded->attributes);
  return entry;
}

}  // namespace fabrix::monitoring
