// Lookups: what key functions ask beyond the sample: names that were set, what agents say of
// themselves, the topology, and what the world says of addresses.
//
// Null: there is none of it, and functions that need it have no value.
#pragma once

namespace fabrix::telemetry {

class HostNames;
class MetricStore;
class NameSource;
class NameTable;
class Topology;

struct Lookups {
  const NameTable* names = nullptr;      // group:, map:
  const MetricStore* metrics = nullptr;  // host:, ifname:
  const Topology* topology = nullptr;    // link:, node:, ifname:
  HostNames* hosts = nullptr;            // dns:
  NameSource* world = nullptr;           // country:, asn:, oui:
};

}  // namespace fabrix::telemetry
