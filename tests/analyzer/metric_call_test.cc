#include "analyzer/metric_call.h"

#include <gtest/gtest.h>

#include "tests/analyzer/counting.h"

namespace fabrix::analyzer {
namespace {

TEST(MetricCall, ParametersAreConditions) {
  const auto engine = counting_engine();
  http::Request request;
  request.target =
      http::parse_target("/x?host_name=web*&host_name=db*&ifname=swp8&ifname=swp9").value();
  const Call call{.engine = *engine, .request = request, .names = {}};
  const auto rows = metric_rows(call, "ALL", "ifinoctets,nothing,ifspeed");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].name, "ifinoctets");
  EXPECT_EQ(std::get<double>(rows[0].value), 8000);
  EXPECT_EQ(rows[1].name, "ifspeed");
  EXPECT_FALSE(metric_query(call, "192.0.2.2").takes({net::IpAddress::v4({192, 0, 2, 1}), {0, 8}}));
}

}  // namespace
}  // namespace fabrix::analyzer
