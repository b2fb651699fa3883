#include "telemetry/announced.h"

#include <gtest/gtest.h>

#include "tests/telemetry/members.h"

namespace fabrix::telemetry {
namespace {

TEST(Announced, IsWhatCoversAnAddress) {
  RouteTable table;
  table.insert(prefix_of("10.0.0.0/8"), set_of({{65002, {kA}}}, {kB, kC}));
  table.insert(prefix_of("10.1.0.0/16"), set_of({}, {kA}));
  table.insert(prefix_of("10.2.0.0/16"), set_of({}, {}));
  EXPECT_EQ(announcer_of(table, address_of("10.9.0.1")), kB);
  EXPECT_EQ(announcer_of(table, address_of("10.1.0.1")), kA);
  EXPECT_EQ(announcer_of(table, address_of("10.2.0.1")), kB);
  EXPECT_EQ(announcer_of(table, address_of("11.0.0.1")), std::nullopt);
  EXPECT_TRUE(announces(table, kA, address_of("10.1.0.1")));
  EXPECT_TRUE(announces(table, kC, address_of("10.1.0.1")));
  EXPECT_FALSE(announces(table, kA, address_of("10.9.0.1")));
  EXPECT_FALSE(announces(table, kC, address_of("11.0.0.1")));
}

}  // namespace
}  // namespace fabrix::telemetry
