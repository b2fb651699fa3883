#include "routeserver/prefix_table.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

TEST(PrefixTableTest, APrefixHasOnePlaceUntilItIsReleased) {
  PrefixTable table;
  const EntryId id = table.obtain(prefix("10.0.0.0/8"));
  EXPECT_EQ(table.obtain(prefix("10.0.0.0/8")), id);
  EXPECT_NE(table.obtain(prefix("10.0.0.0/9")), id) << "the length counts";
  EXPECT_EQ(table.find(prefix("10.0.0.0/8")), id);
  EXPECT_EQ(table[id].prefix, prefix("10.0.0.0/8"));
  table.release(id);
  EXPECT_TRUE(table[id].released);
  EXPECT_EQ(table.find(prefix("10.0.0.0/8")), std::nullopt);
  EXPECT_EQ(table.obtain(prefix("2001:db8::/32")), id) << "the place is used again";
  EXPECT_FALSE(table[id].released);
  EXPECT_EQ(table.end(), 2U);
  EXPECT_EQ(table.size(), 2U);
}

// Against a map, with both families and blocks within blocks.
TEST(PrefixTableTest, AgreesWithAMap) {
  constexpr unsigned kSeed = 2;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  PrefixTable table;
  std::map<net::Prefix, EntryId> places;
  for (int step = 0; step < 20'000; ++step) {
    const auto octet = static_cast<std::uint8_t>(random() % 64);
    const auto length = static_cast<unsigned>(8 + random() % 24);
    const auto base = random() % 2 == 0
                          ? net::IpAddress::v4({octet, octet, 0, 0})
                          : net::IpAddress::v6({0x20, octet, octet, 0, 0, 0, 0, 0, octet});
    const auto what = net::Prefix::containing(base, length).value();
    const auto known = places.find(what);
    ASSERT_EQ(table.find(what),
              known == places.end() ? std::nullopt : std::optional(known->second));
    if (known != places.end() && random() % 2 == 0) {
      table.release(known->second);
      places.erase(known);
    } else {
      places[what] = table.obtain(what);
    }
    ASSERT_EQ(table.size(), places.size());
  }
  for (const auto& [what, id] : places) EXPECT_EQ(table[id].prefix, what);
}

}  // namespace
}  // namespace fabrix::routeserver
