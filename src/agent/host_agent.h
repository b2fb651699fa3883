// HostAgent: the sFlow agent of a host: samples of its interfaces, and counters of them, of itself
// and of the services and containers on it, to collectors, as a configuration says (host/config.h).
//
//   sFlow version 5, sFlow Host Structures, sFlow TCP information (sflow.org)
//
// Data sources: an interface by its ifIndex (0:), the host (2:1), services and containers (3:),
// from kFirstNode up in the order in which they were seen. Samples leave within kFlushAfter; each
// data source's counters go out every `polling` seconds, at a second of its own. Interfaces that
// come and go are followed. Datagrams are sent when they are made and never kept: what the kernel
// does not take is lost, as it may be anywhere on its way, and counted.
//
// Bounded: kMaxNodes virtual nodes, kTcpLookups connections looked up a second. Needs the rights of
// PacketSampler if anything is sampled. Loop's thread only, which is in the network namespace that
// it is about.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/cgroup_reader.h"
#include "agent/collector_sender.h"
#include "agent/packet_sampler.h"
#include "agent/tcp_lookup.h"
#include "base/result.h"
#include "host/cgroup.h"
#include "host/config.h"
#include "host/host_records.h"
#include "io/event_loop.h"
#include "io/link_statistics.h"
#include "io/link_watch.h"
#include "io/netlink_socket.h"
#include "sflow/agent.h"

namespace fabrix::agent {

class HostAgent {
 public:
  static constexpr std::chrono::milliseconds kFlushAfter{250};
  static constexpr std::chrono::milliseconds kSettleLinks{100};  // news of links come together
  static constexpr std::uint32_t kFirstNode = 100'000;
  static constexpr std::size_t kMaxNodes = 100'000;
  static constexpr std::uint32_t kTcpLookups = 2000;

  struct Counts {
    std::uint64_t samples = 0;
    std::uint64_t datagrams = 0;  // sent, to each collector
    std::uint64_t unsent = 0;  // that the kernel did not take, or whose collector is not found yet
    std::uint64_t lost = 0;    // samples, for which the kernel had no room
  };

  // Fails, in words for an operator, if it cannot sample, has no address or no socket. Interfaces
  // that are not there (yet) are waited for.
  static Result<std::unique_ptr<HostAgent>> start(io::EventLoop& loop, host::Config config);
  // What is ready is sent.
  ~HostAgent();
  HostAgent(const HostAgent&) = delete;
  HostAgent& operator=(const HostAgent&) = delete;
  HostAgent(HostAgent&&) = delete;
  HostAgent& operator=(HostAgent&&) = delete;

  const net::IpAddress& address() const { return address_; }
  // Of the interfaces that are sampled now, each with its rate: "eth0 1:1000".
  std::vector<std::string> sampled() const;
  Counts counts() const;

 private:
  struct Interface {
    io::LinkStatistics is;
    io::LinkSpeed speed;
    std::optional<Sampling> sampling;
    std::uint32_t lost = 0;
  };

  HostAgent(io::EventLoop& loop, host::Config config, net::IpAddress address,
            io::NetlinkSocket netlink);

  Result<void> open(io::EventLoop& loop);
  Result<void> follow_links();
  Result<void> sample(Interface& interface);
  const host::Sampled* wanted(const Interface& interface) const;
  void tell_missing() const;

  void take(const SampledFrame& frame);
  std::optional<sflow::Record> tcp_of(const SampledFrame& frame, sflow::HeaderProtocol protocol);

  void tick();
  bool is_due(std::uint32_t index) const { return index % config_.polling_seconds == turn_; }
  void count_interfaces();
  void count_host();
  void list_nodes();
  void count_nodes();
  void add(const sflow::SourceId& source, const std::vector<sflow::Record>& records);

  void send_done();
  std::uint32_t uptime() const;

  host::Config config_;
  net::IpAddress address_;
  sflow::Agent agent_;
  io::NetlinkSocket netlink_;
  host::HostNames names_;
  io::Timer flush_;
  io::Timer tick_;
  io::Timer settle_;
  io::Clock::time_point started_;
  std::uint64_t seconds_ = 0;                      // since it began
  std::uint32_t turn_ = 0;                         // of the seconds of polling
  std::uint32_t lookups_ = 0;                      // in this second
  std::map<std::uint32_t, Interface> interfaces_;  // by ifIndex
  std::vector<std::unique_ptr<CollectorSender>> senders_;
  std::optional<TcpLookup> tcp_;
  std::unique_ptr<PacketSampler> sampler_;
  std::unique_ptr<io::LinkWatch> watch_;
  bool counts_nodes_ = false;
  Cgroups nodes_;
  std::map<host::VirtualNode, std::uint32_t> node_indices_;
  Counts counts_;
};

}  // namespace fabrix::agent
