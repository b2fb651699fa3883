// What control groups of version 2 there are, and what the kernel has counted for one.
//
//   Linux Documentation/admin-guide/cgroup-v2.rst; which is what: host/cgroup.h
//
// Blocking, as files of the kernel are: some microseconds for each of a cgroup. Any thread.
// Networks of others are seen with the rights to trace them.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/result.h"
#include "host/cgroup.h"

namespace fabrix::agent {

// The services and containers that are there, by their cgroup's path below the mount.
using Cgroups = std::map<std::string, host::VirtualNode>;

// Fails, in words for an operator, where version 2 is not at `mount`: where version 1 is, or
// nothing is mounted. At most kMaxCgroups.
inline constexpr std::size_t kMaxCgroups = 4096;
Result<Cgroups> list_cgroups(const std::string& mount);

host::CgroupTexts read_cgroup(const std::string& mount, const std::string& path);

}  // namespace fabrix::agent
