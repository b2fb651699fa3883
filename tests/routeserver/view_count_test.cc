#include "routeserver/view_count.h"

#include <array>
#include <random>

#include <gtest/gtest.h>

namespace fabrix::routeserver {
namespace {

TEST(ViewCountTest, CountsForEachClientWhateverComesBetween) {
  constexpr unsigned kSeed = 5;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  ViewCount count;
  std::array<int, 100> expected{};
  std::vector<ClientSet> added;
  for (int step = 0; step < 3000; ++step) {
    const bool adds = added.empty() || random() % 3 != 0;
    if (adds) {
      ClientSet clients(random() % 2 == 0 ? 100 : 10);
      for (int n = 0; n < 5; ++n)
        clients.insert(PeerId{static_cast<std::uint16_t>(random() % 100)});
      added.push_back(random() % 2 == 0 && !added.empty() ? added.back() : clients);
    }
    added.back().for_each([&](PeerId client) { expected.at(client.index()) += adds ? 1 : -1; });
    count.add(added.back(), adds ? 1 : -1);
    if (!adds) added.pop_back();
    const PeerId asked{static_cast<std::uint16_t>(random() % 100)};
    ASSERT_EQ(count.of(asked), static_cast<std::size_t>(expected.at(asked.index())));
  }
}

TEST(ViewCountTest, IsNothingForWhoeverWasNeverNamed) {
  const ViewCount count;
  EXPECT_EQ(count.of(PeerId{1000}), 0U);
}

}  // namespace
}  // namespace fabrix::routeserver
