#include "io/file_descriptor.h"

#include <cerrno>
#include <string>
#include <system_error>

#include <unistd.h>

namespace fabrix::io {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.release();
  }
  return *this;
}

void FileDescriptor::close() {
  if (valid()) ::close(release());
}

Error errno_error(std::string_view what) {
  return errno_error(what, errno);
}

Error errno_error(std::string_view what, int number) {
  return Error{std::string(what) + ": " + std::generic_category().message(number)};
}

}  // namespace fabrix::io
