#include "telemetry/metric_store.h"

namespace fabrix::telemetry {

void MetricStore::receive(const sflow::Datagram& /*datagram*/, const net::IpAddress& /*from*/,
                          Time /*now*/) {}

void MetricStore::tick(Time /*now*/) {}

void MetricStore::observe(std::function<void(const MetricUpdate&)> observer) {
  observer_ = std::move(observer);
}

}  // namespace fabrix::telemetry
