#include "io/quiet_link.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "io/file_descriptor.h"

namespace fabrix::io {

// Linux Documentation/networking/ip-sysctl.rst
Result<void> quiet_link(const std::string& link) {
  const std::string path = "/proc/sys/net/ipv6/conf/" + link + "/disable_ipv6";
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid()) {
    if (errno == ENOENT) return {};
    return fail(errno_error(path));
  }
  if (write(file.get(), "1", 1) != 1) return fail(errno_error(path));
  return {};
}

}  // namespace fabrix::io
