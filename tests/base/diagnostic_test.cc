#include "base/diagnostic.h"

#include <gtest/gtest.h>

namespace fabrix {
namespace {

Diagnostic at(std::uint32_t line, std::uint32_t column, std::uint32_t length) {
  Diagnostic diagnostic;
  diagnostic.code = "P0301";
  diagnostic.message = "a clause";
  diagnostic.file = "A.policy";
  diagnostic.at = {.line = line, .column = column, .length = length};
  return diagnostic;
}

TEST(DiagnosticTest, RendersTheFormThatItsHeaderShows) {
  Diagnostic diagnostic = at(4, 3, 26);
  diagnostic.message = "a packet would go to two targets";
  diagnostic.witness = "tcp 100.0.0.1:1024 -> 140.0.0.1:80 goes to B and to C";
  diagnostic.help = "rank them with '//', or make them exclude each other";
  const std::string source = "#\n#\n#\n+ match(dstip=140.0.0.0/24) >> fwd(C)\n";
  EXPECT_EQ(render(diagnostic, source),
            "error[P0301]: a packet would go to two targets\n"
            "  --> A.policy:4:3\n"
            "  4 | + match(dstip=140.0.0.0/24) >> fwd(C)\n"
            "    |   ^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
            "  witness: tcp 100.0.0.1:1024 -> 140.0.0.1:80 goes to B and to C\n"
            "  help: rank them with '//', or make them exclude each other\n");
}

TEST(DiagnosticTest, ASpanOutsideTheTextHasNoExcerpt) {
  const std::string bare = "error[P0301]: a clause\n  --> A.policy:";
  EXPECT_EQ(render(at(9, 1, 1), "one\n"), bare + "9:1\n");
  EXPECT_EQ(render(at(1, 5, 1), "one\n"), bare + "1:5\n");
  EXPECT_EQ(render(at(0, 1, 1), "one\n"), bare + "0:1\n");
  EXPECT_EQ(render(at(1, 0, 1), "one\n"), bare + "1:0\n");
}

TEST(DiagnosticTest, PointsBehindTheEndOfALineWhereSomethingIsMissing) {
  EXPECT_EQ(render(at(1, 4, 1), "one\ntwo"),
            "error[P0301]: a clause\n  --> A.policy:1:4\n  1 | one\n    |    ^\n");
}

TEST(DiagnosticTest, MarksStopAtTheEndOfTheLine) {
  EXPECT_EQ(render(at(1, 2, 4'000'000'000), "one\r\ntwo"),
            "error[P0301]: a clause\n  --> A.policy:1:2\n  1 | one\n    |  ^^\n");
}

TEST(DiagnosticTest, MarksStandUnderWhatTheyMeanBehindTabsAndUtf8) {
  EXPECT_EQ(render(at(1, 5, 3), "\tö é x"),
            "error[P0301]: a clause\n  --> A.policy:1:5\n  1 | \tö é x\n    | \t  ^^\n");
}

TEST(DiagnosticTest, AByteOrderMarkIsNoPartOfTheFirstLine) {
  const Diagnostic found{.code = "P1", .message = "m", .file = "f", .at = {1, 3, 2}};
  EXPECT_EQ(render(found,
                   "\xef\xbb\xbf"
                   "abcd"),
            render(found, "abcd"));
}

TEST(DiagnosticTest, OfALongLineOnlyWhatIsAboutTheMarksIsShown) {
  const std::string line = std::string(500'000, 'x') + "here" + std::string(500'000, 'y');
  EXPECT_EQ(render(at(1, 500'001, 4), line),
            "error[P0301]: a clause\n  --> A.policy:1:500001\n  1 | ..." + std::string(100, 'x') +
                "here" + std::string(296, 'y') + "...\n    | " + std::string(103, ' ') + "^^^^\n");
  EXPECT_LT(render(at(1, 1, 1'000'000), line).size(), 1000U);
  std::string wide;  // of characters of two octets
  for (int i = 0; i < 1000; ++i) wide += "\u00f6";
  const std::string cut = render(at(1, 1202, 2), wide);
  EXPECT_NE(cut.find("...\u00f6"), std::string::npos) << cut;
}

TEST(DiagnosticTest, TheTextCannotSteerTheTerminal) {
  const std::string rendered = render(at(1, 1, 1), "\x1b[2J\x7f");
  EXPECT_NE(rendered.find("  1 | ?[2J?\n"), std::string::npos) << rendered;
  Diagnostic quoting = at(1, 1, 1);
  quoting.message = quoting.help = quoting.witness = quoting.file = "\x1b";
  EXPECT_EQ(render(quoting, "x").find('\x1b'), std::string::npos);
}

TEST(DiagnosticTest, TheLinesOfAWitnessStandUnderItsFirst) {
  Diagnostic one;
  one.witness = "start    state=out\n1. in=1  state=in";
  EXPECT_NE(render(one, "").find("  witness: start    state=out\n           1. in=1  state=in\n"),
            std::string::npos);
}

TEST(DiagnosticTest, AnEmptyLineFollowsEachOfSeveral) {
  std::vector<Diagnostic> diagnostics{at(1, 1, 1), at(9, 1, 1)};
  diagnostics[1].severity = Severity::kNote;
  EXPECT_EQ(render(diagnostics, "x"),
            "error[P0301]: a clause\n  --> A.policy:1:1\n  1 | x\n    | ^\n\n"
            "note[P0301]: a clause\n  --> A.policy:9:1\n\n");
}

TEST(DiagnosticTest, OnlyErrorsAreErrors) {
  std::vector<Diagnostic> diagnostics{at(1, 1, 1)};
  EXPECT_TRUE(has_error(diagnostics));
  diagnostics[0].severity = Severity::kWarning;
  EXPECT_FALSE(has_error(diagnostics));
  EXPECT_FALSE(has_error({}));
}

}  // namespace
}  // namespace fabrix
