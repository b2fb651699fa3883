// A pipe to catch a child's output with: we read without blocking, the child writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/result.h"
#include "io/file_descriptor.h"

namespace fabrix::io {

struct Pipe {
  FileDescriptor reader;  // non-blocking
  FileDescriptor writer;
};

Result<Pipe> open_pipe();

enum class PipeState : std::uint8_t { kOpen, kEnded };

// Hands what is in the pipe now to `take`, in pieces, at most 1 MiB (a pipe holds 64 KiB, but
// somebody may be refilling it).
PipeState read_pipe(int fd, const std::function<void(std::span<const std::byte>)>& take);

}  // namespace fabrix::io
