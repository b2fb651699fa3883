#include "io/namespace.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"

namespace fabrix::io {
namespace {

constexpr const char* kDirectory = "/run/netns";
constexpr const char* kOwnNamespace = "/proc/thread-self/ns/net";

std::string path_of(const std::string& name) {
  return std::string(kDirectory) + "/" + name;
}

bool is_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !name.empty() && name.size() <= 200 && name != "." && name != ".." &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

// As iproute2 does, so that both can be used side by side: the directory is a shared mount, for a
// namespace deleted here to vanish from the mount namespaces of others too.
Result<void> prepare_directory() {
  if (mkdir(kDirectory, 0755) != 0 && errno != EEXIST) return fail(errno_error(kDirectory));
  const FileDescriptor directory(open(kDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return fail(errno_error(kDirectory));
  flock(directory.get(), LOCK_EX);  // released by closing it
  const auto make_shared_mount = [] {
    return mount("", kDirectory, "none", MS_SHARED | MS_REC, nullptr) == 0;
  };
  if (make_shared_mount()) return {};
  if (errno != EINVAL) return fail(errno_error("share /run/netns"));
  // Not a mount point yet.
  if (mount(kDirectory, kDirectory, "none", MS_BIND | MS_REC, nullptr) != 0) {
    return fail(errno_error("mount /run/netns"));
  }
  if (make_shared_mount()) return {};
  return fail(errno_error("share /run/netns"));
}

Result<void> bind_own_namespace(const std::string& path) {
  if (mount(kOwnNamespace, path.c_str(), "none", MS_BIND, nullptr) == 0) return {};
  return fail(errno_error("mount " + path));
}

// Makes a namespace and hangs it at `path`; the thread ends up where it was.
Result<void> bind_new_namespace(const std::string& path) {
  FABRIX_TRY(const NamespaceScope way_back, NamespaceScope::enter(""));
  if (unshare(CLONE_NEWNET) != 0) return fail(errno_error("unshare(CLONE_NEWNET)"));
  return bind_own_namespace(path);
}

// Makes the name, at which `bind` hangs a namespace.
Result<void> make_name(const std::string& name,
                       const std::function<Result<void>(const std::string& path)>& bind) {
  if (!is_name(name)) return fail(Error{"'" + name + "' cannot name a network namespace"});
  auto prepared = prepare_directory();
  if (!prepared) return prepared;
  const std::string path = path_of(name);
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
  if (!file.valid()) return fail(errno_error("network namespace " + name));
  auto bound = bind(path);
  if (!bound) unlink(path.c_str());
  return bound;
}

}  // namespace

Result<void> create_namespace(const std::string& name) {
  return make_name(name, bind_new_namespace);
}

Result<void> alias_namespace(const std::string& name, const std::string& alias) {
  FABRIX_TRY(const NamespaceScope there, NamespaceScope::enter(name));
  return make_name(alias, bind_own_namespace);
}

Result<void> delete_namespace(const std::string& name) {
  if (!is_name(name)) return fail(Error{"'" + name + "' cannot name a network namespace"});
  const std::string path = path_of(name);
  umount2(path.c_str(), MNT_DETACH);  // A file without a mount is a leftover, and goes as well.
  if (unlink(path.c_str()) == 0) return {};
  return fail(errno_error("delete network namespace " + name));
}

std::vector<std::string> list_namespaces() {
  std::vector<std::string> names;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(kDirectory, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename());
  }
  std::ranges::sort(names);
  return names;
}

Result<FileDescriptor> open_namespace(const std::string& name) {
  if (!is_name(name)) return fail(Error{"'" + name + "' cannot name a network namespace"});
  FileDescriptor file(open(path_of(name).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail(errno_error("network namespace " + name));
  return file;
}

Result<NamespaceScope> NamespaceScope::enter(const std::string& name) {
  FileDescriptor home(open(kOwnNamespace, O_RDONLY | O_CLOEXEC));
  if (!home.valid()) return fail(errno_error(kOwnNamespace));
  if (!name.empty()) {
    FABRIX_TRY(const FileDescriptor there, open_namespace(name));
    if (setns(there.get(), CLONE_NEWNET) != 0) {
      return fail(errno_error("enter network namespace " + name));
    }
  }
  return NamespaceScope(std::move(home));
}

NamespaceScope::~NamespaceScope() {
  if (home_.valid()) FABRIX_ASSERT(setns(home_.get(), CLONE_NEWNET) == 0);
}

}  // namespace fabrix::io
