#include "app/lsp_diagnostic.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace fabrix::app {
namespace {

Diagnostic diagnostic(SourceSpan at, Severity severity) {
  return {.severity = severity,
          .code = "P0201",
          .message = "unknown field",
          .file = "A.policy",
          .at = at,
          .witness = "w",
          .help = "h"};
}

TEST(LspDiagnosticTest, HasWhatLspWantsAndTheRestBeside) {
  const auto json = lsp_diagnostic(diagnostic({2, 3, 4}, Severity::kError), "a\nbcdefgh\n", "/x/A");
  EXPECT_EQ(boost::json::serialize(json),
            R"({"file":"A.policy","uri":"file:///x/A",)"
            R"("range":{"start":{"line":1,"character":2},"end":{"line":1,"character":6}},)"
            R"("severity":1,"code":"P0201","source":"fabrix","message":"unknown field",)"
            R"("witness":"w","help":"h"})");
}

TEST(LspDiagnosticTest, SeveritiesAreNumbers) {
  const auto severity = [](Severity is) {
    return lsp_diagnostic(diagnostic({}, is), "", "/").at("severity").as_int64();
  };
  EXPECT_EQ(severity(Severity::kError), 1);
  EXPECT_EQ(severity(Severity::kWarning), 2);
  EXPECT_EQ(severity(Severity::kNote), 3);
}

TEST(LspDiagnosticTest, AByteOrderMarkIsNoCharacter) {
  const auto found = diagnostic({1, 5, 2}, Severity::kError);
  EXPECT_EQ(lsp_diagnostic(found,
                           "\xef\xbb\xbf"
                           "a = bc",
                           "/"),
            lsp_diagnostic(found, "a = bc", "/"));
}

// "é" is two octets and one unit, "𝄞" four octets and two units.
TEST(LspDiagnosticTest, CharactersAreUtf16Units) {
  const auto json = lsp_diagnostic(diagnostic({1, 8, 1}, Severity::kError), "é𝄞 xy", "/");
  EXPECT_EQ(json.at("range").at("start").at("character"), 4);
  EXPECT_EQ(json.at("range").at("end").at("character"), 5);
}

TEST(LspDiagnosticTest, ASpanBehindTheTextStaysFinite) {
  const auto json = lsp_diagnostic(diagnostic({9, 9, 9}, Severity::kError), "x", "/");
  EXPECT_EQ(json.at("range").at("start").at("line"), 8);
  EXPECT_EQ(json.at("range").at("end").at("character"), 0);
}

// RFC 8089 with the percent encoding of RFC 3986 section 2.1.
TEST(LspDiagnosticTest, UrisAreEncoded) {
  EXPECT_EQ(file_uri("/a b/ü.policy"), "file:///a%20b/%C3%BC.policy");
}

}  // namespace
}  // namespace fabrix::app
