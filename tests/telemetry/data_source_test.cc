#include "telemetry/data_source.h"

#include <set>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

TEST(DataSourceTest, HasANameThatIsRead) {
  EXPECT_EQ(data_source_name({0, 37}), "37");
  EXPECT_EQ(data_source_name({2, 1}), "2.1");
  EXPECT_EQ(parse_data_source("37"), (sflow::SourceId{0, 37}));
  EXPECT_EQ(parse_data_source("2.1"), (sflow::SourceId{2, 1}));
  for (const auto* bad : {"", "x", "1.", "1.x", "1.2.3", ".1"}) {
    EXPECT_FALSE(parse_data_source(bad)) << bad;
  }
}

// Of what tables ask for, the lower 16 and 32 bits.
TEST(DataSourceTest, HashesSpread) {
  std::set<std::uint16_t> marks;
  std::set<std::uint32_t> tags;
  for (std::uint8_t agent = 0; agent < 32; ++agent) {
    for (std::uint32_t port = 1; port <= 48; ++port) {
      const auto hash = hash_of({.agent = net::IpAddress::v4({192, 0, 2, agent}), .id = {0, port}});
      marks.insert(static_cast<std::uint16_t>(hash));
      tags.insert(static_cast<std::uint32_t>(hash));
    }
  }
  EXPECT_GE(marks.size(), 1480U);
  EXPECT_EQ(tags.size(), 1536U);
}

}  // namespace
}  // namespace fabrix::telemetry
