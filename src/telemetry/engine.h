// Engine: datagrams in; flows, events, records and metrics out: all that the telemetry of an
// exchange knows, behind one door.
//
// Sans-I/O: the octets of datagrams and the time are inputs, and what came of them is asked for.
// Captures replay at any speed with the same result. Time never goes back here: an earlier one
// counts as the latest. Bounded: each part states its limits. Pure; one thread.
#pragma once

#include <cstdint>

#include "net/ip_address.h"
#include "sflow/datagram.h"
#include "telemetry/flow_cache.h"
#include "telemetry/metric_store.h"

namespace fabrix::telemetry {

struct IngestCounters {
  std::uint64_t datagrams = 0;  // that were well-formed, at least at their beginning
  std::uint64_t octets = 0;     // of all
  std::uint64_t parse_errors = 0;
  std::uint64_t unsupported_versions = 0;
  std::uint64_t flow_samples = 0;
  std::uint64_t counter_samples = 0;
  std::uint64_t drop_samples = 0;
};

class Engine {
 public:
  // A datagram has come from an address.
  void receive(sflow::Bytes datagram, const net::IpAddress& from, Time now);

  // Time has passed; to be called about ten times a second.
  void tick(Time now);

  // The latest that it has been told of.
  Time now() const { return now_; }

  const IngestCounters& counters() const { return counters_; }

  MetricStore& metrics() { return metrics_; }
  const MetricStore& metrics() const { return metrics_; }

 private:
  void advance(Time now);
  void count(const sflow::Datagram& datagram);

  Time now_{};
  IngestCounters counters_;
  MetricStore metrics_;
};

}  // namespace fabrix::telemetry
