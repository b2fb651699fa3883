// MetricStore: what agents count, as metrics: rates and values by agent, data source and name, and
// how the agents' datagrams arrive.
//
// Time is an input. Pure; one thread.
#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "net/ip_address.h"
#include "sflow/datagram.h"
#include "telemetry/flow_cache.h"
#include "telemetry/flow_meter.h"

namespace fabrix::telemetry {

// A metric that is a number has a new value.
struct MetricUpdate {
  DataSource source;
  std::string_view name;  // "ifinoctets"
  double value = 0;
  Time time{};
};

class MetricStore {
 public:
  // All that a datagram says, whole: its header's sequence, its counter samples. `from` is where it
  // came from.
  void receive(const sflow::Datagram& datagram, const net::IpAddress& from, Time now);

  // Time has passed without datagrams, perhaps.
  void tick(Time now);

  // From now on told of every new value of a number. It must not change the store.
  void observe(std::function<void(const MetricUpdate&)> observer);

 private:
  std::function<void(const MetricUpdate&)> observer_;  // may be empty
};

}  // namespace fabrix::telemetry
