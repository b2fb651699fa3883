// Named network namespaces, as `ip netns` keeps them: bind mounts under /run/netns.
//
// Names are 1 to 200 octets of letters, digits, '.', '_' and '-', and not "." or "..".
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/file_descriptor.h"

namespace fabrix::io {

// Creates a namespace (its loopback is down) that lives until it is deleted. Fails if the name is
// taken, or without CAP_SYS_ADMIN.
Result<void> create_namespace(const std::string& name);

// Gives a namespace another name. It lives until all its names are deleted.
Result<void> alias_namespace(const std::string& name, const std::string& alias);

// Deletes the name; the namespace goes when the last process and socket in it are gone.
Result<void> delete_namespace(const std::string& name);

// Names, sorted.
std::vector<std::string> list_namespaces();

Result<FileDescriptor> open_namespace(const std::string& name);

// NamespaceScope: the calling thread works in another network namespace until the end of the block.
//
// What is opened inside (sockets, netlink) stays in that namespace for good. Never `ip netns exec`
// and never a mount: only setns(CLONE_NEWNET), so /sys and bpffs stay as they are. Must be
// destroyed by the thread that made it; scopes nest. That the way back fails cannot happen while
// the process lives, and stops it.
class NamespaceScope {
 public:
  // An empty name is the namespace the thread is already in.
  static Result<NamespaceScope> enter(const std::string& name);

  NamespaceScope(NamespaceScope&&) noexcept = default;
  NamespaceScope& operator=(NamespaceScope&&) = delete;
  NamespaceScope(const NamespaceScope&) = delete;
  NamespaceScope& operator=(const NamespaceScope&) = delete;
  ~NamespaceScope();

 private:
  explicit NamespaceScope(FileDescriptor home) : home_(std::move(home)) {}

  FileDescriptor home_;
};

}  // namespace fabrix::io
