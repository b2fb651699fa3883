#include "api/process_metrics.h"

#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include "base/number.h"
#include "io/file.h"

namespace fabrix::api {
namespace {

// Fields of proc(5)'s stat, counted from the one after the program's name, which is the third.
constexpr std::size_t kUserTime = 14 - 3;
constexpr std::size_t kSystemTime = 15 - 3;
constexpr std::size_t kThreads = 20 - 3;
constexpr std::size_t kStartTime = 22 - 3;
constexpr std::size_t kVirtualSize = 23 - 3;
constexpr std::size_t kResidentPages = 24 - 3;

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    if (end > 0) found.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

// The line "btime N" of /proc/stat.
double boot_time() {
  constexpr std::string_view kKey = "\nbtime ";
  const auto text = io::read_file("/proc/stat");
  if (!text) return 0;
  const std::size_t at = text->find(kKey);
  if (at == std::string::npos) return 0;
  const auto rest = std::string_view(*text).substr(at + kKey.size());
  return static_cast<double>(
      parse_number<std::uint64_t>(rest.substr(0, rest.find('\n'))).value_or(0));
}

std::uint64_t count_descriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return 0;
  const auto count = std::distance(begin(entries), end(entries));
  return count > 0 ? static_cast<std::uint64_t>(count) - 1 : 0;  // without the one that looks
}

}  // namespace

std::optional<ProcessMetrics> parse_process_stat(std::string_view stat, const KernelUnits& units) {
  // The name is in parentheses and may hold anything, parentheses too.
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  const auto fields = words(stat.substr(name_end + 1));
  if (fields.size() <= kResidentPages) return std::nullopt;
  const auto user = parse_number<std::uint64_t>(fields[kUserTime]);
  const auto system = parse_number<std::uint64_t>(fields[kSystemTime]);
  const auto threads = parse_number<std::uint64_t>(fields[kThreads]);
  const auto start = parse_number<std::uint64_t>(fields[kStartTime]);
  const auto size = parse_number<std::uint64_t>(fields[kVirtualSize]);
  const auto pages = parse_number<std::uint64_t>(fields[kResidentPages]);
  if (!user || !system || !threads || !start || !size || !pages) return std::nullopt;
  ProcessMetrics metrics;
  metrics.cpu_seconds = static_cast<double>(*user + *system) / units.ticks_per_second;
  metrics.threads = *threads;
  metrics.start_seconds = units.boot_seconds + static_cast<double>(*start) / units.ticks_per_second;
  metrics.virtual_bytes = *size;
  metrics.resident_bytes = *pages * units.page_octets;
  return metrics;
}

ProcessMetrics read_process_metrics() {
  const KernelUnits units{.ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK)),
                          .page_octets = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)),
                          .boot_seconds = boot_time()};
  ProcessMetrics metrics;
  if (const auto stat = io::read_file("/proc/self/stat")) {
    metrics = parse_process_stat(*stat, units).value_or(ProcessMetrics{});
  }
  metrics.open_descriptors = count_descriptors();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) metrics.max_descriptors = limit.rlim_cur;
  return metrics;
}

}  // namespace fabrix::api
