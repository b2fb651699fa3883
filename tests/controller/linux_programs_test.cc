#include "controller/linux_programs.h"

#include <atomic>
#include <memory>

#include "tests/controller/linux_world.h"

namespace fabrix::controller::tests {
namespace {

using Kind = fabric::Difference::Kind;

class LinuxProgramsTest : public LinuxWorld {
 protected:
  void SetUp() override {
    LinuxWorld::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    program::Row row;
    row.match.exact(net::Field::kInPort, 1);
    row.next = program::Output{net::PortNo{2}};
    program_.table(program::TableId::kAdmit).push_back(row);
    program_.canonicalize();
    add_port(1);
    add_port(2, 1);
  }

  // The unit in a slot of both versions; the version in force first.
  std::vector<std::optional<std::uint64_t>> units(const char* map, std::uint32_t slot) const {
    const auto state = datapath_->map("state").value_of<fabrix_state>(std::uint32_t{0}).value();
    std::vector<std::optional<std::uint64_t>> all;
    for (const std::uint32_t version : {state->version, 1 - state->version}) {
      all.push_back(read_slot(datapath_->map(map), version * FABRIX_SLOTS + slot).value());
    }
    return all;
  }

  std::vector<LinuxFault> mend() {
    LinuxExpectation expected = datapath_->expectation();
    expected.program = std::make_shared<const program::Program>(program_);
    const std::atomic<bool> stop = false;
    std::vector<LinuxFault> faults;
    const auto suspects = read_datapath(datapath_->maps(), expected, stop);
    for (const LinuxSuspect& each : suspects.value()) {
      if (each.place >= LinuxPlace::kPortIn) continue;  // the ports here are not the expectation's
      const auto fault = datapath_->mend(each).value();
      if (fault) faults.push_back(*fault);
    }
    return faults;
  }

  program::Program program_;
};

TEST_F(LinuxProgramsTest, TheSameUnitsAreAtXdpWhereThatIsWanted) {
  install(program_);
  const auto at_tc = units("programs", FABRIX_SLOT_COMMON);
  EXPECT_TRUE(at_tc[0]);
  EXPECT_FALSE(units("xdp_programs", FABRIX_SLOT_COMMON)[0]);
  datapath_->attach(exchange::FabricAttach::kXdp);
  install(program_);
  EXPECT_EQ(units("xdp_programs", FABRIX_SLOT_COMMON)[0], at_tc[0]);
  EXPECT_FALSE(units("xdp_programs", FABRIX_SLOT_COMMON)[1]);
  install(program_);
  EXPECT_EQ(units("xdp_programs", FABRIX_SLOT_COMMON)[1], at_tc[0]);
  datapath_->attach(exchange::FabricAttach::kTc);
  install(program_);
  EXPECT_FALSE(units("xdp_programs", FABRIX_SLOT_COMMON)[0]);
}

TEST_F(LinuxProgramsTest, WhatIsWrongAtXdpIsMended) {
  datapath_->attach(exchange::FabricAttach::kXdp);
  install(program_);
  install(program_);
  EXPECT_TRUE(mend().empty());
  const io::BpfMap& map = datapath_->map("xdp_programs");
  const auto state = datapath_->map("state").value_of<fabrix_state>(std::uint32_t{0}).value();
  const std::uint32_t first = state->version * FABRIX_SLOTS;
  for (const auto& [slot, kind] : {std::pair{std::uint32_t{FABRIX_SLOT_COMMON}, Kind::kMissing},
                                   {std::uint32_t{FABRIX_SLOT_FINISH}, Kind::kMissing}}) {
    ASSERT_TRUE(map.erase_key(first + slot));
    const auto faults = mend();
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].place, LinuxPlace::kXdpSlot);
    EXPECT_EQ(faults[0].kind, kind);
  }
  ASSERT_TRUE(map.put_value(first + 40U, datapath_->xdp_entrance().get()));
  EXPECT_EQ(mend().at(0).kind, Kind::kForeign);
  EXPECT_TRUE(mend().empty());
}

}  // namespace
}  // namespace fabrix::controller::tests
