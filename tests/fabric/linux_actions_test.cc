// What the code does is tested where it runs: tests/controller/linux_differential_test.cc.
#include "fabric/linux_actions.h"

#include <cstddef>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/fabric/linux_rows.h"

namespace fabrix::fabric {
namespace {

std::string code_of(const program::Row& row) {
  ebpf::Assembler out;
  LinuxActions actions(out);
  actions.write_start();
  actions.write_row(row);
  actions.write_ends();
  return ebpf::disassemble(out.finish().value());
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

TEST(LinuxActions, OnlyWhatTakesAnSkbLeavesXdp) {
  const std::string leaves = fmt::format("[r7+{}] = {}\n", offsetof(fabrix_scratch, verdict),
                                         static_cast<int>(FABRIX_VERDICT_AT_TC));
  program::Row row = row_to(1, 1);
  EXPECT_EQ(code_of(row).find(leaves), std::string::npos) << code_of(row);
  row.copies = {net::PortNo{2}};
  EXPECT_NE(code_of(row).find(leaves), std::string::npos) << code_of(row);
}

}  // namespace
}  // namespace fabrix::fabric
