// FlowSpec: a flow definition as sFlow-RT's users write it, with its defaults and limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "net/ip_address.h"
#include "telemetry/flow_log.h"
#include "telemetry/flow_meter.h"

namespace fabrix::telemetry {

// Where records go by IPFIX.
struct IpfixCollector {
  static constexpr std::uint16_t kDefaultPort = 4739;  // IANA: ipfix

  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  std::uint16_t port = kDefaultPort;

  friend bool operator==(const IpfixCollector&, const IpfixCollector&) = default;
};

struct FlowSpec {
  std::string keys;
  std::string value;
  std::string values;
  std::string filter;
  double n = 5;  // flows told of a data source; 5 .. 20
  double t = 2;  // seconds; 0.2 .. 600
  std::string separator = ",";
  enum class Log : std::uint8_t { kNone, kAtEnd, kAtStart } log = Log::kNone;
  double active_timeout = 60;  // seconds; 1 .. 3600
  FlowDefinition::Of of = FlowDefinition::Of::kSamples;
  FlowDefinition::Sources sources = FlowDefinition::Sources::kInterfaces;
  std::vector<IpfixCollector> ipfix_collectors{};

  friend bool operator==(const FlowSpec&, const FlowSpec&) = default;
};

// What is outside the limits, at the limit.
FlowSpec clamped(FlowSpec spec);

// Of a clamped one.
FlowDefinition definition_of(const FlowSpec& spec);
FlowLogOptions log_options_of(const FlowSpec& spec);

}  // namespace fabrix::telemetry
