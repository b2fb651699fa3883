#include "analyzer/crew.h"

#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::analyzer {
namespace {

TEST(Crew, DoesEachPartOfEachWorkOnce) {
  for (const std::size_t parts : {1U, 2U, 5U}) {
    Crew crew(parts);
    ASSERT_EQ(crew.parts(), parts);
    std::vector<int> done(parts);  // each by one part, and read between works
    for (int work = 1; work <= 500; ++work) {
      crew.run([&](std::size_t part) { done[part] += work; });
      ASSERT_EQ(std::accumulate(done.begin(), done.end(), 0),
                static_cast<int>(parts) * work * (work + 1) / 2);
    }
  }
}

TEST(Crew, HasAPartAtLeastAndNotTooMany) {
  EXPECT_EQ(Crew(0).parts(), 1U);
  EXPECT_EQ(Crew(1000).parts(), Crew::kMaxParts);
}

}  // namespace
}  // namespace fabrix::analyzer
