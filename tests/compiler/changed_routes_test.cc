#include "compiler/changed_routes.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

exchange::PlacedPrefix at(std::uint32_t place, const std::string& text) {
  return {prefix(text), exchange::Place{place}};
}

TEST(ChangedRoutes, HoldEachPrefixOnceInTheOrderInWhichTheyWereNoted) {
  ChangedRoutes changed;
  EXPECT_TRUE(changed.empty());
  const auto late = at(3, "10.9.0.0/16");
  const auto early = at(70, "10.1.0.0/16");
  changed.note(late);
  changed.note({early, late, early, at(9, "10.2.0.0/16")});
  EXPECT_EQ(std::vector(changed.all().begin(), changed.all().end()),
            (std::vector{late, early, at(9, "10.2.0.0/16")}));
}

TEST(ChangedRoutes, AreSortedForThoseWhoAskIt) {
  ChangedRoutes changed;
  changed.note(at(0, "10.9.0.0/16"));
  changed.note(at(1, "10.1.0.0/16"));
  const auto first = changed.sorted();
  EXPECT_EQ(std::vector(first.begin(), first.end()),
            (std::vector{prefix("10.1.0.0/16"), prefix("10.9.0.0/16")}));
  changed.note(at(2, "10.0.0.0/16"));
  EXPECT_EQ(changed.sorted().front(), prefix("10.0.0.0/16"));
  EXPECT_EQ(changed.sorted().size(), 3U);
}

TEST(ChangedRoutes, BeginAnewWhenTaken) {
  ChangedRoutes changed;
  changed.note(at(5, "10.9.0.0/16"));
  EXPECT_EQ(changed.take(), std::vector{at(5, "10.9.0.0/16")});
  EXPECT_TRUE(changed.empty());
  EXPECT_TRUE(changed.sorted().empty());
  changed.note(at(5, "10.1.0.0/16"));
  ASSERT_EQ(changed.all().size(), 1U);
  EXPECT_EQ(changed.sorted().front(), prefix("10.1.0.0/16"));
}

TEST(ChangedRoutes, LeaveOutWhatIsNowhere) {
  ChangedRoutes changed;
  changed.note({prefix("10.9.0.0/16"), exchange::kNowhere});
  EXPECT_TRUE(changed.empty());
}

}  // namespace
}  // namespace fabrix::compiler
