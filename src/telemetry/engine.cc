#include "telemetry/engine.h"

#include <algorithm>

namespace fabrix::telemetry {

void Engine::receive(sflow::Bytes datagram, const net::IpAddress& from, Time now) {
  advance(now);
  counters_.octets += datagram.size();
  const auto opened = sflow::Datagram::open(datagram);
  if (!opened) {
    const bool version = opened.error().reason == sflow::Fault::Reason::kVersion;
    ++(version ? counters_.unsupported_versions : counters_.parse_errors);
    return;
  }
  ++counters_.datagrams;
  metrics_.receive(*opened, from, now_);
  count(*opened);
}

void Engine::count(const sflow::Datagram& datagram) {
  sflow::ItemCursor items = datagram.samples();
  while (const auto item = items.next()) {
    if (sflow::is_flow_sample(item->tag)) ++counters_.flow_samples;
    if (sflow::is_counter_sample(item->tag)) ++counters_.counter_samples;
    if (item->tag == sflow::kDropSample) ++counters_.drop_samples;
  }
  if (items.fault()) ++counters_.parse_errors;
}

void Engine::tick(Time now) {
  advance(now);
  metrics_.tick(now_);
}

void Engine::advance(Time now) {
  now_ = std::max(now_, now);
}

}  // namespace fabrix::telemetry
