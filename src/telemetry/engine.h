// Engine: datagrams in; flows, events, records and metrics out: all that the telemetry of an
// exchange knows, behind one door.
//
// Sans-I/O: the octets of datagrams and the time are inputs, and what came of them is asked for.
// Captures replay at any speed with the same result. Time never goes back here: an earlier one
// counts as the latest. Bounded: each part states its limits. Pure; one thread, but for what it is
// given to spread work with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/ip_address.h"
#include "sflow/datagram.h"
#include "sflow/sampled_packet.h"
#include "telemetry/exchange_traffic.h"
#include "telemetry/flow_cache.h"
#include "telemetry/flow_table.h"
#include "telemetry/host_names.h"
#include "telemetry/key_census.h"
#include "telemetry/lookups.h"
#include "telemetry/metric_store.h"
#include "telemetry/name_source.h"
#include "telemetry/name_table.h"
#include "telemetry/route_view.h"
#include "telemetry/routers.h"
#include "telemetry/sample.h"
#include "telemetry/threshold_table.h"
#include "telemetry/topology.h"

namespace fabrix::telemetry {

struct IngestCounters {
  std::uint64_t datagrams = 0;  // that were well-formed, at least at their beginning
  std::uint64_t octets = 0;     // of all
  std::uint64_t parse_errors = 0;
  std::uint64_t unsupported_versions = 0;
  std::uint64_t flow_samples = 0;
  std::uint64_t counter_samples = 0;
  std::uint64_t drop_samples = 0;
  std::uint64_t discarded = 0;  // by the kernel, because they came faster than they were read
};

// Where datagrams are to be copied on, by UDP.
struct ForwardTarget {
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  std::uint16_t port = 0;

  friend bool operator==(const ForwardTarget&, const ForwardTarget&) = default;
};

class Engine {
 public:
  static constexpr std::size_t kMaxForwards = 16;

  Engine();
  // Flows of samples that come together are counted by many threads, with the same result
  // (flow_table.h). It outlives the engine.
  explicit Engine(Spread* spread);
  // Its parts know each other.
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  Engine(Engine&&) = delete;
  Engine& operator=(Engine&&) = delete;
  ~Engine() = default;

  // A datagram has come from an address.
  void receive(sflow::Bytes datagram, const net::IpAddress& from, Time now);

  // The same of some, as they came; quicker.
  struct Arrival {
    sflow::Bytes datagram;
    net::IpAddress from = net::IpAddress::unspecified(net::Family::kIpv4);
  };
  void receive(std::span<const Arrival> arrivals, Time now);

  // Time has passed; to be called about ten times a second.
  void tick(Time now);

  // The latest that it has been told of.
  Time now() const { return now_; }

  // The first that it has been told of.
  Time since() const { return since_.value_or(now_); }

  const IngestCounters& counters() const { return counters_; }

  // So many the kernel has discarded so far.
  void set_discarded(std::uint64_t datagrams) { counters_.discarded = datagrams; }

  FlowTable& flows() { return flows_; }
  const FlowTable& flows() const { return flows_; }
  ThresholdTable& thresholds() { return thresholds_; }
  const ThresholdTable& thresholds() const { return thresholds_; }
  NameTable& names() { return names_; }
  const NameTable& names() const { return names_; }
  MetricStore& metrics() { return metrics_; }
  const MetricStore& metrics() const { return metrics_; }
  const KeyCensus& keys() const { return keys_; }

  // By name. Fails if there are too many.
  Result<void> set_forward(const std::string& name, const ForwardTarget& target);
  bool remove_forward(const std::string& name) { return forwards_.erase(name) != 0; }
  const std::map<std::string, ForwardTarget>& forwards() const { return forwards_; }

  // Whose fabric the samples are of; `router` is its route server among the routers. Its members
  // name things in keys: map:macsource:members, and by the prefixes that they announce
  // group:ipsource:members.
  static constexpr const char* kMembers = "members";
  void set_exchange(Exchange exchange, const net::IpAddress& router);

  // Of that exchange.
  const ExchangeTraffic& traffic() const { return traffic_; }

  Routers& routers() { return routers_; }
  const Routers& routers() const { return routers_; }

  // In place of what was there (Topology::set()).
  Result<void> set_topology(TopologyMap map) { return topology_.set(std::move(map), metrics_); }
  const Topology& topology() const { return topology_; }

  HostNames& host_names() { return host_names_; }

  // What the world says of addresses; it outlives the engine or what is set next. Null: nothing.
  void name_with(NameSource* world) { lookups_.world = world; }

  // For key functions. As long as the engine.
  const Lookups& lookups() const { return lookups_; }

 private:
  void advance(Time now);
  // Samples that are counted together: perhaps of several datagrams, between which is nothing else.
  struct Together {
    explicit Together(std::size_t most) : packets(most), memos(most), samples(most) {}

    std::vector<std::optional<sflow::SampledPacket>> packets;
    std::vector<RouteMemo> memos;
    std::vector<Sample> samples;
    std::size_t count = 0;
  };

  void take(const Arrival& arrival);
  void take(const sflow::Datagram& datagram);
  void take_flow(const net::IpAddress& agent, const sflow::Item& item);
  void take_counters(const sflow::DatagramHeader& header, const sflow::Item& item);
  void take_drop(const net::IpAddress& agent, const sflow::Item& item);
  void put(const net::IpAddress& agent, const auto& read);
  void count_together();
  void count_for_exchange(const Sample& sample);
  FrameExit exit_of(const Sample& sample) const;
  std::optional<MemberId> member_at(const DataSource& port) const;

  Time now_{};
  std::optional<Time> since_;
  IngestCounters counters_;
  NameTable names_;
  Topology topology_;
  Time learned_{};  // when the topology did
  HostNames host_names_;
  Lookups lookups_;
  ThresholdTable thresholds_;
  FlowTable flows_;
  MetricStore metrics_;
  KeyCensus keys_;
  std::map<std::string, ForwardTarget> forwards_;
  Routers routers_;
  net::IpAddress route_server_ = net::IpAddress::unspecified(net::Family::kIpv4);
  ExchangeTraffic traffic_;
  Together together_;
};

}  // namespace fabrix::telemetry
