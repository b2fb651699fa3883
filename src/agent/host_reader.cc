#include "agent/host_reader.h"

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "io/file.h"

namespace fabrix::agent {
namespace {

namespace fs = std::filesystem;

// Of the kernel or the system: small, or cut off.
std::string text_of(const std::string& path) {
  return io::read_file(path, std::size_t{4} << 20U).value_or(std::string());
}

// Disks of hardware: not their partitions, not what is made of disks or memory.
std::set<std::string, std::less<>> disks() {
  std::set<std::string, std::less<>> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/sys/block", error)) {
    if (fs::exists(entry.path() / "device", error)) names.insert(entry.path().filename());
  }
  return names;
}

std::vector<host::Space> filesystems() {
  std::vector<host::Space> found;
  for (const std::string& directory : host::local_mounts(text_of("/proc/mounts"))) {
    struct statvfs space {};
    if (statvfs(directory.c_str(), &space) != 0) continue;
    found.push_back({.octets = std::uint64_t{space.f_blocks} * space.f_frsize,
                     .free = std::uint64_t{space.f_bavail} * space.f_frsize});
  }
  return found;
}

}  // namespace

std::vector<sflow::Record> read_host(const HostReading& known) {
  const std::string cpuinfo = text_of("/proc/cpuinfo");
  const std::string meminfo = text_of("/proc/meminfo");
  const std::string stat = text_of("/proc/stat");
  const std::string loadavg = text_of("/proc/loadavg");
  const std::string uptime = text_of("/proc/uptime");
  std::vector<sflow::Record> records{
      host::host_record(known.names),
      host::adapters_record(known.adapters),
      host::cpu_record({.stat = stat, .loadavg = loadavg, .uptime = uptime, .cpuinfo = cpuinfo}),
      host::memory_record(meminfo, text_of("/proc/vmstat")),
      host::disk_record(text_of("/proc/diskstats"), disks(), filesystems()),
      host::network_record(known.network)};
  for (auto& record : host::mib2_records(text_of("/proc/net/snmp"))) {
    records.push_back(std::move(record));
  }
  if (known.nodes != 0) records.push_back(host::node_record(cpuinfo, meminfo, known.nodes));
  return records;
}

host::HostNames read_names(const host::Config& config) {
  utsname kernel{};
  uname(&kernel);
  std::string machine_id = text_of("/etc/machine-id");
  while (!machine_id.empty() && machine_id.back() == '\n') machine_id.pop_back();
  const auto uuid = config.uuid ? config.uuid : host::uuid_of(machine_id);
  return {.name = config.host_name.empty() ? std::string(&kernel.nodename[0]) : config.host_name,
          .uuid = uuid.value_or(host::Uuid{}),
          .machine = &kernel.machine[0],
          .release = &kernel.release[0]};
}

host::HostSize read_size() {
  const auto pages = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES));
  return {.cpus = static_cast<std::uint32_t>(sysconf(_SC_NPROCESSORS_ONLN)),
          .memory = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE))};
}

}  // namespace fabrix::agent
