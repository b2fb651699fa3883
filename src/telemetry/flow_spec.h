// FlowSpec: a flow definition as sFlow-RT's users write it, with its defaults and limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "telemetry/flow_log.h"
#include "telemetry/flow_meter.h"

namespace fabrix::telemetry {

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

  friend bool operator==(const FlowSpec&, const FlowSpec&) = default;
};

// What is outside the limits, at the limit.
FlowSpec clamped(FlowSpec spec);

// Of a clamped one.
FlowDefinition definition_of(const FlowSpec& spec);
FlowLogOptions log_options_of(const FlowSpec& spec);

}  // namespace fabrix::telemetry
