// What the kernel says of a host, as records of sFlow: from the texts of /proc and the like.
//
//   sFlow Host Structures (sflow.org/sflow_host.txt): host_descr, host_adapters, host_cpu,
//   host_memory, host_disk_io, host_net_io, mib2_*_group, virt_node; proc(5)
//
// Counters wrap at 32 bits where sFlow has no more. What a text does not say is 0.
//
// Pure; any text; fuzzed in fuzz/host/host_records_fuzz.cc.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/config.h"
#include "net/mac_address.h"
#include "sflow/agent.h"
#include "sflow/record.h"

namespace fabrix::host {

struct HostNames {
  std::string name;
  Uuid uuid{};
  std::string machine;  // as uname(2) has it
  std::string release;  // of the kernel
};
sflow::Record host_record(const HostNames& names);

struct Adapter {
  std::uint32_t index = 0;  // ifIndex
  net::MacAddress mac;
};
inline constexpr std::size_t kMaxAdapters = 32;  // what is beyond is left out
sflow::Record adapters_record(std::span<const Adapter> adapters);

struct CpuTexts {
  std::string_view stat;
  std::string_view loadavg;
  std::string_view uptime;
  std::string_view cpuinfo;
};
sflow::Record cpu_record(const CpuTexts& texts);

sflow::Record memory_record(std::string_view meminfo, std::string_view vmstat);

struct Space {
  std::uint64_t octets = 0;
  std::uint64_t free = 0;
};
// `disks` are the names of those that count: a partition's work is its disk's too.
sflow::Record disk_record(std::string_view diskstats,
                          const std::set<std::string, std::less<>>& disks,
                          std::span<const Space> filesystems);

// The devices that are mounted and have their own space: directories, one a device.
std::vector<std::string> local_mounts(std::string_view mounts);

struct NetworkCounts {
  std::uint64_t in_octets = 0;
  std::uint64_t in_packets = 0;
  std::uint64_t in_errors = 0;
  std::uint64_t in_drops = 0;
  std::uint64_t out_octets = 0;
  std::uint64_t out_packets = 0;
  std::uint64_t out_errors = 0;
  std::uint64_t out_drops = 0;
};
sflow::Record network_record(const NetworkCounts& counts);

// mib2_ip_group, mib2_icmp_group, mib2_tcp_group, mib2_udp_group: of /proc/net/snmp.
std::vector<sflow::Record> mib2_records(std::string_view snmp);

// virt_node: the host as the one that virtual nodes run on, so many.
sflow::Record node_record(std::string_view cpuinfo, std::string_view meminfo, std::size_t nodes);

// port_name.
sflow::Record port_name_record(std::string_view name);

// A counter record of these values, in the order of sflow/record.h.
sflow::Record counter_record(std::uint32_t format, std::span<const sflow::FieldValue> values);

}  // namespace fabrix::host
