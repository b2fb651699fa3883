#include "daemon/watched_file.h"

#include <gtest/gtest.h>

#include "io/file.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

TEST(WatchedFile, IsReadOnceForEachChange) {
  const io::testing::TemporaryDirectory directory;
  ASSERT_TRUE(io::write_file_atomically(directory / "file", "one"));
  WatchedFile file(directory / "file", 100);
  EXPECT_EQ(file.read_if_changed().value(), "one");
  EXPECT_EQ(file.read_if_changed(), std::nullopt);
  ASSERT_TRUE(io::write_file_atomically(directory / "file", "three"));
  EXPECT_EQ(file.read_if_changed().value(), "three");
  // Of the same length, at another time.
  ASSERT_TRUE(io::write_file_atomically(directory / "file", "seven"));
  std::filesystem::last_write_time(
      directory / "file", std::filesystem::file_time_type::clock::now() + std::chrono::seconds(2));
  EXPECT_EQ(file.read_if_changed().value(), "seven");
}

// Two writings may have one time of modification.
TEST(WatchedFile, SeesAChangeThatLeavesSizeAndTimeAsTheyWere) {
  const io::testing::TemporaryDirectory directory;
  WatchedFile file(directory / "file", 100);
  ASSERT_TRUE(io::write_file_atomically(directory / "file", "three"));
  const auto time = std::filesystem::last_write_time(directory / "file");
  EXPECT_EQ(file.read_if_changed().value(), "three");
  ASSERT_TRUE(io::write_file_atomically(directory / "file", "seven"));
  std::filesystem::last_write_time(directory / "file", time);
  EXPECT_EQ(file.read_if_changed().value(), "seven");
  EXPECT_EQ(file.read_if_changed(), std::nullopt);
}

TEST(WatchedFile, TellsOnceThatThereIsNone) {
  const io::testing::TemporaryDirectory directory;
  WatchedFile file(directory / "file", 100);
  const auto first = file.read_if_changed();
  ASSERT_TRUE(first);
  EXPECT_FALSE(*first);
  EXPECT_FALSE(file.read_if_changed());
  ASSERT_TRUE(io::write_file_atomically(directory / "file", "here"));
  EXPECT_EQ(file.read_if_changed().value(), "here");
  std::filesystem::remove(directory / "file");
  EXPECT_FALSE(file.read_if_changed().value());
  EXPECT_FALSE(file.read_if_changed());
}

TEST(WatchedFile, RefusesWhatIsTooLong) {
  const io::testing::TemporaryDirectory directory;
  ASSERT_TRUE(io::write_file_atomically(directory / "file", std::string(101, 'x')));
  EXPECT_FALSE(WatchedFile(directory / "file", 100).read_if_changed().value());
}

}  // namespace
}  // namespace fabrix::daemon
