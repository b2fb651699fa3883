#include "telemetry/metric_names.h"

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

// The IANA's ifType-MIB.
TEST(MetricNames, NamesTypesOfInterfaces) {
  EXPECT_EQ(if_type_name(1), "other");
  EXPECT_EQ(if_type_name(6), "ethernetCsmacd");
  EXPECT_EQ(if_type_name(161), "ieee8023adLag");
  EXPECT_EQ(if_type_name(0), "");
  EXPECT_EQ(if_type_name(8), "");
  EXPECT_EQ(if_type_name(5000), "");
}

// sFlow version 5 §5.3: 0 unknown, 1 full-duplex, 2 half-duplex, 3 in, 4 out.
TEST(MetricNames, NamesDirections) {
  EXPECT_EQ(if_direction_name(0), "unknown");
  EXPECT_EQ(if_direction_name(1), "full-duplex");
  EXPECT_EQ(if_direction_name(4), "out");
  EXPECT_EQ(if_direction_name(5), "");
}

// sflow_host.txt: machine_type x86_64 is 3, arm 10; os_name linux is 2, freebsd 8, java 13.
TEST(MetricNames, NamesMachinesAndSystems) {
  EXPECT_EQ(machine_name(3), "x86_64");
  EXPECT_EQ(machine_name(10), "arm");
  EXPECT_EQ(machine_name(99), "");
  EXPECT_EQ(os_name(2), "linux");
  EXPECT_EQ(os_name(8), "freebsd");
  EXPECT_EQ(os_name(13), "java");
  EXPECT_EQ(os_name(14), "");
}

}  // namespace
}  // namespace fabrix::telemetry
