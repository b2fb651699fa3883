// FileDescriptor: owns one open file of the kernel, and closes it.
//
// Move-only. close() errors are not reported: what matters was written through a call that was.
#pragma once

#include <string_view>
#include <utility>

#include "base/result.h"

namespace fabrix::io {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { close(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

  // Gives up ownership.
  int release() { return std::exchange(fd_, -1); }
  void close();

 private:
  int fd_ = -1;
};

// "`what`: `the system's words for errno`".
Error errno_error(std::string_view what);

// The same for an error number that a call returned otherwise than through errno.
Error errno_error(std::string_view what, int number);

}  // namespace fabrix::io
