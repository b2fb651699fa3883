// Sample: one sampled (or dropped) packet as flow definitions see it.
#pragma once

#include <cstdint>
#include <optional>

#include "net/ip_address.h"
#include "sflow/datagram.h"
#include "sflow/sampled_packet.h"

namespace fabrix::telemetry {

class RouteView;
struct RouteMemo;

struct Sample {
  net::IpAddress agent = net::IpAddress::unspecified(net::Family::kIpv4);
  sflow::SourceId source;
  std::uint32_t sampling_rate = 1;  // packets that this one stands for
  sflow::Interface input;
  sflow::Interface output;
  std::optional<std::uint32_t> drop_reason;      // of packets that were dropped
  const sflow::SampledPacket* packet = nullptr;  // never null when it is used
  const RouteView* routes = nullptr;             // where the agent says nothing of routing; or null
  RouteMemo* memo = nullptr;  // of this sample and these routes alone; null: each look-up is anew
};

// Of a flow sample of a datagram, and of a drop notification. `packet` must outlive it.
inline Sample sample_of(const net::IpAddress& agent, const sflow::FlowSample& flow,
                        const sflow::SampledPacket& packet) {
  return {.agent = agent,
          .source = flow.source,
          .sampling_rate = flow.sampling_rate,
          .input = flow.input,
          .output = flow.output,
          .drop_reason = {},
          .packet = &packet,
          .routes = nullptr,
          .memo = nullptr};
}

inline Sample sample_of(const net::IpAddress& agent, const sflow::DropSample& drop,
                        const sflow::SampledPacket& packet) {
  return {.agent = agent,
          .source = drop.source,
          .sampling_rate = 1,
          .input = {0, drop.input},
          .output = {0, drop.output},
          .drop_reason = drop.reason,
          .packet = &packet,
          .routes = nullptr,
          .memo = nullptr};
}

}  // namespace fabrix::telemetry
