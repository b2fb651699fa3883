#include "telemetry/derived_metrics.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

std::map<std::string_view, double> derived(MetricNumbers numbers) {
  derive_metrics(numbers);
  std::map<std::string_view, double> by_name;
  for (const MetricNumber& number : numbers) by_name[number.name] = number.value;
  return by_name;
}

// sflow-rt.com/metrics.php: ifinoctets * 800 / ifspeed; the sum of unicast, multicast, broadcast.
TEST(DerivedMetrics, OfInterfaces) {
  const auto metrics = derived({{"ifspeed", 1e9},
                                {"ifinoctets", 12'500'000},
                                {"ifoutoctets", 125'000'000},
                                {"ifinucastpkts", 5},
                                {"ifinmulticastpkts", 20},
                                {"ifinbroadcastpkts", 300},
                                {"ifoutucastpkts", 7}});
  EXPECT_DOUBLE_EQ(metrics.at("ifinutilization"), 10);
  EXPECT_DOUBLE_EQ(metrics.at("ifoututilization"), 100);
  EXPECT_DOUBLE_EQ(metrics.at("ifinpkts"), 325);
  EXPECT_DOUBLE_EQ(metrics.at("ifoutpkts"), 7);
}

TEST(DerivedMetrics, WhatIsMissingOrNothingGivesNone) {
  EXPECT_EQ(derived({{"ifspeed", 0}, {"ifinoctets", 9}}).size(), 2U);
  EXPECT_EQ(derived({{"ifspeed", 100}}).size(), 1U);
  EXPECT_EQ(derived({{"swap_total", 0}, {"swap_free", 0}}).size(), 2U);
  EXPECT_TRUE(derived({}).empty());
}

// Four processors for a second: 4,000 ms.
TEST(DerivedMetrics, ProcessorsTimesBecomePercentages) {
  const auto metrics = derived({{"cpu_user", 1000},
                                {"cpu_system", 400},
                                {"cpu_idle", 2400},
                                {"cpu_wio", 200},
                                {"cpu_guest", 800},
                                {"cpu_num", 4},
                                {"load_one", 2}});
  EXPECT_DOUBLE_EQ(metrics.at("cpu_user"), 25);
  EXPECT_DOUBLE_EQ(metrics.at("cpu_system"), 10);
  EXPECT_DOUBLE_EQ(metrics.at("cpu_idle"), 60);
  EXPECT_DOUBLE_EQ(metrics.at("cpu_guest"), 20);
  EXPECT_DOUBLE_EQ(metrics.at("cpu_utilization"), 40);
  EXPECT_DOUBLE_EQ(metrics.at("load_one_per_cpu"), 0.5);
}

TEST(DerivedMetrics, ASwitchSaysItsProcessorsUtilization) {
  EXPECT_DOUBLE_EQ(derived({{"cpu_5s", 12.5}}).at("cpu_utilization"), 12.5);
}

TEST(DerivedMetrics, OfMemoryAndDisks) {
  const auto metrics = derived({{"mem_total", 1000},
                                {"mem_free", 200},
                                {"mem_buffers", 100},
                                {"mem_cached", 300},
                                {"swap_total", 50},
                                {"swap_free", 40},
                                {"disk_total", 10},
                                {"disk_free", 4}});
  EXPECT_DOUBLE_EQ(metrics.at("mem_used"), 400);
  EXPECT_DOUBLE_EQ(metrics.at("mem_utilization"), 40);
  EXPECT_DOUBLE_EQ(metrics.at("swap_utilization"), 20);
  EXPECT_DOUBLE_EQ(metrics.at("disk_utilization"), 60);
}

// Two processors of a guest, busy for half a second each a second.
TEST(DerivedMetrics, OfGuests) {
  const auto metrics = derived(
      {{"vir_cpu_time", 1000}, {"vir_cpu_num", 2}, {"vir_mem_used", 30}, {"vir_mem_total", 120}});
  EXPECT_DOUBLE_EQ(metrics.at("vir_cpu_utilization"), 50);
  EXPECT_DOUBLE_EQ(metrics.at("vir_mem_utilization"), 25);
}

TEST(DerivedMetrics, OfApplications) {
  const auto metrics = derived({{"http_method_get", 3},
                                {"http_method_post", 4},
                                {"workers_active", 5},
                                {"workers_max", 20},
                                {"app_success", 90},
                                {"app_other", 4},
                                {"app_timeout", 6},
                                {"ovs_dp_hits", 75},
                                {"ovs_dp_misses", 25}});
  EXPECT_DOUBLE_EQ(metrics.at("http_requests"), 7);
  EXPECT_DOUBLE_EQ(metrics.at("workers_utilization"), 25);
  EXPECT_DOUBLE_EQ(metrics.at("app_errors"), 10);
  EXPECT_DOUBLE_EQ(metrics.at("app_requests"), 100);
  EXPECT_DOUBLE_EQ(metrics.at("ovs_dp_missrate"), 25);
}

// The names that sFlow-RT's application active-routes asks for.
TEST(DerivedMetrics, HaveTheNamesThatApplicationsAskFor) {
  const auto names = derived_metric_names();
  for (const std::string_view name :
       {"cpu_utilization", "load_one_per_cpu", "mem_utilization", "disk_utilization",
        "bcm_host_utilization", "bcm_mac_utilization", "bcm_ipv4_utilization",
        "bcm_ipv6_utilization", "bcm_ipv4_ipv6_utilization", "bcm_total_routes_utilization",
        "bcm_ecmp_nexthops_utilization", "bcm_acl_ingress_utilization",
        "bcm_acl_ingress_meters_utilization", "bcm_acl_ingress_counters_utilization",
        "bcm_acl_egress_utilization", "bcm_acl_egress_meters_utilization",
        "bcm_acl_egress_counters_utilization", "vir_cpu_utilization", "ovs_dp_missrate"}) {
    EXPECT_NE(std::ranges::find(names, name), names.end()) << name;
  }
  EXPECT_DOUBLE_EQ(
      derived({{"bcm_mac_entries", 10}, {"bcm_mac_entries_max", 40}}).at("bcm_mac_utilization"),
      25);
}

}  // namespace
}  // namespace fabrix::telemetry
