#include "lab/line_editor.h"

#include <iostream>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace fabrix::lab {
namespace {

TEST(LineEditorTest, WithoutATerminalItReadsLines) {
  if (isatty(STDIN_FILENO) != 0) GTEST_SKIP() << "stdin is a terminal";
  std::istringstream input("nodes\n\nexit");
  std::streambuf* const before = std::cin.rdbuf(input.rdbuf());
  LineEditor editor("lab> ");
  EXPECT_EQ(editor.read(), "nodes");
  EXPECT_EQ(editor.read(), "");
  EXPECT_EQ(editor.read(), "exit");
  EXPECT_EQ(editor.read(), std::nullopt);
  std::cin.rdbuf(before);
  std::cin.clear();
}

}  // namespace
}  // namespace fabrix::lab
