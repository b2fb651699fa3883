#include "base/fnv.h"

#include <gtest/gtest.h>

namespace fabrix {
namespace {

std::uint64_t of(std::string_view text) {
  Fnv fnv;
  fnv.add(text);
  return fnv.value();
}

// draft-eastlake-fnv, "A Few Test Vectors".
TEST(FnvTest, IsWhatItsAuthorsSay) {
  EXPECT_EQ(of(""), 0xcbf29ce484222325U);
  EXPECT_EQ(of("a"), 0xaf63dc4c8601ec8cU);
  EXPECT_EQ(of("foobar"), 0x85944171f73967e8U);
}

TEST(FnvTest, ANumberIsItsOctets) {
  Fnv fnv;
  fnv.add(std::uint64_t{0x6867666564636261U});
  EXPECT_EQ(fnv.value(), of("abcdefgh"));
}

}  // namespace
}  // namespace fabrix
