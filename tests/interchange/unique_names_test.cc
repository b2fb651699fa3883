#include "interchange/unique_names.h"

#include <gtest/gtest.h>

namespace fabrix::interchange {
namespace {

TEST(UniqueNamesTest, KeepsWhatIsANameAlready) {
  UniqueNames names;
  EXPECT_EQ(names.make("rtr_1-A", "x"), "rtr_1-A");
}

TEST(UniqueNamesTest, MakesNamesOfAnyText) {
  UniqueNames names;
  EXPECT_EQ(names.make("Ex Ample (1) ", "x"), "Ex-Ample-1");
  EXPECT_EQ(names.make("1und1", "x"), "N1und1");
  EXPECT_EQ(names.make("_a", "x"), "N_a");
  EXPECT_EQ(names.make("\xc3\x96lwerk", "x"), "lwerk");
  EXPECT_EQ(names.make("", "AS1"), "AS1");
  EXPECT_EQ(names.make("---", "AS2"), "AS2");
  EXPECT_EQ(names.make(std::string(50, 'a'), "x"), std::string(32, 'a'));
}

TEST(UniqueNamesTest, NumbersWhatIsTaken) {
  UniqueNames names;
  EXPECT_EQ(names.make("a", "x"), "a");
  EXPECT_EQ(names.make("a", "x"), "a-2");
  EXPECT_EQ(names.make("a", "x"), "a-3");
  EXPECT_EQ(names.make(std::string(40, 'b'), "x"), std::string(32, 'b'));
  EXPECT_EQ(names.make(std::string(40, 'b'), "x"), std::string(30, 'b') + "-2");
}

}  // namespace
}  // namespace fabrix::interchange
