#include "io/pipe.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace fabrix::io {

Result<Pipe> open_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail(errno_error("pipe"));
  Pipe pipe{.reader = FileDescriptor(ends[0]), .writer = FileDescriptor(ends[1])};
  // Only our end: a child would not expect EAGAIN from its stdout.
  if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) return fail(errno_error("pipe"));
  return pipe;
}

PipeState read_pipe(int fd, const std::function<void(std::span<const std::byte>)>& take) {
  constexpr int kMaxReads = 64;
  std::array<std::byte, std::size_t{16} << 10U> buffer{};
  for (int i = 0; i < kMaxReads; ++i) {
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return PipeState::kOpen;
    if (count <= 0) return PipeState::kEnded;
    take(std::span<const std::byte>(buffer).first(static_cast<std::size_t>(count)));
  }
  return PipeState::kOpen;
}

}  // namespace fabrix::io
