// Counter samples for tests of metrics, and what a store has of them.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sflow/datagram_writer.h"
#include "sflow/record.h"
#include "telemetry/metric_store.h"

namespace fabrix::telemetry {

inline const net::IpAddress kCountingAgent = net::IpAddress::v4({192, 0, 2, 1});

using CounterRecords = std::vector<std::pair<sflow::Tag, std::vector<sflow::FieldValue>>>;

struct Counted {
  std::uint32_t sequence = 1;
  std::uint32_t uptime_ms = 0;
  sflow::SourceId source{0, 7};
  net::IpAddress agent = kCountingAgent;
  CounterRecords records;
};

inline std::vector<std::byte> datagram_of(const Counted& counted) {
  sflow::DatagramWriter out(
      {.agent = counted.agent, .sequence = counted.sequence, .uptime_ms = counted.uptime_ms});
  out.begin(sflow::CounterSample{.sequence = counted.sequence, .source = counted.source},
            sflow::SampleForm::kExpanded);
  for (const auto& [tag, values] : counted.records) {
    out.record(tag, sflow::encode_record(*sflow::find_counter_schema(tag), values));
  }
  return out.take();
}

inline void receive(MetricStore& store, const Counted& counted, Time now) {
  const auto octets = datagram_of(counted);
  store.receive(sflow::Datagram::open(octets).value(), net::IpAddress::v4({198, 51, 100, 1}), now);
}

// Interface counters that only these are not zero of.
struct Octets64 {
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  std::uint64_t in_unicast = 0;
  std::uint64_t status = 3;
  std::uint64_t speed = 1'000'000'000;
};
inline CounterRecords interface_counters(const Octets64& counted) {
  using Number = std::uint64_t;
  return {{sflow::Tag::of(0, 1),
           {Number{7}, Number{6}, counted.speed, Number{1}, counted.status, counted.in,
            counted.in_unicast, Number{0}, Number{0}, Number{0}, Number{0}, Number{0xffffffff},
            counted.out, Number{0}, Number{0}, Number{0}, Number{0}, Number{0}, Number{0}}}};
}

// "12.5", "up", or "none".
inline std::string metric(const MetricStore& store, std::string_view name,
                          const sflow::SourceId& source = {0, 7}) {
  const MetricMap* const metrics = store.find({kCountingAgent, source});
  if (metrics == nullptr) return "none";
  const auto found = metrics->find(name);
  if (found == metrics->end()) return "none";
  if (const auto* text = std::get_if<std::string>(&found->second.value)) return *text;
  std::string number = std::to_string(std::get<double>(found->second.value));
  number.erase(number.find_last_not_of('0') + 1);
  if (number.back() == '.') number.pop_back();
  return number;
}

}  // namespace fabrix::telemetry
