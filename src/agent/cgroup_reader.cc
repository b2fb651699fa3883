#include "agent/cgroup_reader.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "host/proc_text.h"
#include "io/file.h"

namespace fabrix::agent {
namespace {

namespace fs = std::filesystem;

// A file that cannot be read counts as empty: its cgroup may have gone, or does not count this.
std::string text_of(const std::string& path) {
  return io::read_file(path, std::size_t{1} << 20U).value_or(std::string());
}

// Version 2 counts where its controllers are.
Result<void> check_version(const std::string& mount) {
  const std::string controllers = text_of(mount + "/cgroup.controllers");
  std::string_view rest = controllers;
  for (std::string_view word = host::take_word(rest); !word.empty(); word = host::take_word(rest)) {
    if (word == "memory") return {};
  }
  std::error_code error;
  const bool is_v1 = fs::exists(mount + "/memory", error) || fs::exists(mount + "/unified", error);
  if (is_v1) {
    return fail(Error{mount + " has control groups of version 1, which are not read: boot with "
                              "systemd.unified_cgroup_hierarchy=1 to see services and containers"});
  }
  return fail(Error{mount +
                    " has no control groups of version 2 that count memory: say where they are "
                    "with systemd { cgroup=PATH }"});
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
  return {.cpu_stat = text_of(directory + "cpu.stat"),
          .memory_current = text_of(directory + "memory.current"),
          .memory_max = text_of(directory + "memory.max"),
          .io_stat = text_of(directory + "io.stat"),
          .net_dev = network_of(directory)};
}

}  // namespace fabrix::agent
