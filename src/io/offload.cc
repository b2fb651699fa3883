#include "io/offload.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "io/file_descriptor.h"
#include "io/namespace.h"

namespace fabrix::io {
namespace {

// One ethtool command about one interface: sends `data`, returns what came back.
Result<std::uint32_t> ethtool(int fd, const std::string& link, std::uint32_t command,
                              std::uint32_t data) {
  ethtool_value value{};
  value.cmd = command;
  value.data = data;
  ifreq request{};
  if (link.size() >= sizeof(request.ifr_name)) return fail(Error{link + ": name too long"});
  std::ranges::copy(link, &request.ifr_name[0]);
  request.ifr_data = reinterpret_cast<char*>(&value);
  if (ioctl(fd, SIOCETHTOOL, &request) == 0) return value.data;
  // An interface that does not have this offload does not use it either.
  if (errno == EOPNOTSUPP) return std::uint32_t{0};
  return fail(errno_error("offload of " + link));
}

Result<void> clear_flag(int fd, const std::string& link, std::uint32_t flag) {
  FABRIX_TRY(const std::uint32_t flags, ethtool(fd, link, ETHTOOL_GFLAGS, 0));
  if ((flags & flag) == 0) return {};
  FABRIX_TRY([[maybe_unused]] const auto done, ethtool(fd, link, ETHTOOL_SFLAGS, flags & ~flag));
  return {};
}

// Any socket of the namespace will do to ask about its interfaces.
Result<FileDescriptor> open_socket_in(const std::string& network_namespace) {
  FABRIX_TRY(const NamespaceScope scope, NamespaceScope::enter(network_namespace));
  FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return fail(errno_error("socket"));
  return socket;
}

}  // namespace

Result<void> disable_transmit_offload(const std::string& link,
                                      const std::string& network_namespace) {
  FABRIX_TRY(const FileDescriptor socket, open_socket_in(network_namespace));
  for (const int command : {ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_STXCSUM}) {
    const auto done = ethtool(socket.get(), link, static_cast<std::uint32_t>(command), 0);
    if (!done) return fail(done.error());
  }
  return {};
}

Result<void> keep_tags_in_frames(const std::string& link) {
  FABRIX_TRY(const FileDescriptor socket, open_socket_in(""));
  return clear_flag(socket.get(), link, ETH_FLAG_RXVLAN);
}

Result<void> face_xdp(const std::string& link, const std::string& network_namespace) {
  FABRIX_TRY(const FileDescriptor socket, open_socket_in(network_namespace));
  FABRIX_TRY([[maybe_unused]] const auto done, ethtool(socket.get(), link, ETHTOOL_SGRO, 1));
  return clear_flag(socket.get(), link, ETH_FLAG_TXVLAN);
}

Result<bool> transmit_checksum_offload(const std::string& link,
                                       const std::string& network_namespace) {
  FABRIX_TRY(const FileDescriptor socket, open_socket_in(network_namespace));
  FABRIX_TRY(const std::uint32_t value, ethtool(socket.get(), link, ETHTOOL_GTXCSUM, 0));
  return value != 0;
}

}  // namespace fabrix::io
