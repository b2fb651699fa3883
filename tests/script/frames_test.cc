#include "script/frames.h"

#include <gtest/gtest.h>

namespace fabrix::script {
namespace {

void append(FrameReader& reader, std::string_view text) {
  reader.append(std::as_bytes(std::span(text)));
}

TEST(Frames, HaveFourOctetsOfLengthTheFirstTheHighest) {
  using namespace std::string_literals;
  EXPECT_EQ(frame_of("{}"), "\0\0\0\2{}"s);
  EXPECT_EQ(frame_of(std::string(0x102, 'x')).substr(0, 5), "\0\0\1\2x"s);
}

TEST(Frames, AreReadHoweverTheyCome) {
  const std::string two = frame_of("first") + frame_of("") + frame_of("second");
  FrameReader reader(16);
  std::vector<std::string> messages;
  for (const char octet : two) {
    append(reader, std::string_view(&octet, 1));
    while (auto message = reader.next()) messages.push_back(*message);
  }
  EXPECT_EQ(messages, (std::vector<std::string>{"first", "", "second"}));
  EXPECT_FALSE(reader.is_broken());
}

TEST(Frames, BreakWhenOneIsTooLong) {
  FrameReader reader(4);
  append(reader, frame_of("four") + frame_of("fives") + frame_of("ok"));
  EXPECT_EQ(reader.next(), "four");
  EXPECT_EQ(reader.next(), std::nullopt);
  EXPECT_TRUE(reader.is_broken());
  EXPECT_EQ(reader.next(), std::nullopt);
}

}  // namespace
}  // namespace fabrix::script
