#include "io/file_descriptor.h"

#include <cerrno>

#include <fcntl.h>
#include <gtest/gtest.h>

namespace fabrix::io {
namespace {

bool is_open(int fd) {
  return fcntl(fd, F_GETFD) >= 0;
}

FileDescriptor open_null() {
  return FileDescriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

TEST(FileDescriptorTest, ClosesWhatItOwnsAndNothingElse) {
  int fd = -1;
  {
    const FileDescriptor file = open_null();
    fd = file.get();
    EXPECT_TRUE(is_open(fd));
  }
  EXPECT_FALSE(is_open(fd));
}

TEST(FileDescriptorTest, MovesOwnership) {
  FileDescriptor first = open_null();
  FileDescriptor second = open_null();
  const int kept = first.get();
  const int replaced = second.get();
  second = std::move(first);
  EXPECT_EQ(second.get(), kept);
  EXPECT_FALSE(is_open(replaced));
  const FileDescriptor released(second.release());
  EXPECT_FALSE(second.valid());
  EXPECT_TRUE(is_open(kept));
}

TEST(FileDescriptorTest, ErrorsSayWhatFailedAndWhy) {
  EXPECT_EQ(errno_error("open x", ENOENT).message, "open x: No such file or directory");
  errno = EACCES;
  EXPECT_EQ(errno_error("open y").message, "open y: Permission denied");
}

}  // namespace
}  // namespace fabrix::io
