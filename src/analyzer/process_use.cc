#include "analyzer/process_use.h"

#include <sys/resource.h>
#include <unistd.h>

#include "base/number.h"
#include "io/file.h"

namespace fabrix::analyzer {
namespace {

std::chrono::microseconds duration_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

// The second word of /proc/self/statm.
std::uint64_t resident_pages() {
  const auto text = io::read_file("/proc/self/statm");
  if (!text) return 0;
  const auto begin = text->find(' ');
  if (begin == std::string::npos) return 0;
  const auto rest = std::string_view(*text).substr(begin + 1);
  return parse_number<std::uint64_t>(rest.substr(0, rest.find(' '))).value_or(0);
}

}  // namespace

ProcessUse process_use() {
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  ProcessUse use{.resident_octets = resident_pages() * page};
  if (const auto pages = sysconf(_SC_PHYS_PAGES); pages > 0) {
    use.memory_octets = static_cast<std::uint64_t>(pages) * page;
  }
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0) {
    use.processor = std::chrono::duration_cast<std::chrono::milliseconds>(
        duration_of(used.ru_utime) + duration_of(used.ru_stime));
  }
  return use;
}

}  // namespace fabrix::analyzer
