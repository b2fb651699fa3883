// MetricRule: what a field of a counter record is as a metric: under which name, and how its number
// is read.
//
// Names are those of sFlow-RT's documentation (sflow-rt.com/metrics.php) and of its published
// applications; what they do not say (TCP/IP, JVM, memcache, optics, VDI) has the name that the
// field has in sflowtool, in small letters and with the record's prefix.
//
// Pure tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "sflow/datagram.h"

namespace fabrix::telemetry {

enum class MetricKind : std::uint8_t {
  kNone,       // is no metric
  kGauge,      // the number as it is
  kRate,       // of a number that grows: how much a second
  kText,       // as sflowtool prints it
  kIfType,     // a name of the IANA's ifType, or the number
  kDirection,  // "full-duplex", "half-duplex", "in", "out", "unknown"
  kStatus,     // two metrics: ifadminstatus and ifoperstatus, "up" or "down"
  kMachine,    // "x86_64" and others of sflow_host.txt
  kOs,         // "linux" and others
};

struct MetricRule {
  std::string_view name;  // a number that repeats comes after it, "sfp_lane_tx_power_uw_0"
  MetricKind kind = MetricKind::kNone;
};

// One for each field of the record's structure, in its order; none of a record that has no metrics.
// A host's own description is another one's if a logical data source (sFlow version 5 §4.2.1, class
// 3) tells it: a virtual machine's, a container's.
std::span<const MetricRule> metric_rules(sflow::Tag tag, const sflow::SourceId& source);

}  // namespace fabrix::telemetry
