#include "api/process_metrics.h"

#include <chrono>

#include <gtest/gtest.h>

namespace fabrix::api {
namespace {

constexpr KernelUnits kUnits{
    .ticks_per_second = 100, .page_octets = 4096, .boot_seconds = 1'700'000'000};

TEST(ProcessMetrics, ReadsTheFieldsOfProcStat) {
  // proc(5): utime 14, stime 15, num_threads 20, starttime 22, vsize 23, rss 24. The name is nasty.
  const auto metrics = parse_process_stat(
      "4242 (fabrixd) 1 (x) S 1 4242 4242 0 -1 4194560 900 0 1 0 150 50 0 0 20 0 3 0 12345 "
      "104857600 2560 18446744073709551615 1 1 0 0 0 0\n",
      kUnits);
  ASSERT_TRUE(metrics);
  EXPECT_DOUBLE_EQ(metrics->cpu_seconds, 2.0);
  EXPECT_EQ(metrics->threads, 3U);
  EXPECT_DOUBLE_EQ(metrics->start_seconds, 1'700'000'123.45);
  EXPECT_EQ(metrics->virtual_bytes, 104857600U);
  EXPECT_EQ(metrics->resident_bytes, 2560U * 4096U);
}

TEST(ProcessMetrics, RefusesOtherText) {
  EXPECT_FALSE(parse_process_stat("", kUnits));
  EXPECT_FALSE(parse_process_stat("4242 fabrixd S 1", kUnits));
  EXPECT_FALSE(parse_process_stat("4242 (fabrixd) S 1 2 3", kUnits));
  EXPECT_FALSE(parse_process_stat(
      "1 (x) S 1 1 1 0 -1 0 0 0 0 0 1 x 0 0 20 0 3 0 12345 104857600 2560 0", kUnits));
}

TEST(ProcessMetrics, KnowsThisProcess) {
  const ProcessMetrics metrics = read_process_metrics();
  EXPECT_GE(metrics.threads, 1U);
  EXPECT_GT(metrics.resident_bytes, 1'000'000U);
  EXPECT_GT(metrics.virtual_bytes, metrics.resident_bytes);
  EXPECT_GE(metrics.open_descriptors, 3U);
  EXPECT_LT(metrics.open_descriptors, metrics.max_descriptors);
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(metrics.start_seconds, now, 3600);
}

}  // namespace
}  // namespace fabrix::api
