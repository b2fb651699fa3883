// What the code does is tested where it runs: tests/controller/linux_differential_test.cc.
#include "fabric/linux_actions.h"

#include <gtest/gtest.h>

#include "tests/fabric/linux_rows.h"

namespace fabrix::fabric {
namespace {

using net::ParticipantId;

std::string code_of(const program::Row& row) {
  ebpf::Assembler out;
  LinuxActions actions(out);
  actions.write_start();
  actions.write_row(row);
  actions.write_ends();
  return ebpf::disassemble(out.finish().value());
}

TEST(LinuxActions, CountersAreOfOwnerAndQueries) {
  const std::vector<std::uint64_t> one{1};
  const std::vector<std::uint64_t> both{1, 2};
  EXPECT_EQ(counter_key(ParticipantId{1}, one), counter_key(ParticipantId{1}, one));
  EXPECT_NE(counter_key(ParticipantId{1}, one), counter_key(ParticipantId{2}, one));
  EXPECT_NE(counter_key(ParticipantId{1}, one), counter_key(ParticipantId{1}, both));
}

TEST(LinuxActions, EntriesSayWhatRowsDiffer) {
  program::Row row = row_to(7, 1);
  row.write_metadata = program::Metadata::sender(ParticipantId{4});
  row.set_fields = {{net::Field::kDstMac, 0x0800270a0b0c}};
  const fabrix_action action = linux_action(row);
  EXPECT_EQ(action.port, 7U);
  EXPECT_EQ(action.metadata, 5U);
  EXPECT_EQ(action.value, 0x0800270a0b0cU);
  row.next = program::ToController{};
  row.origin.participant = ParticipantId{9};
  EXPECT_EQ(linux_action(row).port, 10U);
}

TEST(LinuxActions, ADiscardNeedsLittle) {
  program::Row row;
  row.next = program::Discard{};
  const std::string code = code_of(row);
  EXPECT_NE(code.find("call 12"), std::string::npos) << code;  // the end, by a tail call
  EXPECT_EQ(code.find("call 5"), std::string::npos) << code;   // no clock
}

TEST(LinuxActions, OnlyMetersAskTheTime) {
  program::Row row = row_to(1, 1);
  EXPECT_EQ(code_of(row).find("call 5"), std::string::npos);
  row.meter = program::Meter{.id = 1, .kbps = 1000};
  EXPECT_NE(code_of(row).find("call 5"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::fabric
