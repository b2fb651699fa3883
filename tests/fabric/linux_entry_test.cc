#include "fabric/linux_entry.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/fabric/linux_rows.h"

namespace fabrix::fabric {
namespace {

using net::ParticipantId;

TEST(LinuxEntry, CountersAreOfOwnerAndQueries) {
  const std::vector<std::uint64_t> one{1};
  const std::vector<std::uint64_t> both{1, 2};
  EXPECT_EQ(counter_key(ParticipantId{1}, one), counter_key(ParticipantId{1}, one));
  EXPECT_NE(counter_key(ParticipantId{1}, one), counter_key(ParticipantId{2}, one));
  EXPECT_NE(counter_key(ParticipantId{1}, one), counter_key(ParticipantId{1}, both));
}

TEST(LinuxEntry, EntriesSayWhatRowsDiffer) {
  program::Row row = row_to(7, 1);
  row.write_metadata = program::Metadata::sender(ParticipantId{4});
  row.set_fields = {{net::Field::kDstMac, 0x0800270a0b0c}};
  const fabrix_action action = linux_action(row);
  EXPECT_EQ(action.step.port, 7U);
  EXPECT_EQ(action.step.metadata, 5U);
  EXPECT_EQ(action.step.value, 0x0800270a0b0cU);
  row.next = program::ToController{};
  row.origin.participant = ParticipantId{9};
  EXPECT_EQ(linux_action(row).step.port, 10U);
}

}  // namespace
}  // namespace fabrix::fabric
