#include "analyzer/address_database.h"

#include <gtest/gtest.h>

#include "tests/analyzer/mmdb.h"
#include "tests/io/world.h"

namespace fabrix::analyzer {
namespace {

using testing::as_record;
using testing::country_record;
using testing::mmdb_file;
using testing::written;

net::IpAddress address(std::string_view text) {
  return net::IpAddress::parse(text).value();
}

// Files of one test.
const io::testing::TemporaryDirectory& directory() {
  static const io::testing::TemporaryDirectory made;
  return made;
}

std::string path(const std::string& name) {
  return directory() / name;
}

TEST(AddressDatabase, TellsCountries) {
  const auto database =
      AddressDatabase::open(
          written(path("countries"),
                  mmdb_file({{"192.0.2.0/24", country_record("NL", "Netherlands")},
                             {"2001:db8::/32", country_record("DE", "")}})))
          .value();
  const auto four = database.country_of(address("192.0.2.7"));
  ASSERT_TRUE(four);
  EXPECT_EQ(four->code, "NL");
  EXPECT_EQ(four->name, "Netherlands");
  EXPECT_EQ(database.country_of(address("2001:db8:1::1"))->code, "DE");
  EXPECT_EQ(database.country_of(address("192.0.3.7")), std::nullopt);
  EXPECT_EQ(database.country_of(address("2001:db9::1")), std::nullopt);
  EXPECT_EQ(database.system_of(address("192.0.2.7")), std::nullopt);
}

TEST(AddressDatabase, TellsAutonomousSystems) {
  const auto database =
      AddressDatabase::open(
          written(path("systems"), mmdb_file({{"198.51.100.0/24", as_record(64496, "Example")},
                                              {"203.0.113.128/25", as_record(4200000000, "")}})))
          .value();
  const auto system = database.system_of(address("198.51.100.255"));
  ASSERT_TRUE(system);
  EXPECT_EQ(system->number, 64496U);
  EXPECT_EQ(system->name, "Example");
  EXPECT_EQ(database.system_of(address("203.0.113.200"))->number, 4200000000U);
  EXPECT_EQ(database.system_of(address("203.0.113.1")), std::nullopt);
  EXPECT_EQ(database.country_of(address("198.51.100.255")), std::nullopt);
}

TEST(AddressDatabase, RefusesOtherFiles) {
  EXPECT_FALSE(AddressDatabase::open(path("that-is-not-there")));
  const auto other = AddressDatabase::open(written(path("other"), "not a database"));
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("other"), std::string::npos);
}

// Whatever is cut off, or is another octet, is refused or answered; nothing else happens.
// Not of the metadata at the end: libmaxminddb 1.7 leaks some octets when it refuses them.
TEST(AddressDatabase, SurvivesDamage) {
  const std::string whole = mmdb_file({{"192.0.2.0/24", country_record("NL", "Netherlands")}});
  const std::size_t metadata = whole.find("MaxMind.com");
  ASSERT_NE(metadata, std::string::npos);
  for (std::size_t at = 0; at < metadata; at += 3) {
    for (const bool cut : {true, false}) {
      std::string octets = whole.substr(0, cut ? at : whole.size());
      if (!cut) octets[at] = static_cast<char>(octets[at] ^ '\xff');
      const auto database = AddressDatabase::open(written(path("damaged"), octets));
      if (database) static_cast<void>(database->country_of(address("192.0.2.7")));
    }
  }
}

}  // namespace
}  // namespace fabrix::analyzer
