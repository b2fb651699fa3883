// SocketAddress: an Endpoint as the socket calls want it (struct sockaddr). For sources of this
// module.
#pragma once

#include <cstdint>

#include <sys/socket.h>

#include "base/result.h"
#include "io/endpoint.h"
#include "io/file_descriptor.h"

namespace fabrix::io {

class SocketAddress {
 public:
  // Fails if a unix path is too long (107 octets).
  static Result<SocketAddress> from(const Endpoint& endpoint);

  // The address `call` (getsockname, getpeername) tells of a socket; unnamed if it fails.
  static SocketAddress of(int fd, int (*call)(int, sockaddr*, socklen_t*) noexcept);

  // Anything but IPv4 and IPv6 is a unix endpoint.
  Endpoint endpoint() const;

  const sockaddr* data() const;
  socklen_t size() const { return size_; }
  int family() const { return storage_.ss_family; }

  // For calls that fill in an address.
  sockaddr* mutable_data();
  socklen_t* mutable_size() { return &size_; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = sizeof(sockaddr_storage);
};

// IpAddress as sockaddr_storage, port 0.
sockaddr_storage to_sockaddr(const IpEndpoint& endpoint);

// A new stream socket of the endpoint's family: non-blocking, closed on exec.
Result<FileDescriptor> open_stream_socket(const Endpoint& endpoint);

}  // namespace fabrix::io
