#include "daemon/table_census.h"

#include <gtest/gtest.h>

#include "tests/api/world.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

using routeserver::RejectReason;

TEST(TableCensus, CountsWhatIsPreferredAndWhatIsRefused) {
  api::testing::World world;
  io::EventLoop loop;
  TableCensus census(loop, world.controller.route_server());
  // Nothing is known before somebody has asked.
  EXPECT_EQ(census.counts().prefixes[0], 0U);
  ASSERT_TRUE(
      loop.run_until([&] { return census.counts().prefixes[0] == 2; }, io::testing::kPatience));
  const CensusCounts& counts = census.counts();
  const auto preferred = [&](std::uint16_t peer, net::Family family) {
    return counts.preferred_of(routeserver::PeerId{peer}, family);
  };
  EXPECT_EQ(preferred(0, net::Family::kIpv4), 0U);
  EXPECT_EQ(preferred(1, net::Family::kIpv4), 1U);  // 140.0.0.0/24
  EXPECT_EQ(preferred(2, net::Family::kIpv4), 1U);  // 140.0.0.0/16
  EXPECT_EQ(preferred(2, net::Family::kIpv6), 0U);
  EXPECT_EQ(preferred(9, net::Family::kIpv4), 0U);
  EXPECT_EQ(counts.refused[static_cast<std::size_t>(RejectReason::kFirstAs)], 1U);
  EXPECT_EQ(counts.refused[static_cast<std::size_t>(RejectReason::kTooLong)], 0U);
}

}  // namespace
}  // namespace fabrix::daemon
