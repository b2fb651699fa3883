#include "compiler/place_text.h"

#include <gtest/gtest.h>

namespace fabrix::compiler {
namespace {

TEST(PlaceTextTest, SaysTheColumnWhereTheLineDoesNotTellThemApart) {
  const SourceSpan clause{3, 12, 5};
  EXPECT_EQ(place_beside(clause, {4, 12, 5}), "line 3");
  EXPECT_EQ(place_beside(clause, {3, 40, 5}), "line 3, column 12");
  EXPECT_EQ(place_beside(clause, clause), "the same place");
}

}  // namespace
}  // namespace fabrix::compiler
