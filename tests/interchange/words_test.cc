#include "interchange/words.h"

#include <gtest/gtest.h>

namespace fabrix::interchange {
namespace {

using Words = std::vector<std::string>;

TEST(WordsTest, AreWhatIsBetweenSeparators) {
  EXPECT_EQ(words_of("174, 1299,2914", ", "), (Words{"174", "1299", "2914"}));
  EXPECT_EQ(words_of(" AS-A ", " "), Words{"AS-A"});
  EXPECT_EQ(words_of(", ,", ", "), Words{});
  EXPECT_EQ(words_of("", " "), Words{});
  EXPECT_EQ(words_of("a b", ""), Words{"a b"});
}

}  // namespace
}  // namespace fabrix::interchange
