#include "fabric/port_tags.h"

#include "net/frame_layout.h"

namespace fabrix::fabric {
namespace {

constexpr std::size_t kAddresses = 12;  // octets before the tag

void append(std::vector<std::byte>& octets, std::uint16_t value) {
  octets.push_back(static_cast<std::byte>(value >> 8U));
  octets.push_back(static_cast<std::byte>(value & 0xffU));
}

}  // namespace

std::uint16_t tag_of(const PortTags& tags, net::PortNo port) {
  const auto found = tags.find(port);
  return found == tags.end() ? std::uint16_t{0} : found->second;
}

net::Packet as_admitted(const PortTags& tags, net::Packet packet) {
  const std::uint16_t tag = tag_of(tags, packet.in_port);
  if (tag == 0) return packet;
  if (packet.vlan_id == tag) {
    packet.vlan_id = 0;
    packet.vlan_pcp = 0;
  } else if (packet.vlan_id == 0) {
    packet.vlan_id = net::kPriorityTagged;
  }
  return packet;
}

net::Packet as_sent(const PortTags& tags, net::PortNo port, net::Packet packet) {
  const std::uint16_t tag = tag_of(tags, port);
  if (tag != 0) packet.vlan_id = tag;
  return packet;
}

std::vector<std::byte> with_tag(std::span<const std::byte> frame, std::uint16_t vlan) {
  if (vlan == 0 || frame.size() < kAddresses) return {frame.begin(), frame.end()};
  const auto addresses = frame.first(kAddresses);
  const auto rest = frame.subspan(kAddresses);
  std::vector<std::byte> tagged(addresses.begin(), addresses.end());
  append(tagged, net::kEthTypeVlan);
  append(tagged, vlan);
  tagged.insert(tagged.end(), rest.begin(), rest.end());
  return tagged;
}

}  // namespace fabrix::fabric
