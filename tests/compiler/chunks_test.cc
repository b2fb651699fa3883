#include "compiler/chunks.h"

#include <string>

#include <gtest/gtest.h>

namespace fabrix::compiler {
namespace {

TEST(Chunks, KeepsValuesWhereTheyAreWhileMoreCome) {
  Chunks<std::string> chunks;
  const std::string* const first = &chunks.add("0");
  for (int i = 1; i < 1000; ++i) chunks.add(std::to_string(i));
  EXPECT_EQ(chunks.size(), 1000U);
  EXPECT_EQ(first, &chunks[0]);
  for (std::size_t i = 0; i < chunks.size(); ++i) EXPECT_EQ(chunks[i], std::to_string(i));
}

}  // namespace
}  // namespace fabrix::compiler
