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

// What a sample counts for. One of a whole switch (Open vSwitch has a sampler for each bridge,
// 2:1000 and on) was taken as the packet came in, and counts for the interface where it did.
inline sflow::SourceId counted_source(const sflow::FlowSample& flow) {
  constexpr std::uint32_t kEntity = 2;
  const bool is_of_switch = flow.source.type == kEntity && flow.input.is_port();
  return is_of_switch ? sflow::SourceId{.type = 0, .index = flow.input.value} : flow.source;
}

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

// Of a flow sample of a datagram, and of a drop notification. `packet` must outlive it. One by one:
// what is made elsewhere and copied is waited for.
inline void put_sample(const net::IpAddress& agent, const sflow::FlowSample& flow,
                       const sflow::SampledPacket& packet, Sample& out) {
  out.agent = agent;
  out.source = flow.source;
  out.sampling_rate = flow.sampling_rate;
  out.input = flow.input;
  out.output = flow.output;
  out.drop_reason.reset();
  out.packet = &packet;
  out.routes = nullptr;
  out.memo = nullptr;
}

inline void put_sample(const net::IpAddress& agent, const sflow::DropSample& drop,
                       const sflow::SampledPacket& packet, Sample& out) {
  out.agent = agent;
  out.source = drop.source;
  out.sampling_rate = 1;
  out.input = {0, drop.input};
  out.output = {0, drop.output};
  out.drop_reason = drop.reason;
  out.packet = &packet;
  out.routes = nullptr;
  out.memo = nullptr;
}

Sample sample_of(const net::IpAddress& agent, const auto& read,
                 const sflow::SampledPacket& packet) {
  Sample sample;
  put_sample(agent, read, packet, sample);
  return sample;
}

}  // namespace fabrix::telemetry
