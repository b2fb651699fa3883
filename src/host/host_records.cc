#include "host/host_records.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "base/assert.h"
#include "host/proc_text.h"
#include "sflow/record.h"

namespace fabrix::host {
namespace {

using sflow::FieldValue;
using Values = std::vector<FieldValue>;

constexpr std::uint64_t kTickMs = 10;       // of /proc/stat: USER_HZ is 100
constexpr std::uint64_t kSector = 512;      // of /proc/diskstats
constexpr std::uint64_t kKibi = 1024;       // "kB" of /proc/meminfo
constexpr std::uint32_t kLinux = 2;         // os_name
constexpr std::uint32_t kOtherMachine = 1;  // machine_type

FieldValue number(std::uint64_t value) {
  return {value};
}

sflow::Bytes octets_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

float float_of(std::string_view word) {
  float value = 0;
  std::from_chars(word.data(), word.data() + word.size(), value);
  return std::isfinite(value) ? value : 0;
}

std::uint32_t machine_type(std::string_view machine) {
  struct Known {
    std::string_view beginning;
    std::uint32_t type;
  };
  // sflow_host.txt: machine_type.
  static constexpr std::array<Known, 12> kKnown{{{"x86_64", 3},
                                                 {"i386", 2},
                                                 {"i486", 2},
                                                 {"i586", 2},
                                                 {"i686", 2},
                                                 {"ia64", 4},
                                                 {"sparc", 5},
                                                 {"alpha", 6},
                                                 {"ppc", 7},
                                                 {"mips", 9},
                                                 {"arm", 10},
                                                 {"aarch64", 10}}};
  const auto* const found = std::ranges::find_if(
      kKnown, [&](const Known& known) { return machine.starts_with(known.beginning); });
  return found == kKnown.end() ? kOtherMachine : found->type;
}

// "cpu MHz : 2100.000", of the first; ARM does not say.
std::uint64_t megahertz(std::string_view cpuinfo) {
  while (!cpuinfo.empty()) {
    const std::string_view line = take_line(cpuinfo);
    const std::size_t colon = line.find(':');
    if (!line.starts_with("cpu MHz") || colon == std::string_view::npos) continue;
    std::string_view value = line.substr(colon + 1);
    return take_number(value);
  }
  return 0;
}

std::uint64_t processors(std::string_view cpuinfo) {
  std::uint64_t count = 0;
  while (!cpuinfo.empty()) count += take_line(cpuinfo).starts_with("processor") ? 1U : 0U;
  return count;
}

// Lines "cpu0 ...", "cpu1 ...".
std::uint64_t processors_of_stat(std::string_view stat) {
  std::uint64_t count = 0;
  while (!stat.empty()) {
    const std::string_view line = take_line(stat);
    count += line.starts_with("cpu") && !line.starts_with("cpu ") ? 1U : 0U;
  }
  return count;
}

std::uint64_t memory_of(std::string_view meminfo, std::string_view key) {
  return value_of(meminfo, key) * kKibi;
}

// The number below the name in the two lines that begin with `group`, such as "Ip:".
std::uint64_t snmp_value(std::string_view snmp, std::string_view group, std::string_view name) {
  auto names = line_of(snmp, group);
  if (!names) return 0;
  const auto behind = static_cast<std::size_t>(names->data() + names->size() - snmp.data());
  auto values = line_of(snmp.substr(behind), group);
  while (values && !names->empty()) {
    const std::string_view word = take_word(*names);
    const std::uint64_t value = take_number(*values);
    if (word == name) return value;
  }
  return 0;
}

// The names in the MIB's order are the schema's, behind its prefix: "ipForwarding" is "Forwarding".
sflow::Record mib2_record(std::string_view snmp, std::uint32_t format, std::string_view prefix,
                          std::string_view group) {
  Values values;
  for (const auto& field : sflow::find_counter_schema(sflow::Tag::of(0, format))->fields) {
    std::string_view name = field.name.substr(prefix.size());
    // Linux spells two of them otherwise.
    if (name == "InParamProbs") name = "InParmProbs";
    if (name == "OutParamProbs") name = "OutParmProbs";
    values.push_back(number(snmp_value(snmp, group, name)));
  }
  return counter_record(format, values);
}

}  // namespace

sflow::Record counter_record(std::uint32_t format, std::span<const FieldValue> values) {
  const auto tag = sflow::Tag::of(0, format);
  return {.tag = tag, .octets = sflow::encode_record(*sflow::find_counter_schema(tag), values)};
}

sflow::Record host_record(const HostNames& names) {
  constexpr std::size_t kLongestName = 64;  // sflow_host.txt
  constexpr std::size_t kLongestRelease = 32;
  const std::string_view name = names.name;
  const std::string_view release = names.release;
  return counter_record(2000,
                        Values{octets_of(name.substr(0, kLongestName)), sflow::Bytes(names.uuid),
                               number(machine_type(names.machine)), number(kLinux),
                               octets_of(release.substr(0, kLongestRelease))});
}

// An adapter is a number and its MACs: here always one, of six octets and two of padding.
sflow::Record adapters_record(std::span<const Adapter> adapters) {
  adapters = adapters.first(std::min(adapters.size(), kMaxAdapters));
  std::vector<std::array<std::byte, 8>> macs(adapters.size());
  Values values{number(adapters.size())};
  for (std::size_t i = 0; i < adapters.size(); ++i) {
    std::ranges::transform(adapters[i].mac.octets(), macs[i].begin(),
                           [](std::uint8_t octet) { return static_cast<std::byte>(octet); });
    values.emplace_back(number(adapters[i].index));
    values.emplace_back(sflow::Bytes(macs[i]));
  }
  return counter_record(2001, values);
}

sflow::Record cpu_record(const CpuTexts& texts) {
  std::string_view load = texts.loadavg;
  Values values;
  for (int i = 0; i < 3; ++i) values.emplace_back(float_of(take_word(load)));
  const std::string_view tasks = take_word(load);  // "6/128"
  const std::size_t slash = std::min(tasks.find('/'), tasks.size());
  values.push_back(number(number_of(tasks.substr(0, slash))));
  values.push_back(number(number_of(tasks.substr(std::min(slash + 1, tasks.size())))));
  values.push_back(number(processors_of_stat(texts.stat)));
  values.push_back(number(megahertz(texts.cpuinfo)));
  values.push_back(number(number_of(texts.uptime)));
  // user nice system idle iowait irq softirq steal guest guest_nice
  std::array<std::uint64_t, 10> times{};
  auto line = line_of(texts.stat, "cpu");
  for (std::uint64_t& time : times) time = line ? take_number(*line) * kTickMs : 0;
  for (const std::uint64_t time : std::span(times).first(7)) values.push_back(number(time));
  values.push_back(number(value_of(texts.stat, "intr")));
  values.push_back(number(value_of(texts.stat, "ctxt")));
  for (const std::uint64_t time : std::span(times).subspan(7)) values.push_back(number(time));
  return counter_record(2003, values);
}

sflow::Record memory_record(std::string_view meminfo, std::string_view vmstat) {
  Values values;
  for (const auto* const key :
       {"MemTotal:", "MemFree:", "Shmem:", "Buffers:", "Cached:", "SwapTotal:", "SwapFree:"}) {
    values.push_back(number(memory_of(meminfo, key)));
  }
  for (const auto* const key : {"pgpgin", "pgpgout", "pswpin", "pswpout"}) {
    values.push_back(number(value_of(vmstat, key)));
  }
  return counter_record(2004, values);
}

sflow::Record disk_record(std::string_view diskstats,
                          const std::set<std::string, std::less<>>& disks,
                          std::span<const Space> filesystems) {
  std::uint64_t all = 0;
  std::uint64_t free = 0;
  std::uint64_t fullest = 0;  // hundredths of a percent
  for (const Space& space : filesystems) {
    all += space.octets;
    free += std::min(space.free, space.octets);
    if (space.octets == 0 || space.free > space.octets) continue;
    const auto used = static_cast<double>(space.octets - space.free);
    fullest = std::max(fullest, static_cast<std::uint64_t>(
                                    std::lround(used / static_cast<double>(space.octets) * 10000)));
  }
  // reads merged sectors ms writes merged sectors ms
  std::array<std::uint64_t, 8> sums{};
  while (!diskstats.empty()) {
    std::string_view line = take_line(diskstats);
    take_number(line), take_number(line);
    if (!disks.contains(take_word(line))) continue;
    for (std::uint64_t& sum : sums) sum += take_number(line);
  }
  return counter_record(2005, Values{number(all), number(free), number(fullest), number(sums[0]),
                                     number(sums[2] * kSector), number(sums[3]), number(sums[4]),
                                     number(sums[6] * kSector), number(sums[7])});
}

// "/dev/vda / ext4 rw,relatime 0 0". A device that is mounted twice is one.
std::vector<std::string> local_mounts(std::string_view mounts) {
  std::set<std::string_view> seen;
  std::vector<std::string> directories;
  while (!mounts.empty()) {
    std::string_view line = take_line(mounts);
    const std::string_view device = take_word(line);
    const std::string_view directory = take_word(line);
    const bool is_local = device.starts_with("/dev/") && !device.starts_with("/dev/loop");
    if (is_local && !directory.empty() && seen.insert(device).second) {
      directories.emplace_back(directory);
    }
  }
  return directories;
}

sflow::Record network_record(const NetworkCounts& counts) {
  return counter_record(
      2006, Values{number(counts.in_octets), number(counts.in_packets), number(counts.in_errors),
                   number(counts.in_drops), number(counts.out_octets), number(counts.out_packets),
                   number(counts.out_errors), number(counts.out_drops)});
}

std::vector<sflow::Record> mib2_records(std::string_view snmp) {
  std::vector<sflow::Record> records;
  records.push_back(mib2_record(snmp, 2007, "ip", "Ip:"));
  records.push_back(mib2_record(snmp, 2008, "icmp", "Icmp:"));
  records.push_back(mib2_record(snmp, 2009, "tcp", "Tcp:"));
  records.push_back(mib2_record(snmp, 2010, "udp", "Udp:"));
  return records;
}

sflow::Record node_record(std::string_view cpuinfo, std::string_view meminfo, std::size_t nodes) {
  return counter_record(2100, Values{number(megahertz(cpuinfo)), number(processors(cpuinfo)),
                                     number(memory_of(meminfo, "MemTotal:")),
                                     number(memory_of(meminfo, "MemFree:")), number(nodes)});
}

sflow::Record port_name_record(std::string_view name) {
  return counter_record(1005, Values{octets_of(name)});
}

}  // namespace fabrix::host
