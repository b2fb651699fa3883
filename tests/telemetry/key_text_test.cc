#include "telemetry/key_text.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

std::string text_of(std::size_t length, char last) {
  std::string text(length, 'x');
  if (length > 0) text.back() = last;
  return text;
}

TEST(KeyTextTest, HoldsWhatItIsGiven) {
  KeyText text;
  EXPECT_EQ(text.view(), "");
  // Inside, beside the limit, on the heap, and back.
  for (const std::size_t length : {1U, 46U, 47U, 1024U, 65'535U, 46U, 47U, 48U, 0U, 5U}) {
    text.assign(text_of(length, 'y'));
    EXPECT_EQ(text.view(), text_of(length, 'y'));
  }
}

TEST(KeyTextTest, CutsOffWhatIsTooLong) {
  EXPECT_EQ(KeyText(std::string(70'000, 'x')).view().size(), KeyText::kLongest);
}

TEST(KeyTextTest, MovesAndLeavesNothing) {
  for (const std::size_t length : {5U, 200U}) {
    KeyText from(text_of(length, 'a'));
    KeyText to(std::move(from));
    EXPECT_EQ(to.view(), text_of(length, 'a'));
    EXPECT_EQ(from.view(), "");  // NOLINT(bugprone-use-after-move): what the header promises
    KeyText other(text_of(300, 'b'));
    other = std::move(to);
    EXPECT_EQ(other.view(), text_of(length, 'a'));
  }
}

TEST(KeyTextTest, LivesInVectors) {
  std::vector<KeyText> texts;
  for (std::size_t length = 0; length < 100; ++length) texts.emplace_back(text_of(length, 'z'));
  for (std::size_t length = 0; length < 100; ++length) {
    EXPECT_EQ(texts[length].view(), text_of(length, 'z'));
  }
}

}  // namespace
}  // namespace fabrix::telemetry
