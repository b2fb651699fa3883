// What the kernel says of this host at the moment, as counter records of sFlow.
//
//   proc(5), uname(2), machine-id(5), statvfs(3); records: host/host_records.h
//
// Blocking, as files of /proc are: some hundred microseconds. A file that cannot be read counts as
// empty. Any thread.
#pragma once

#include <string>
#include <vector>

#include "host/cgroup.h"
#include "host/config.h"
#include "host/host_records.h"
#include "sflow/agent.h"

namespace fabrix::agent {

// Of the host's own data source: host_descr, host_adapters, host_cpu, host_memory, host_disk_io,
// host_net_io, the groups of MIB-2, and virt_node if `nodes` run on it.
struct HostReading {
  host::HostNames names;
  std::vector<host::Adapter> adapters;
  host::NetworkCounts network;
  std::size_t nodes = 0;
};
std::vector<sflow::Record> read_host(const HostReading& known);

// What does not change: as the configuration says, else as the kernel does.
host::HostNames read_names(const host::Config& config);

host::HostSize read_size();

}  // namespace fabrix::agent
