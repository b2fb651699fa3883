#include "agent/cgroup_reader.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "host/proc_text.h"
#include "io/file.h"

namespace fabrix::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostText = std::size_t{1} << 20U;

// A file that cannot be read counts as empty: its cgroup may have gone, or does not count this.
std::string text_of(const std::string& path) {
  return io::read_file(path, kMostText).value_or(std::string());
}

// Version 2 has this file, with the controllers that version 1 does not have.
Result<void> check_version(const std::string& mount) {
  std::error_code error;
  if (fs::exists(mount + "/cgroup.controllers", error)) return {};
  const std::string unified = mount + "/unified";
  if (fs::exists(unified + "/cgroup.controllers", error)) {
    return fail(
        Error{fmt::format("{} has control groups of version 1, which are not read. Version 2 "
                          "is at {}, without what version 1 counts: write systemd {{ "
                          "cgroup={} }} for what is there",
                          mount, unified, unified)});
  }
  if (fs::exists(mount + "/memory", error)) {
    return fail(Error{mount + " has control groups of version 1, which are not read: boot with "
                              "systemd.unified_cgroup_hierarchy=1 to see services and containers"});
  }
  return fail(Error{mount + " has no control groups of version 2: say where they are with "
                            "systemd { cgroup=PATH }"});
}

// What the network of the cgroup's processes, by the first of them, has counted, if it is another
// one than the calling thread's.
std::string network_of(const std::string& directory) {
  const std::string processes = text_of(directory + "cgroup.procs");
  std::string_view rest = processes;
  const std::string process = "/proc/" + std::string(host::take_word(rest));
  std::error_code error;
  const auto theirs = fs::read_symlink(process + "/ns/net", error);
  if (error || theirs == fs::read_symlink("/proc/thread-self/ns/net", error)) return {};
  return text_of(process + "/net/dev");
}

}  // namespace

Result<Cgroups> list_cgroups(const std::string& mount) {
  if (const auto checked = check_version(mount); !checked) return fail(checked.error());
  Cgroups found;
  std::error_code error;
  auto at = fs::recursive_directory_iterator(mount, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (!at->is_directory(error)) continue;
    std::string path = at->path().string().substr(mount.size());
    path.erase(0, path.find_first_not_of('/'));
    auto node = host::node_of(path);
    if (!node) continue;
    at.disable_recursion_pending();
    found.emplace(std::move(path), *std::move(node));
    if (found.size() == kMaxCgroups) break;
  }
  return found;
}

host::CgroupTexts read_cgroup(const std::string& mount, const std::string& path) {
  const std::string directory = mount + "/" + path + "/";
  auto io = io::read_file(directory + "io.stat", kMostText);
  return {.cpu_stat = text_of(directory + "cpu.stat"),
          .memory_current = text_of(directory + "memory.current"),
          .memory_max = text_of(directory + "memory.max"),
          .io_stat = io ? std::optional(*std::move(io)) : std::nullopt,
          .net_dev = network_of(directory)};
}

}  // namespace fabrix::agent
