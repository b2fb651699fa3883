// An entry of each kind.
#pragma once

#include <chrono>

#include "exports/entry.h"

namespace fabrix::exports {

inline constexpr telemetry::Time kNow = std::chrono::milliseconds(1'700'000'012'345);

inline const telemetry::DataSource kPort{net::IpAddress::v4({192, 0, 2, 1}), {0, 37}};

inline telemetry::FlowSpec pair_spec() {
  return {.keys = "ipsource,or:ipdestination:ip6destination",
          .value = "bytes",
          .values = "count:ipsource,avg:bytes",
          .log = telemetry::FlowSpec::Log::kAtEnd};
}

inline Entry flow_entry(double value = 701'000) {
  return entry_of(pair_spec(), telemetry::FlowRecord{.id = 3,
                                                     .name = "pair",
                                                     .key = "10.0.0.1,10.0.0.2",
                                                     .value = value,
                                                     .start = std::chrono::seconds(1'700'000'000),
                                                     .end = kNow,
                                                     .source = kPort,
                                                     .values = {1, 1477.5}});
}

inline Entry top_entry() {
  return entry_of(
      pair_spec(), "pair",
      telemetry::ReportedFlow{
          .key = "10.0.0.1,10.0.0.2", .value = 5000, .error = 1000, .sources = 1, .source = kPort},
      kNow);
}

inline Entry metric_entry() {
  return entry_of(kPort, "ifinoctets", telemetry::Metric{.value = 1250.5, .updated = kNow});
}

inline Entry text_entry() {
  return entry_of(kPort, "host_name", telemetry::Metric{.value = "leaf \"1\"", .updated = kNow});
}

inline Entry event_entry() {
  static const telemetry::FlowSpec spec = pair_spec();
  return entry_of(&spec, telemetry::Event{.id = 0,
                                          .threshold_name = "big",
                                          .metric = "pair",
                                          .threshold = 1e6,
                                          .value = 1'000'127,
                                          .source = kPort,
                                          .is_of_flow = true,
                                          .flow_key = "10.0.0.1,10.0.0.2",
                                          .time = kNow,
                                          .values = {2, 3}});
}

}  // namespace fabrix::exports
