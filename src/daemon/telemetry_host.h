// TelemetryHost: the telemetry engine of a running exchange, as exchange.telemetry says: on a
// thread of its own, with its flow definitions and what it has measured kept over reloads.
//
// Loop's thread only.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "analyzer/service_thread.h"
#include "base/result.h"
#include "exchange/telemetry_reader.h"
#include "net/ip_address.h"

namespace fabrix::daemon {

// What exchange.yaml says of it, once the file has been read without errors. Scripts and their
// store are relative to the file's directory.
exchange::TelemetrySite read_telemetry_site(const std::filesystem::path& file);

class TelemetryHost {
 public:
  // This is wanted from now on; the engine's threads are those that it began with. Fails if an
  // endpoint cannot be had: then all stays as it was.
  Result<void> configured(const exchange::TelemetrySite& site);

  // The last that was, with the engine's threads.
  const exchange::TelemetrySite& site() const { return site_; }

  // A datagram of the exchange's own sampler.
  void receive(const std::vector<std::byte>& datagram, const net::IpAddress& agent);

  // Null without an engine.
  analyzer::ServiceThread* service() const { return service_.get(); }

 private:
  Result<void> serve(const exchange::TelemetrySite& site);

  std::unique_ptr<analyzer::ServiceThread> service_;
  exchange::TelemetrySite site_;
};

}  // namespace fabrix::daemon
