#include "telemetry/smallest_places.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

// As if all weights were gone through each time, with many equal ones.
TEST(SmallestPlacesTest, AgreesWithGoingThroughAllOfThem) {
  for (const std::size_t count : {1U, 2U, 7U, 8U, 9U, 64U, 80U}) {
    SCOPED_TRACE(count);
    std::mt19937 random(static_cast<unsigned>(count));
    std::vector<double> weights(count);
    for (double& weight : weights) weight = static_cast<double>(random() % 10);
    SmallestPlaces smallest;
    for (int step = 0; step < 5000; ++step) {
      const auto expected = std::ranges::min_element(weights) - weights.begin();
      ASSERT_EQ(smallest.find(weights), static_cast<std::size_t>(expected)) << "step " << step;
      ASSERT_EQ(smallest.known(), smallest.find(weights));
      // Often the smallest, as if another took it over.
      const std::size_t place = random() % 2 == 0 ? smallest.find(weights) : random() % count;
      weights[place] += static_cast<double>(random() % 5);
      smallest.grow(place, weights);
      if (random() % 100 != 0) continue;
      for (double& weight : weights) weight = static_cast<int>(weight / 2);
      smallest.forget();
    }
  }
}

TEST(SmallestPlacesTest, KnowsNothingAtFirst) {
  EXPECT_EQ(SmallestPlaces().known(), std::nullopt);
}

}  // namespace
}  // namespace fabrix::telemetry
