#include "lab/datagrams.h"

#include <sys/socket.h>

#include "io/namespace.h"

namespace fabrix::lab {

Result<io::FileDescriptor> open_datagrams(const std::string& network_namespace,
                                          const io::IpEndpoint& local) {
  FABRIX_TRY(const auto scope, io::NamespaceScope::enter(network_namespace));
  const int family = local.address.family() == net::Family::kIpv4 ? AF_INET : AF_INET6;
  io::FileDescriptor socket(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return fail(io::errno_error("socket"));
  FABRIX_TRY(const auto address, io::SocketAddress::from(local));
  if (bind(socket.get(), address.data(), address.size()) == 0) return socket;
  return fail(io::errno_error("bind " + io::to_string(local)));
}

}  // namespace fabrix::lab
