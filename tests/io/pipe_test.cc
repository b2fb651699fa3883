#include "io/pipe.h"

#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

TEST(PipeTest, IsReadUntilEmptyAndUntilItsEnd) {
  Pipe pipe = open_pipe().value();
  std::string text;
  const auto take = [&](std::span<const std::byte> bytes) { text += testing::text_of(bytes); };
  EXPECT_EQ(read_pipe(pipe.reader.get(), take), PipeState::kOpen);
  ASSERT_EQ(write(pipe.writer.get(), "abc", 3), 3);
  EXPECT_EQ(read_pipe(pipe.reader.get(), take), PipeState::kOpen);
  pipe.writer.close();
  EXPECT_EQ(read_pipe(pipe.reader.get(), take), PipeState::kEnded);
  EXPECT_EQ(text, "abc");
}

}  // namespace
}  // namespace fabrix::io
