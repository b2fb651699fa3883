#include "compiler/source_cover.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using Prefixes = std::vector<net::Prefix>;

bool covers(const Prefixes& all, const net::IpAddress& address) {
  return std::ranges::any_of(all, [&](const auto& each) { return each.contains(address); });
}

TEST(SourceCoverTest, LeavesOutWhatIsInsideAnother) {
  EXPECT_TRUE(cover_of({}).empty());
  EXPECT_EQ(cover_of({prefix("10.1.0.0/16"), prefix("2001:db8::/32"), prefix("10.0.0.0/8"),
                      prefix("10.0.0.0/8"), prefix("2001:db8:7::/48")}),
            (Prefixes{prefix("10.0.0.0/8"), prefix("2001:db8::/32")}));
}

TEST(SourceCoverTest, JoinsHalvesAndTheHalvesOfThose) {
  EXPECT_EQ(cover_of({prefix("10.0.0.0/24"), prefix("10.0.1.0/24"), prefix("10.0.2.0/24"),
                      prefix("10.0.3.0/24"), prefix("10.0.5.0/24"), prefix("10.0.6.0/24")}),
            (Prefixes{prefix("10.0.0.0/22"), prefix("10.0.5.0/24"), prefix("10.0.6.0/24")}));
  EXPECT_EQ(cover_of({prefix("0.0.0.0/1"), prefix("128.0.0.0/1"), prefix("8000::/1")}),
            (Prefixes{prefix("0.0.0.0/0"), prefix("8000::/1")}));
}

// Sixteen addresses' worth of blocks at random.
TEST(SourceCoverTest, HasTheSameAddressesAndNoneCouldBeLeftOutOrJoined) {
  std::mt19937 random(20261122);
  const auto below = [&random](unsigned bound) { return static_cast<unsigned>(random() % bound); };
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(round);
    Prefixes some;
    for (unsigned i = below(8); i > 0; --i) {
      const auto last = static_cast<std::uint8_t>(below(16));
      some.push_back(*net::Prefix::containing(net::IpAddress::v4({10, 0, 0, last}), 28 + below(5)));
    }
    const Prefixes cover = cover_of(some);
    for (std::uint8_t last = 0; last < 16; ++last) {
      const auto address = net::IpAddress::v4({10, 0, 0, last});
      EXPECT_EQ(covers(cover, address), covers(some, address));
    }
    EXPECT_TRUE(std::ranges::is_sorted(cover));
    EXPECT_EQ(cover_of(cover), cover);
    for (const net::Prefix& a : cover) {
      for (const net::Prefix& b : cover) {
        if (a == b) continue;
        EXPECT_FALSE(a.contains(b));
        const bool halves = a.length() == b.length() &&
                            net::Prefix::containing(a.address(), a.length() - 1)->contains(b);
        EXPECT_FALSE(halves);
      }
    }
  }
}

}  // namespace
}  // namespace fabrix::compiler
