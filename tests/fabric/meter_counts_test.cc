#include "fabric/meter_counts.h"

#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::fabric {
namespace {

using More = MeterCounts::More;
using Stats = std::vector<openflow::MeterStats>;

program::ProgramPtr with_meters(const std::vector<program::Meter>& meters) {
  program::Program program;
  for (const program::Meter& meter : meters) {
    program::Row row;
    row.priority = static_cast<std::uint16_t>(meter.id);
    row.meter = meter;
    row.next = program::Discard{};
    program.table(program::TableId::kAdmit).push_back(row);
  }
  return std::make_shared<const program::Program>(std::move(program));
}

TEST(MeterCountsTest, TellsWhatIsNewOfThoseThatCount) {
  const auto program = with_meters({{.id = 7, .pps = 100, .counter = 70}, {.id = 8, .kbps = 1000}});
  MeterCounts counts;
  EXPECT_EQ(counts.update(program, Stats{{.id = 7, .packets = 5, .octets = 300},
                                         {.id = 8, .packets = 9, .octets = 900},
                                         {.id = 9, .packets = 9, .octets = 900}}),
            (std::vector<More>{{.counter = 70, .count = {.packets = 5, .octets = 300}}}));
  EXPECT_EQ(counts.update(program, Stats{{.id = 7, .packets = 6, .octets = 360}}),
            (std::vector<More>{{.counter = 70, .count = {.packets = 1, .octets = 60}}}));
  EXPECT_EQ(counts.update(program, Stats{{.id = 7, .packets = 6, .octets = 360}}),
            (std::vector<More>{{.counter = 70, .count = {}}}));
}

TEST(MeterCountsTest, AMeterThatWasSetAnewCountsFromNothing) {
  const auto program = with_meters({{.id = 7, .pps = 100, .counter = 70}});
  MeterCounts counts;
  std::ignore = counts.update(program, Stats{{.id = 7, .packets = 50, .octets = 3000}});
  EXPECT_EQ(counts.update(program, Stats{{.id = 7, .packets = 2, .octets = 120}}),
            (std::vector<More>{{.counter = 70, .count = {.packets = 2, .octets = 120}}}));
}

// The id of a meter that is gone may be another's.
TEST(MeterCountsTest, AnotherMeterOfTheSameIdIsAnother) {
  MeterCounts counts;
  std::ignore = counts.update(with_meters({{.id = 7, .pps = 100, .counter = 70}}),
                              Stats{{.id = 7, .packets = 50, .octets = 3000}});
  EXPECT_EQ(counts.update(with_meters({{.id = 7, .pps = 100, .counter = 71}}),
                          Stats{{.id = 7, .packets = 60, .octets = 3600}}),
            (std::vector<More>{{.counter = 71, .count = {.packets = 60, .octets = 3600}}}));
}

}  // namespace
}  // namespace fabrix::fabric
