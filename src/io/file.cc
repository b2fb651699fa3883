#include "io/file.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fabrix::io {
namespace {

Result<void> write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t count = write(fd, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(errno_error("write " + path));
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> write_and_sync(int fd, std::string_view content, const std::string& path) {
  auto written = write_all(fd, content, path);
  if (!written) return written;
  if (fsync(fd) != 0) return fail(errno_error("fsync " + path));
  return {};
}

// The rename itself must reach the disk too.
void sync_directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const FileDescriptor file(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.valid()) fsync(file.get());
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail(errno_error(path));
  std::string content;
  std::array<char, std::size_t{16} << 10U> buffer{};
  while (true) {
    const ssize_t count = read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(errno_error("read " + path));
    if (count == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > limit) {
      return fail(Error{path + ": larger than " + std::to_string(limit) + " octets"});
    }
  }
}

Result<void> write_file_atomically(const std::string& path, std::string_view content,
                                   std::uint32_t mode) {
  std::string temporary = path + ".XXXXXX";
  const FileDescriptor file(mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.valid()) return fail(errno_error("create " + temporary));
  auto done = write_and_sync(file.get(), content, path);
  if (done && fchmod(file.get(), mode) != 0) done = fail(errno_error("chmod " + path));
  if (done && rename(temporary.c_str(), path.c_str()) != 0) {
    done = fail(errno_error("rename to " + path));
  }
  if (done) {
    sync_directory_of(path);
  } else {
    unlink(temporary.c_str());
  }
  return done;
}

Result<void> replace_file(const std::string& path, std::string_view content, std::uint32_t mode) {
  const std::string temporary = path + ".new";
  const FileDescriptor file(
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!file.valid()) return fail(errno_error("create " + temporary));
  auto done = write_all(file.get(), content, temporary);
  if (done && rename(temporary.c_str(), path.c_str()) != 0) {
    done = fail(errno_error("rename to " + path));
  }
  if (!done) unlink(temporary.c_str());
  return done;
}

Result<PidFile> PidFile::create(const std::string& path) {
  const auto written = write_file_atomically(path, std::to_string(getpid()) + "\n");
  if (!written) return fail(written.error());
  return PidFile(path);
}

PidFile::PidFile(PidFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}

PidFile::~PidFile() {
  if (!path_.empty()) unlink(path_.c_str());
}

Result<LockFile> LockFile::acquire(const std::string& path) {
  FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!file.valid()) return fail(errno_error(path));
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(errno_error("lock " + path));
    const std::string holder = read_file(path, 64).value_or("");
    return fail(Error{path + ": held by process " + holder.substr(0, holder.find('\n'))});
  }
  if (ftruncate(file.get(), 0) != 0) return fail(errno_error(path));
  const auto written = write_all(file.get(), std::to_string(getpid()) + "\n", path);
  if (!written) return fail(written.error());
  return LockFile(std::move(file));
}

}  // namespace fabrix::io
