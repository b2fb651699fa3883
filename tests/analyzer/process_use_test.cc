#include "analyzer/process_use.h"

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <unistd.h>

namespace fabrix::analyzer {
namespace {

// times(2) and the greatest resident size of getrusage(2) are told of the same process in ways of
// their own.
TEST(ProcessUse, IsWhatTheKernelSaysElsewhere) {
  tms before{};
  ASSERT_NE(times(&before), static_cast<clock_t>(-1));
  const ProcessUse use = process_use();
  const auto tick = std::chrono::milliseconds(1000 / sysconf(_SC_CLK_TCK));
  EXPECT_GE(use.processor + 2 * tick, (before.tms_utime + before.tms_stime) * tick);
  EXPECT_GT(use.resident_octets, 0U);
  EXPECT_LT(use.resident_octets, use.memory_octets);
}

TEST(ProcessUse, GrowsWithWhatIsTouched) {
  constexpr std::size_t kMuch = std::size_t{64} << 20U;
  const auto before = process_use().resident_octets;
  std::vector<std::byte> memory(kMuch, std::byte{1});
  EXPECT_GE(process_use().resident_octets, before + kMuch / 2);
  EXPECT_EQ(memory.back(), std::byte{1});
}

}  // namespace
}  // namespace fabrix::analyzer
