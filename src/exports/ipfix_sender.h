// IpfixSender: records of flows with ipfixCollectors to these, by UDP.
//
// What is sent may be lost, and nobody says so: nothing is kept, and nothing sent again. A
// collector that has had no record for kForget is forgotten. Loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "exports/exporter.h"
#include "exports/ipfix_session.h"
#include "io/datagram_socket.h"
#include "io/endpoint.h"
#include "telemetry/flow_log.h"
#include "telemetry/flow_spec.h"

namespace fabrix::exports {

class IpfixSender {
 public:
  static constexpr std::chrono::hours kForget{1};

  // To the collectors of the definition.
  void add(const telemetry::FlowSpec& spec, const telemetry::FlowRecord& record,
           telemetry::Time now);

  // Sends what has been added.
  void tick(telemetry::Time now);

  // Of each collector; `sent` are records.
  std::vector<ExportStatus> status() const;

 private:
  struct Collector {
    IpfixSession session;
    telemetry::Time last{};    // record
    std::uint64_t unsent = 0;  // messages that the kernel did not take
    std::string problem;       // why
  };

  void send(const io::IpEndpoint& to, Collector& collector, telemetry::Time now);

  std::map<io::IpEndpoint, Collector> collectors_;
  std::map<net::Family, io::DatagramSocket> sockets_;
};

}  // namespace fabrix::exports
