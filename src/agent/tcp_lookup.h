// TcpLookup: what the kernel knows of a TCP connection of this network namespace.
//
//   sock_diag(7); linux/inet_diag.h; tcp(7), TCP_INFO
//
// Never waits: of one connection that is named whole the kernel has the answer ready when the
// question is sent. A call is two system calls, of some microseconds. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/result.h"
#include "host/tcp_connection.h"
#include "io/file_descriptor.h"

namespace fabrix::agent {

class TcpLookup {
 public:
  // In the calling thread's namespace.
  static Result<TcpLookup> open();

  // None: there is no such connection, or it is not established yet, or no more. `interface` is
  // where its packets pass: a socket may be bound to it.
  std::optional<host::TcpState> find(const host::TcpConnection& connection,
                                     std::uint32_t interface);

 private:
  explicit TcpLookup(io::FileDescriptor socket) : socket_(std::move(socket)) {}

  io::FileDescriptor socket_;
  std::uint32_t sequence_ = 0;
};

}  // namespace fabrix::agent
