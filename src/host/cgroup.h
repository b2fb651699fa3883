// Control groups of Linux, version 2, as sFlow's virtual nodes: which are services of systemd and
// which are containers, and what the kernel has counted for one.
//
//   Linux Documentation/admin-guide/cgroup-v2.rst; systemd.unit(5), systemd-escape(1)
//   sFlow Host Structures (sflow.org/sflow_host.txt): virt_cpu, virt_memory, virt_disk_io,
//   virt_net_io
//
// Pure; any text; fuzzed in fuzz/host/host_records_fuzz.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/config.h"
#include "sflow/agent.h"

namespace fabrix::host {

struct VirtualNode {
  enum class Kind : std::uint8_t { kService, kContainer };

  Kind kind = Kind::kService;
  std::string name;  // "nginx.service", "docker-0123456789ab"

  friend auto operator<=>(const VirtualNode&, const VirtualNode&) = default;
};

// What a cgroup is, by its path below the mount, without a slash before it; none: something else,
// such as a slice. What lies within a service or a container is a part of it.
std::optional<VirtualNode> node_of(std::string_view path);

// An empty one is not there.
struct CgroupTexts {
  std::string cpu_stat;
  std::string memory_current;
  std::string memory_max;
  std::optional<std::string> io_stat;  // empty before there was any I/O
  std::string net_dev;                 // of its own network (proc(5)); empty: it has none
};

// host_descr, host_parent (the host: entity 1), virt_cpu; where the kernel counts them for cgroups,
// virt_memory and virt_disk_io; and with a network of its own virt_net_io. `cpus` and `memory` are
// the host's.
struct HostSize {
  std::uint32_t cpus = 0;
  std::uint64_t memory = 0;  // octets
};
std::vector<sflow::Record> node_records(const VirtualNode& node, const Uuid& host,
                                        const CgroupTexts& texts, const HostSize& size);

}  // namespace fabrix::host
