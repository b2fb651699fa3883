#include "analyzer/metric_routes.h"

#include <gtest/gtest.h>

namespace fabrix::analyzer {
namespace {

TEST(MetricRoutes, AreGetsOfJson) {
  for (const Route& route : metric_routes()) EXPECT_EQ(route.method, http::Method::kGet);
}

}  // namespace
}  // namespace fabrix::analyzer
