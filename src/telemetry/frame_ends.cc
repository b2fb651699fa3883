#include "telemetry/frame_ends.h"

#include <array>
#include <cstring>

namespace fabrix::telemetry {
namespace {

net::MacAddress mac_at(sflow::Bytes header, std::size_t at) {
  std::array<std::uint8_t, 6> octets{};
  std::memcpy(octets.data(), header.data() + at, octets.size());
  return net::MacAddress(octets);
}

std::optional<MemberId> at_port(const Members& members, const Sample& sample,
                                const sflow::Interface& interface) {
  const bool is_own = sample.agent == members.exchange().agent;
  return is_own && interface.is_port() ? members.of_port(interface.value) : std::nullopt;
}

}  // namespace

FrameEnds ends_of(const Members& members, const Sample& sample) {
  FrameEnds ends;
  const sflow::Bytes header = sample.packet->layers().octets(sflow::LayerKind::kEthernet, 0);
  if (header.size() >= 12) {
    ends.destination = mac_at(header, 0);
    ends.source = mac_at(header, 6);
    ends.sender = members.of_mac(*ends.source);
    ends.receiver = members.of_mac(*ends.destination);
  }
  if (!ends.sender) ends.sender = at_port(members, sample, sample.input);
  if (!ends.receiver) ends.receiver = at_port(members, sample, sample.output);
  return ends;
}

}  // namespace fabrix::telemetry
