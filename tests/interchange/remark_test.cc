#include "interchange/remark.h"

#include <gtest/gtest.h>

namespace fabrix::interchange {
namespace {

TEST(RemarkTest, SaysWhereAndWhat) {
  EXPECT_EQ(to_string({"a.yml", "12:3", "multihop has no counterpart"}),
            "a.yml:12:3: multihop has no counterpart");
  EXPECT_EQ(to_string({"a.json", "", "nothing there"}), "a.json: nothing there");
}

TEST(RemarkTest, TakesOverDiagnostics) {
  Diagnostic diagnostic;
  diagnostic.file = "a.yml";
  diagnostic.at = {.line = 4, .column = 2, .length = 1};
  diagnostic.message = "unknown key 'x'";
  EXPECT_EQ(to_string(remark_of(diagnostic)), "a.yml:4:2: unknown key 'x'");
  diagnostic.help = "did you mean 'y'?";
  const std::vector all{diagnostic, diagnostic};
  EXPECT_EQ(remarks_of(all).size(), 2U);
  EXPECT_EQ(remarks_of(all)[1].what, "unknown key 'x' (did you mean 'y'?)");
}

}  // namespace
}  // namespace fabrix::interchange
