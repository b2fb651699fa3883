#include "routeserver/prefix_ranges.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

PrefixRange range(std::string_view text, std::uint8_t least, std::uint8_t most) {
  return {.prefix = prefix(text), .least = least, .most = most};
}

bool contains(const PrefixRanges& ranges, std::string_view text) {
  return ranges.contains(PrefixBits(prefix(text)));
}

TEST(PrefixRangesTest, NothingIsInTheEmptySet) {
  const PrefixRanges none;
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(contains(none, "0.0.0.0/0"));
  EXPECT_FALSE(none.covers(PrefixBits(prefix("::/0"))));
}

TEST(PrefixRangesTest, ARangeReachesFromItsLeastToItsMostLength) {
  const PrefixRanges ranges({range("10.0.0.0/8", 16, 24), range("2001:db8::/32", 32, 32)});
  EXPECT_FALSE(contains(ranges, "10.0.0.0/8"));
  EXPECT_FALSE(contains(ranges, "10.0.0.0/15"));
  EXPECT_TRUE(contains(ranges, "10.0.0.0/16"));
  EXPECT_TRUE(contains(ranges, "10.255.255.0/24"));
  EXPECT_FALSE(contains(ranges, "10.0.0.0/25"));
  EXPECT_FALSE(contains(ranges, "11.0.0.0/16"));
  EXPECT_TRUE(contains(ranges, "2001:db8::/32"));
  EXPECT_FALSE(contains(ranges, "2001:db8::/33"));
  EXPECT_TRUE(ranges.contains_or_exceeds(PrefixBits(prefix("10.0.0.0/25"))));
  EXPECT_FALSE(ranges.contains_or_exceeds(PrefixBits(prefix("10.0.0.0/15"))));
  EXPECT_TRUE(ranges.covers(PrefixBits(prefix("10.0.0.0/15"))));
  EXPECT_FALSE(ranges.covers(PrefixBits(prefix("10.0.0.0/7"))));
}

TEST(PrefixRangesTest, OnePrefixMayHaveSeveralRanges) {
  const PrefixRanges ranges(
      {range("10.0.0.0/8", 24, 24), range("10.0.0.0/8", 8, 8), range("10.0.0.0/8", 8, 8)});
  EXPECT_EQ(ranges.size(), 2U);
  EXPECT_TRUE(contains(ranges, "10.0.0.0/8"));
  EXPECT_FALSE(contains(ranges, "10.0.0.0/16"));
  EXPECT_TRUE(contains(ranges, "10.7.0.0/24"));
}

TEST(PrefixRangesTest, WithInsideMeansThePrefixAndAllInIt) {
  const PrefixRanges ranges({with_inside(prefix("10.0.0.0/8")), with_inside(prefix("::/0"))});
  EXPECT_TRUE(contains(ranges, "10.0.0.0/8"));
  EXPECT_TRUE(contains(ranges, "10.1.2.3/32"));
  EXPECT_TRUE(contains(ranges, "::1/128"));
  EXPECT_FALSE(contains(ranges, "0.0.0.0/0"));
}

class Random {
 public:
  explicit Random(std::uint32_t seed) : generator_(seed) {}

  unsigned below(unsigned bound) {
    return std::uniform_int_distribution<unsigned>(0, bound - 1)(generator_);
  }

  // From a small world, so that prefixes contain each other.
  net::Prefix prefix() {
    if (below(2) == 0) {
      const auto octet = static_cast<std::uint8_t>(below(4) * 85);
      return net::Prefix::containing(net::IpAddress::v4({10, octet, octet, 0}), below(33)).value();
    }
    std::array<std::uint8_t, 16> octets{0x20, 0x01};
    octets[7] = static_cast<std::uint8_t>(below(4));
    octets[9] = static_cast<std::uint8_t>(below(2) * 255);
    return net::Prefix::containing(net::IpAddress::v6(octets), below(129)).value();
  }

 private:
  std::mt19937 generator_;
};

TEST(PrefixRangesTest, AgreesWithLookingAtEachRange) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::vector<PrefixRange> ranges(random.below(30), range("0.0.0.0/0", 0, 0));
    for (PrefixRange& one : ranges) {
      one.prefix = random.prefix();
      const unsigned room = net::width_of(one.prefix.family()) - one.prefix.length() + 1;
      one.least = static_cast<std::uint8_t>(one.prefix.length() + random.below(room));
      one.most = static_cast<std::uint8_t>(one.least + random.below(room) / 2);
    }
    const PrefixRanges set(ranges);
    for (int i = 0; i < 100; ++i) {
      const net::Prefix asked = random.prefix();
      const auto any = [&](auto accepts) {
        return std::ranges::any_of(ranges, [&](const PrefixRange& one) {
          return one.prefix.contains(asked) && accepts(one);
        });
      };
      const unsigned length = asked.length();
      const PrefixBits bits(asked);
      EXPECT_EQ(set.covers(bits), any([](const PrefixRange&) { return true; }));
      EXPECT_EQ(set.contains_or_exceeds(bits),
                any([&](const PrefixRange& one) { return one.least <= length; }));
      EXPECT_EQ(set.contains(bits), any([&](const PrefixRange& one) {
                  return one.least <= length && length <= one.most;
                }));
    }
  }
}

}  // namespace
}  // namespace fabrix::routeserver
