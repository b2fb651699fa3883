#include "io/descriptor_watch.h"

#include <array>
#include <optional>

#include <gtest/gtest.h>
#include <unistd.h>

#include "io/pipe.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using testing::kPatience;

class DescriptorWatchTest : public ::testing::Test {
 protected:
  void say(char c) const { ASSERT_EQ(write(pipe_.writer.get(), &c, 1), 1); }

  EventLoop loop_;
  Pipe pipe_ = open_pipe().value();
};

TEST_F(DescriptorWatchTest, TellsOncePerWait) {
  DescriptorWatch watch(loop_, pipe_.reader.get());
  int calls = 0;
  watch.wait_readable([&] { ++calls; });
  EXPECT_FALSE(loop_.run_until([&] { return calls > 0; }, std::chrono::milliseconds(2)));
  say('a');
  EXPECT_TRUE(loop_.run_until([&] { return calls == 1; }, kPatience));
  EXPECT_FALSE(loop_.run_until([&] { return calls > 1; }, std::chrono::milliseconds(2)));
}

TEST_F(DescriptorWatchTest, TellsOfWhatWasThereBefore) {
  say('a');
  DescriptorWatch watch(loop_, pipe_.reader.get());
  int calls = 0;
  watch.wait_readable([&] { ++calls; });
  EXPECT_TRUE(loop_.run_until([&] { return calls == 1; }, kPatience));
  watch.wait_readable([&] { ++calls; });  // 'a' has still not been read
  EXPECT_TRUE(loop_.run_until([&] { return calls == 2; }, kPatience));
}

TEST_F(DescriptorWatchTest, CountsEndOfFileAsReadable) {
  DescriptorWatch watch(loop_, pipe_.reader.get());
  int calls = 0;
  watch.wait_readable([&] { ++calls; });
  pipe_.writer.close();
  EXPECT_TRUE(loop_.run_until([&] { return calls == 1; }, kPatience));
}

TEST_F(DescriptorWatchTest, TellsWhenThereIsRoomToWrite) {
  DescriptorWatch watch(loop_, pipe_.writer.get());
  int calls = 0;
  watch.wait_writable([&] { ++calls; });
  EXPECT_TRUE(loop_.run_until([&] { return calls == 1; }, kPatience));
}

TEST_F(DescriptorWatchTest, IsSilentOnceDestroyed) {
  std::optional<DescriptorWatch> watch(std::in_place, loop_, pipe_.reader.get());
  int calls = 0;
  watch->wait_readable([&] { ++calls; });
  say('a');
  watch.reset();
  EXPECT_FALSE(loop_.run_until([&] { return calls > 0; }, std::chrono::milliseconds(2)));
}

}  // namespace
}  // namespace fabrix::io
