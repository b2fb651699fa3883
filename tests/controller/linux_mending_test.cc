// LinuxDatapath::mend(): what somebody else changed is named and put right, and nothing else.
#include <gtest/gtest.h>

#include "tests/controller/linux_world.h"

namespace fabrix::controller::tests {
namespace {

using fabric::Difference;
using net::Field;
using program::TableId;
using Kind = Difference::Kind;

class LinuxMendingTest : public LinuxWorld {
 protected:
  void SetUp() override {
    LinuxWorld::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (std::uint64_t i = 0; i < 50; ++i) {
      program::Row row;
      row.priority = 1;
      row.match.exact(Field::kDstPort, 997 * i);
      row.next = program::Output{net::PortNo{2}};
      row.queries = {3};
      program_.table(TableId::kAdmit).push_back(row);
    }
    program_.table(TableId::kAdmit).front().meter = program::Meter{.id = 5, .kbps = 100};
    for (std::uint8_t i = 0; i < 10; ++i) {
      program_.neighbors.edit().push_back({net::ParticipantId{4}, net::IpAddress::v4({10, 9, 0, i}),
                                           net::MacAddress::from_u64(0x020000000000U + i)});
    }
    program_.canonicalize();
    install(program_);
  }

  const io::BpfMap& map(const char* name) const { return datapath_->map(name); }
  // An audit without ports.
  std::vector<LinuxFault> mend() {
    LinuxExpectation expected = datapath_->expectation();
    expected.program = std::make_shared<const program::Program>(program_);
    const std::atomic<bool> stop = false;
    const auto suspects = read_datapath(datapath_->maps(), expected, stop);
    EXPECT_TRUE(suspects) << suspects.error().message;
    std::vector<LinuxFault> faults;
    for (const LinuxSuspect& each : *suspects) {
      auto fault = datapath_->mend(each);
      EXPECT_TRUE(fault) << fault.error().message;
      if (fault && *fault) faults.push_back(**fault);
    }
    return faults;
  }
  // Once, and then nothing is wrong.
  void expect_mended(LinuxPlace place, Kind kind, const std::string& is) {
    const auto faults = mend();
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].place, place);
    EXPECT_EQ(faults[0].kind, kind);
    EXPECT_NE(faults[0].is.find(is), std::string::npos) << faults[0].is;
    EXPECT_TRUE(mend().empty());
  }
  std::uint32_t in_force() const {
    return map("state").value_of<fabrix_state>(std::uint32_t{0}).value()->version * FABRIX_SLOTS;
  }

  program::Program program_;
};

TEST_F(LinuxMendingTest, NothingIsDoneWhereNothingIsWrong) {
  EXPECT_TRUE(mend().empty());
}

TEST_F(LinuxMendingTest, Programs) {
  const std::uint32_t place = in_force() + FABRIX_SLOT_COMMON;
  ASSERT_TRUE(map("programs").erase_key(place));
  expect_mended(LinuxPlace::kSlot, Kind::kMissing, "");
  ASSERT_TRUE(map("programs").put_value(place, datapath_->entrance().get()));
  expect_mended(LinuxPlace::kSlot, Kind::kDifferent, "another program in slot 1");
  ASSERT_TRUE(map("programs").put_value(in_force() + 40U, datapath_->entrance().get()));
  expect_mended(LinuxPlace::kSlot, Kind::kForeign, "another program in slot 40");
  ASSERT_TRUE(map("programs").erase_key(in_force() + FABRIX_SLOT_FINISH));
  expect_mended(LinuxPlace::kSlot, Kind::kMissing, "");
}

// Packets do not meet it; the next install does not take it for what it was.
TEST_F(LinuxMendingTest, ProgramsOfTheVersionThatIsNotInForce) {
  install(program_);
  const std::uint32_t other = FABRIX_SLOTS - in_force() + FABRIX_SLOT_COMMON;
  ASSERT_TRUE(map("programs").put_value(other, datapath_->entrance().get()));
  EXPECT_TRUE(mend().empty());
  install(program_);
  EXPECT_EQ(in_force() + FABRIX_SLOT_COMMON, other);
  EXPECT_TRUE(mend().empty());
}

TEST_F(LinuxMendingTest, Rows) {
  const auto keys = map("narrow").keys().value();
  ASSERT_TRUE(map("narrow").erase(keys.front()));
  expect_mended(LinuxPlace::kNarrow, Kind::kMissing, "");
  ASSERT_TRUE(map("narrow").put(keys.back(), std::vector<std::byte>(sizeof(fabrix_action))));
  expect_mended(LinuxPlace::kNarrow, Kind::kDifferent, "another entry among the rows of slot 1");
  // One more of a form that is there: a packet would meet it.
  auto key = io::BpfMap::read_as<fabrix_narrow_key>(keys.front(), 0);
  key.values[0] = 12345;
  ASSERT_TRUE(map("narrow").put_value(key, fabrix_action{}));
  expect_mended(LinuxPlace::kNarrow, Kind::kForeign, "another entry");
  ASSERT_TRUE(map("wide").put_value(fabrix_wide_key{}, fabrix_action{}));
  expect_mended(LinuxPlace::kWide, Kind::kForeign, "another entry");
}

TEST_F(LinuxMendingTest, VirtualNextHops) {
  const auto key = linux_neighbor_key({4}, net::IpAddress::v4({10, 9, 0, 3}));
  ASSERT_TRUE(map("neighbors").erase_key(key));
  expect_mended(LinuxPlace::kNeighbor, Kind::kMissing, "no virtual next hop 10.9.0.3");
  ASSERT_TRUE(map("neighbors").put_value(key, fabrix_neighbor{.mac = {0x66, 0x66}}));
  expect_mended(LinuxPlace::kNeighbor, Kind::kDifferent,
                "virtual next hop 10.9.0.3 for participant 4 at 00:00:00:00:00:66");
  const auto foreign = linux_neighbor_key({4}, net::IpAddress::v4({10, 9, 0, 99}));
  ASSERT_TRUE(map("neighbors").put_value(foreign, fabrix_neighbor{.mac = {0x66, 0x66}}));
  expect_mended(LinuxPlace::kNeighbor, Kind::kForeign, "10.9.0.99");
}

TEST_F(LinuxMendingTest, Meters) {
  const std::uint32_t id = 5;
  ASSERT_TRUE(map("meters").put_value(id, ~std::uint64_t{0} / 2));
  expect_mended(LinuxPlace::kMeter, Kind::kDifferent, "meter 5 was to let nothing pass for");
  EXPECT_EQ(map("meters").value_of<std::uint64_t>(id).value(), 0U);
}

// What comes after is counted.
TEST_F(LinuxMendingTest, Counters) {
  const auto keys = map("counters").keys().value();
  ASSERT_EQ(keys.size(), 1U);
  std::vector<fabrix_count> counts(io::possible_cpus());
  counts.front() = {.packets = 10, .octets = 1000};
  ASSERT_TRUE(map("counters").put(keys.front(), std::as_bytes(std::span(counts))));
  EXPECT_EQ(datapath_->take_counts()->at(0).more, (fabric::QueryCount{10, 1000}));
  ASSERT_TRUE(map("counters").erase(keys.front()));
  expect_mended(LinuxPlace::kCounter, Kind::kMissing, "a counter was gone");
  counts.front() = {.packets = 4, .octets = 400};
  ASSERT_TRUE(map("counters").put(keys.front(), std::as_bytes(std::span(counts))));
  EXPECT_EQ(datapath_->take_counts()->at(0).more, (fabric::QueryCount{4, 400}));
  const std::vector<fabrix_count> none(io::possible_cpus());
  ASSERT_TRUE(
      map("counters").put(io::BpfMap::octets_of(std::uint64_t{9}), std::as_bytes(std::span(none))));
  EXPECT_TRUE(mend().empty());  // nobody counts by it
  EXPECT_EQ(map("counters").keys()->size(), 1U);
}

TEST_F(LinuxMendingTest, WhatIsInForce) {
  install(program_);
  auto state = map("state").value_of<fabrix_state>(std::uint32_t{0}).value().value();
  state.version = 1 - state.version;
  ASSERT_TRUE(map("state").put_value(std::uint32_t{0}, state));
  expect_mended(LinuxPlace::kState, Kind::kDifferent,
                "version " + std::to_string(state.version) + " in force");
}

}  // namespace
}  // namespace fabrix::controller::tests
