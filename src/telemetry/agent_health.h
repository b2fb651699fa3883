// AgentHealth: which agents send, and how well what they send arrives: counted by the sequence
// numbers of their datagrams (of each sub-agent) and of their samples (of each data source).
//
// An agent whose uptime goes back has begun again, with all of its numbers.
//
//   sFlow version 5 §5: sub-agents, sequence numbers, uptime, drops.
//
// Bounded: kMaxAgents agents, kMaxTrackers data sources and sub-agents of all of them together (of
// more, samples are not counted, and that is: not_counted()), kMaxSenders addresses an agent. What
// has not been heard of for long leaves with expire(). Time is an input. Pure.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "net/ip_address.h"
#include "sflow/datagram.h"
#include "telemetry/decay_clock.h"
#include "telemetry/place_index.h"
#include "telemetry/sequence.h"

namespace fabrix::telemetry {

enum class SampleKind : std::uint8_t { kFlow, kCounter, kDrop };

// Of all data sources of an agent that send samples of one kind.
struct SampleHealth {
  SequenceCount samples;
  std::uint64_t drops = 0;  // by the agent, for want of resources
  std::size_t data_sources = 0;

  friend bool operator==(const SampleHealth&, const SampleHealth&) = default;
};

// One data source of an agent's.
struct SourceReport {
  std::uint64_t flow_samples = 0;
  std::uint32_t sampling_rate = 0;  // as the last flow sample says; 0: there was none
  // What could have been sampled, by the count of samples that came; 0: it is not known.
  double effective_sampling_rate = 0;
  std::uint64_t counter_samples = 0;
  double effective_polling_seconds = 0;  // from counter sample to counter sample; 0: not known

  friend bool operator==(const SourceReport&, const SourceReport&) = default;
};

struct AgentReport {
  net::IpAddress agent = net::IpAddress::unspecified(net::Family::kIpv4);
  SequenceCount datagrams;
  SampleHealth flows;
  SampleHealth counters;
  SampleHealth discards;  // drop notifications
  Time first_seen{};
  Time last_seen{};
  std::uint32_t uptime_ms = 0;
  std::uint64_t restarts = 0;
  std::vector<net::IpAddress> senders;  // where datagrams came from, the first first
};

class AgentHealth {
 public:
  static constexpr std::size_t kMaxAgents = 4096;
  static constexpr std::size_t kMaxTrackers = 131'072;
  static constexpr std::size_t kMaxSenders = 8;

  // All of a datagram.
  void add(const sflow::Datagram& datagram, const net::IpAddress& sender, Time now);

  // The parts of datagrams, for those who go through them anyway: of each begin() with its header,
  // then its samples; and at last finish(), before which not all of them count. The numbers of
  // several are looked up together, so that the memory is not waited for each time.
  void begin(const sflow::DatagramHeader& header, const net::IpAddress& sender, Time now);
  void flow(const sflow::FlowSample& sample);
  void counters(const sflow::CounterSample& sample);
  void discard(const sflow::DropSample& sample);
  void finish();

  // Of all of its sub-agents; none: nothing has come of it. A port of a switch that is sampled as a
  // whole (sample.h) is sampled as the switch is; how many samples were the port's is not known.
  std::optional<SourceReport> source(const net::IpAddress& agent,
                                     const sflow::SourceId& source) const;

  // By address.
  std::vector<AgentReport> agents() const;
  std::size_t size() const { return agents_.size(); }

  // Datagrams and samples beyond the limits.
  std::uint64_t not_counted() const { return not_counted_; }

  // Forgets agents that have not been heard of since `then`. How many.
  std::size_t expire(Time then);

 private:
  struct Origin {
    std::uint32_t agent = 0;  // a number of ours
    std::uint32_t sub_agent = 0;
    SampleKind kind = SampleKind::kFlow;
    sflow::SourceId source;

    friend bool operator==(const Origin&, const Origin&) = default;
  };
  static std::uint64_t hash_of(const Origin& origin);
  // All that is of flow samples is in two lines of memory.
  struct alignas(64) Tracker {
    Origin origin;
    std::uint32_t restarts = 0;  // of the sub-agent, that this one knows of
    SequenceTracker sequence;
    std::uint32_t dropped = 0;  // as the last sample said
    // Of flow samples.
    std::uint32_t rate = 0;
    std::uint32_t pool = 0;  // as the last sample said
    std::uint64_t drops = 0;
    std::uint64_t pooled = 0;  // what the pool grew by, in the course of `pooled_in` samples
    std::uint64_t pooled_in = 0;
    // Of counter samples.
    Time first{};
    Time last{};
  };
  struct SubAgent {
    SequenceTracker sequence;
    std::uint32_t uptime_ms = 0;
    std::uint32_t restarts = 0;
  };
  struct Agent {
    std::uint32_t number = 0;
    std::map<std::uint32_t, SubAgent> sub_agents;
    AgentReport report;  // what the trackers do not hold
  };

  // A sample that is not counted yet.
  struct Pending {
    Origin origin;
    std::uint64_t hash = 0;
    std::uint32_t restarts = 0;  // of the sub-agent
    std::uint32_t sequence = 0;
    Time at{};
    std::uint32_t dropped = 0;  // of what is sampled, as are the next
    std::uint32_t rate = 0;
    std::uint32_t pool = 0;
  };
  static constexpr std::size_t kMaxPending = 32;

  Agent* agent_of(const net::IpAddress& address, Time now);
  Pending* put(SampleKind kind, const sflow::SourceId& source, std::uint32_t sequence);
  std::optional<std::size_t> tracker_of(const Pending& pending);
  void index(std::size_t place);
  static void track(const Pending& pending, Tracker& tracker);
  const Tracker* tracker_of(const Origin& origin) const;
  const Tracker* switch_of(const Agent& agent, const sflow::SourceId& port) const;
  static void tell_rate(const Tracker& flows, SourceReport& report);
  static void tell_flows(const Tracker& flows, SourceReport& report);
  static void tell_counters(const Tracker& counters, SourceReport& report);

  std::map<net::IpAddress, Agent> agents_;
  std::vector<Tracker> trackers_;
  PlaceIndex places_;  // of trackers_
  std::array<Pending, kMaxPending> pending_;
  std::size_t pending_count_ = 0;
  std::uint32_t next_number_ = 0;
  std::size_t sub_agents_ = 0;  // of all agents
  std::uint64_t not_counted_ = 0;
  // Of the datagram at hand; null: beyond the limits.
  const Agent* agent_ = nullptr;
  const SubAgent* sub_agent_ = nullptr;
  std::uint32_t sub_agent_id_ = 0;
  Time now_{};
};

}  // namespace fabrix::telemetry
