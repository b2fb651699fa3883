// FrameSender: whole Ethernet frames out of any interface of a network namespace (packet(7)).
//
// It never receives. Needs CAP_NET_RAW. Never blocks. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "base/result.h"
#include "io/file_descriptor.h"

namespace fabrix::io {

class FrameSender {
 public:
  // Of the calling thread's namespace.
  static Result<FrameSender> open();

  // By the interface's index. A full queue is an error like any other.
  Result<void> send(std::uint32_t interface, std::span<const std::byte> frame) const;

 private:
  explicit FrameSender(FileDescriptor socket) : socket_(std::move(socket)) {}

  FileDescriptor socket_;
};

}  // namespace fabrix::io
