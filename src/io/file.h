// Files: read whole, written atomically, and used to say who is running.
//
// Blocking; small files only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "io/file_descriptor.h"

namespace fabrix::io {

inline constexpr std::size_t kMaxFileSize = std::size_t{256} << 20U;

// All of a file; fails if it is larger than `limit`.
Result<std::string> read_file(const std::string& path, std::size_t limit = kMaxFileSize);

// Readers see the old content or the new, also after a crash: temporary file, fsync, rename, fsync
// of the directory.
Result<void> write_file_atomically(const std::string& path, std::string_view content,
                                   std::uint32_t mode = 0644);

// The same without fsync: a crash of this process leaves a whole file, one of the machine may not.
// For a file that one process alone writes: what comes between is PATH.new.
Result<void> replace_file(const std::string& path, std::string_view content,
                          std::uint32_t mode = 0644);

// PidFile: holds our process id in a file and removes the file when destroyed.
class PidFile {
 public:
  static Result<PidFile> create(const std::string& path);

  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&&) = delete;
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;
  ~PidFile();

 private:
  explicit PidFile(std::string path) : path_(std::move(path)) {}

  std::string path_;  // empty: moved from
};

// LockFile: whoever holds it owns what it stands for, such as a lab's directory. The kernel
// releases it with the process, however that ends, so a leftover file means nothing.
class LockFile {
 public:
  // Fails if another holds it; names the process id of the holder. Does not wait.
  static Result<LockFile> acquire(const std::string& path);

 private:
  explicit LockFile(FileDescriptor file) : file_(std::move(file)) {}

  FileDescriptor file_;
};

}  // namespace fabrix::io
