#include "analyzer/world_names.h"

#include <gtest/gtest.h>

#include "tests/analyzer/mmdb.h"
#include "tests/io/world.h"

namespace fabrix::analyzer {
namespace {

using testing::written;

// Files of one test.
const io::testing::TemporaryDirectory& directory() {
  static const io::testing::TemporaryDirectory made;
  return made;
}

std::string path(const std::string& name) {
  return directory() / name;
}

TEST(WorldNames, KnowsNothingWithoutFiles) {
  const auto names = WorldNames::open({.oui = path("that-is-not-there")}).value();
  const auto address = net::IpAddress::v4({192, 0, 2, 1});
  EXPECT_FALSE(names->country_of(address));
  EXPECT_FALSE(names->as_of(address));
  EXPECT_FALSE(names->maker_of(0x000af7));
  EXPECT_FALSE(names->maker_of(0x000af7));
}

TEST(WorldNames, AsksEachFile) {
  const auto countries = written(
      path("c"), testing::mmdb_file({{"192.0.2.0/24", testing::country_record("NL", "N")}}));
  const auto systems =
      written(path("s"), testing::mmdb_file({{"192.0.2.0/24", testing::as_record(64496, "E")}}));
  const auto makers = written(path("m"), "MA-L,000AF7,Broadcom Corp.,CA US\n");
  const auto names = WorldNames::open({.country = countries, .as = systems, .oui = makers}).value();
  const auto address = net::IpAddress::v4({192, 0, 2, 1});
  EXPECT_EQ(names->country_of(address)->code, "NL");
  EXPECT_EQ(names->country_of(address)->name, "N");
  EXPECT_EQ(names->as_of(address)->number, 64496U);
  EXPECT_EQ(names->as_of(address)->name, "E");
  EXPECT_EQ(names->maker_of(0x000af7), "BroadcomCorp");
  EXPECT_FALSE(names->maker_of(1));
}

TEST(WorldNames, FailsWithoutADatabaseThatIsNamed) {
  EXPECT_FALSE(WorldNames::open({.country = path("that-is-not-there")}));
  EXPECT_FALSE(WorldNames::open({.as = path("that-is-not-there")}));
}

}  // namespace
}  // namespace fabrix::analyzer
