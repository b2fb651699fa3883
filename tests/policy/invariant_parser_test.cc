#include "policy/invariant_parser.h"

#include <gtest/gtest.h>

#include "policy/parser.h"

namespace fabrix::policy {
namespace {

// The tree views its text.
File parsed_file(std::string_view text) {
  Report report("");
  File file = parse_file(lex(text, report), Precedence::kPaper, report);
  EXPECT_FALSE(report.failed()) << render(report.take(), text);
  return file;
}

TEST(InvariantParserTest, ReadsEveryKind) {
  const auto file = parsed_file(
      "invariant a: match() <= match()\n"
      "invariant b: x == y\n"
      "let z = match()\n"
      "invariant c: x | y != z\n"
      "invariant d: never match(dstport=25)\n"
      "  >> fwd(B)\n"
      "invariant e: always x // y\n"
      "invariant f: isolated(C1, 'B')\n");
  ASSERT_EQ(file.invariants.size(), 6U);
  const auto kind = [&file](std::size_t i) { return file.invariants[i].kind; };
  EXPECT_EQ(kind(0), InvariantKind::kWithin);
  EXPECT_EQ(kind(1), InvariantKind::kEqual);
  EXPECT_EQ(kind(2), InvariantKind::kDiffer);
  EXPECT_EQ(kind(3), InvariantKind::kNever);
  EXPECT_EQ(kind(4), InvariantKind::kAlways);
  EXPECT_EQ(kind(5), InvariantKind::kIsolated);
  EXPECT_EQ(file.invariants[1].definitions_before, 0U);
  EXPECT_EQ(file.invariants[2].definitions_before, 1U);
  EXPECT_EQ(file.invariants[3].operands.size(), 1U);
  EXPECT_EQ(file.invariants[3].operands[0]->kind, SyntaxKind::kSequence);
  EXPECT_EQ(file.invariants[5].operands.size(), 2U);
  EXPECT_EQ(file.invariants[5].name, "f");
}

}  // namespace
}  // namespace fabrix::policy
