#include "policy/parser.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

struct Read {
  File file;
  std::string codes;
};

Read read(std::string_view text) {
  Report report("test");
  const Lexed lexed = lex(text, report);
  Read result{parse_file(lexed, Precedence::kPaper, report), {}};
  for (const Diagnostic& each : report.take()) result.codes += each.code + " ";
  return result;
}

TEST(ParserTest, FindsSectionsAndDefinitions) {
  const Read got = read(
      "let web = match(dstport=80)\nto(x, y) = fwd(x)\npolicy A {\noutbound = web\n"
      "inbound = drop\n}\n");
  EXPECT_EQ(got.codes, "");
  ASSERT_EQ(got.file.definitions.size(), 2U);
  EXPECT_EQ(got.file.definitions[1].parameters, (std::vector<std::string>{"x", "y"}));
  ASSERT_EQ(got.file.sections.size(), 2U);
  EXPECT_EQ(got.file.sections[1].kind, SectionKind::kInbound);
  EXPECT_EQ(got.file.sections[1].definitions_before, 2U);
}

TEST(ParserTest, ALeadingOperatorContinuesALine) {
  EXPECT_EQ(read("outbound = drop\n  + drop\n  // drop\n\n  # comment\n  >> drop\n").codes, "");
  EXPECT_EQ(read("outbound = drop\n  drop\n").codes, "P0104 ");
}

TEST(ParserTest, GoesOnAfterAnError) {
  EXPECT_EQ(read("outbound = match(=) + match(x) // match(y=1)\ninbound = )\n").codes,
            "P0101 P0101 P0101 ");
  EXPECT_EQ(read("chain c\nchain d\noutbound = drop\n").codes, "P0101 P0101 ");
}

TEST(ParserTest, NotesWhereTheReadingsMayDiffer) {
  EXPECT_TRUE(read("outbound = drop >> drop + drop").file.sections[0].mixes);
  EXPECT_FALSE(read("outbound = (drop >> drop) + drop").file.sections[0].mixes);
  EXPECT_FALSE(read("outbound = drop >> (drop + drop)").file.sections[0].mixes);
}

}  // namespace
}  // namespace fabrix::policy
