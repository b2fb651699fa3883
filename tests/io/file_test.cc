#include "io/file.h"

#include <optional>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

class FileTest : public ::testing::Test {
 protected:
  testing::TemporaryDirectory directory_;
};

TEST_F(FileTest, ReadsWhatWasWritten) {
  const std::string path = directory_ / "file";
  const std::string content(100'000, 'x');
  ASSERT_TRUE(write_file_atomically(path, content, 0600));
  EXPECT_EQ(read_file(path).value(), content);
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(FileTest, ReadsNoMoreThanItMay) {
  const std::string path = directory_ / "file";
  ASSERT_TRUE(write_file_atomically(path, "12345"));
  EXPECT_TRUE(read_file(path, 5));
  EXPECT_FALSE(read_file(path, 4));
  EXPECT_FALSE(read_file("/dev/zero", 1'000'000));
}

TEST_F(FileTest, ReplacesWithoutLeavingAnythingBehind) {
  const std::string path = directory_ / "file";
  ASSERT_TRUE(write_file_atomically(path, "old"));
  ASSERT_TRUE(write_file_atomically(path, "new"));
  EXPECT_EQ(read_file(path).value(), "new");
  EXPECT_FALSE(write_file_atomically(directory_.path(), "a directory is in the way"));
  const std::filesystem::directory_iterator entries(directory_.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(FileTest, ReplacesInOneStepWithoutWaitingForTheDisk) {
  const std::string path = directory_ / "file";
  ASSERT_TRUE(replace_file(path, "old and long", 0600));
  ASSERT_TRUE(replace_file(path, "new"));
  EXPECT_EQ(read_file(path).value(), "new");
  EXPECT_FALSE(replace_file(directory_.path(), "a directory is in the way"));
  EXPECT_FALSE(replace_file("/nonexistent/file", "x"));
  const std::filesystem::directory_iterator entries(directory_.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(FileTest, SaysWhatIsWrong) {
  const auto missing = read_file("/nonexistent");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "/nonexistent: No such file or directory");
  EXPECT_FALSE(write_file_atomically("/nonexistent/file", "x"));
  EXPECT_FALSE(read_file(directory_.path()));
}

TEST_F(FileTest, PidFilesComeAndGo) {
  const std::string path = directory_ / "pid";
  {
    const auto file = PidFile::create(path);
    ASSERT_TRUE(file);
    EXPECT_EQ(read_file(path).value(), std::to_string(getpid()) + "\n");
  }
  EXPECT_FALSE(read_file(path));
}

TEST_F(FileTest, LocksAreExclusiveUntilReleased) {
  const std::string path = directory_ / "lock";
  {
    const auto first = LockFile::acquire(path);
    ASSERT_TRUE(first);
    const auto second = LockFile::acquire(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().message, path + ": held by process " + std::to_string(getpid()));
  }
  EXPECT_TRUE(LockFile::acquire(path));
}

}  // namespace
}  // namespace fabrix::io
