#include "sflow/flow_records.h"

#include <fmt/format.h>

namespace fabrix::sflow {
namespace {

constexpr std::uint32_t kAsSet = 1;

// Calls `use` with the type of each segment and its AS numbers.
template <typename Use>
void for_each_segment(Bytes as_path, const Use& use) {
  XdrReader in(as_path);
  const std::uint32_t segments = in.u32();
  for (std::uint32_t segment = 0; segment < segments && in.ok(); ++segment) {
    const std::uint32_t type = in.u32();
    const Bytes numbers = in.words();
    if (in.ok()) use(type, numbers);
  }
}

template <typename Record>
std::optional<Record> complete(const XdrReader& in, const Record& record) {
  return in.ok() ? std::optional(record) : std::nullopt;
}

void read_ip_rest(XdrReader& in, SampledIp& ip) {
  ip.source_port = in.u32();
  ip.destination_port = in.u32();
  ip.tcp_flags = in.u32();
  ip.tos = in.u32();
}

}  // namespace

std::optional<SampledEthernet> read_sampled_ethernet(Bytes record) {
  XdrReader in(record);
  SampledEthernet ethernet;
  ethernet.length = in.u32();
  ethernet.source = in.mac();
  ethernet.destination = in.mac();
  ethernet.type = in.u32();
  return complete(in, ethernet);
}

std::optional<SampledIp> read_sampled_ipv4(Bytes record) {
  XdrReader in(record);
  SampledIp ip;
  ip.length = in.u32();
  ip.protocol = in.u32();
  ip.source = in.ipv4();
  ip.destination = in.ipv4();
  read_ip_rest(in, ip);
  return complete(in, ip);
}

std::optional<SampledIp> read_sampled_ipv6(Bytes record) {
  XdrReader in(record);
  SampledIp ip;
  ip.length = in.u32();
  ip.protocol = in.u32();
  ip.source = in.ipv6();
  ip.destination = in.ipv6();
  read_ip_rest(in, ip);
  return complete(in, ip);
}

std::optional<ExtendedSwitch> read_extended_switch(Bytes record) {
  XdrReader in(record);
  ExtendedSwitch vlans;
  vlans.source_vlan = in.u32();
  vlans.source_priority = in.u32();
  vlans.destination_vlan = in.u32();
  vlans.destination_priority = in.u32();
  return complete(in, vlans);
}

std::optional<ExtendedRouter> read_extended_router(Bytes record) {
  XdrReader in(record);
  ExtendedRouter router;
  router.next_hop = in.address();
  router.source_mask_length = in.u32();
  router.destination_mask_length = in.u32();
  return complete(in, router);
}

std::optional<ExtendedGateway> read_extended_gateway(Bytes record) {
  XdrReader in(record);
  ExtendedGateway gateway;
  gateway.next_hop = in.address();
  gateway.as = in.u32();
  gateway.source_as = in.u32();
  gateway.source_peer_as = in.u32();
  const Bytes path = in.rest();
  const std::uint32_t segments = in.u32();
  for (std::uint32_t segment = 0; segment < segments && in.ok(); ++segment) {
    in.u32();
    in.words();
  }
  gateway.as_path = path.first(path.size() - in.remaining());
  gateway.communities = in.words();
  gateway.local_preference = in.u32();
  return complete(in, gateway);
}

AsPathEnds as_path_ends(Bytes as_path) {
  AsPathEnds ends;
  bool first = true;
  for_each_segment(as_path, [&](std::uint32_t, Bytes numbers) {
    if (numbers.empty()) return;
    if (first) ends.peer_as = load_u32(numbers.data());
    first = false;
    ends.as = load_u32(numbers.last(4).data());
  });
  return ends;
}

std::string as_path_text(Bytes as_path) {
  std::string text;
  for_each_segment(as_path, [&](std::uint32_t type, Bytes numbers) {
    if (!text.empty() && !numbers.empty()) text += '-';
    if (type == kAsSet) text += '(';
    for (std::size_t at = 0; at < numbers.size(); at += 4) {
      if (at != 0) text += '-';
      text += fmt::to_string(load_u32(numbers.subspan(at).data()));
    }
    if (type == kAsSet) text += ')';
  });
  return text;
}

}  // namespace fabrix::sflow
