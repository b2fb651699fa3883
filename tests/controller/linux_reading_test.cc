#include "controller/linux_reading.h"

#include <gtest/gtest.h>

#include "tests/controller/linux_world.h"

namespace fabrix::controller::tests {
namespace {

using net::Field;
using program::TableId;

class LinuxReadingTest : public LinuxWorld {
 protected:
  void SetUp() override {
    LinuxWorld::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (std::uint64_t i = 0; i < 50; ++i) {
      program::Row row;
      row.priority = 1;
      row.match.exact(Field::kDstPort, 997 * i);  // far apart: no array
      row.next = program::Output{net::PortNo{2}};
      program_.table(TableId::kAdmit).push_back(row);
    }
    program_.table(TableId::kAdmit).front().meter = program::Meter{.id = 5, .kbps = 100};
    program_.neighbors.edit().push_back({net::ParticipantId{4}, net::IpAddress::v4({10, 9, 0, 77}),
                                         net::MacAddress::from_u64(0x020000000077)});
    program_.canonicalize();
    install(program_);
    install(program_);
    for (std::uint32_t port = 1; port <= 3; ++port) add_port(port, port - 1);
  }

  LinuxExpectation expected() const {
    auto all = datapath_->expectation();
    all.program = std::make_shared<const program::Program>(program_);
    for (std::uint32_t port = 1; port <= 3; ++port) {
      all.ports.push_back({.port = port,
                           .interface = kFirstInterface + port,
                           .slot = port - 1,
                           .flags = FABRIX_OUT_XDP,
                           .vlan = 0,
                           .sample_rate = 0,
                           .link = -1});
    }
    return all;
  }
  // But for links, which these ports have not.
  std::vector<LinuxSuspect> read(const LinuxExpectation& expected) const {
    const std::atomic<bool> stop = false;
    auto found = read_datapath(datapath_->maps(), expected, stop);
    EXPECT_TRUE(found) << found.error().message;
    if (!found) return {};
    std::erase_if(*found, [](const auto& each) { return each.place == LinuxPlace::kLink; });
    return *std::move(found);
  }
  std::vector<LinuxPlace> places() const {
    std::vector<LinuxPlace> all;
    for (const LinuxSuspect& each : read(expected())) all.push_back(each.place);
    return all;
  }
  const io::BpfMap& map(const char* name) const { return datapath_->map(name); }

  program::Program program_;
};

TEST_F(LinuxReadingTest, WhatIsAsItWasToldIsNotSuspected) {
  EXPECT_EQ(places(), std::vector<LinuxPlace>{});
}

TEST_F(LinuxReadingTest, PortsWithoutALinkAreSuspected) {
  const std::atomic<bool> stop = false;
  EXPECT_EQ(read_datapath(datapath_->maps(), expected(), stop)->size(), 3U);
}

TEST_F(LinuxReadingTest, EveryKindOfEntryThatIsGoneIsSuspected) {
  using enum LinuxPlace;
  ASSERT_TRUE(map("programs").erase_key(std::uint32_t{FABRIX_SLOT_FINISH}));
  ASSERT_TRUE(map("programs").erase_key(std::uint32_t{FABRIX_SLOTS + FABRIX_SLOT_COMMON}));
  EXPECT_EQ(places(), (std::vector{kSlot, kSlot}));
  ASSERT_TRUE(map("narrow").erase(map("narrow").keys().value().front()));
  EXPECT_EQ(places(), (std::vector{kSlot, kSlot, kNarrow}));
  ASSERT_TRUE(map("neighbors").erase(map("neighbors").keys().value().front()));
  EXPECT_EQ(places(), (std::vector{kSlot, kSlot, kNarrow, kNeighbor}));
  ASSERT_TRUE(drop_port_in(*datapath_, kFirstInterface + 2));
  EXPECT_EQ(places(), (std::vector{kSlot, kSlot, kNarrow, kNeighbor, kPortIn, kNearIn}));
  ASSERT_TRUE(drop_port_out(*datapath_, 2));
  EXPECT_EQ(places(),
            (std::vector{kSlot, kSlot, kNarrow, kNeighbor, kPortIn, kPortOut, kNearIn, kNearOut}));
}

TEST_F(LinuxReadingTest, WhatIsNobodysIsSuspected) {
  using enum LinuxPlace;
  ASSERT_TRUE(
      map("narrow").put_value(fabrix_narrow_key{.form = 77, .values = {1, 2}}, fabrix_action{}));
  ASSERT_TRUE(map("wide").put_value(fabrix_wide_key{}, fabrix_action{}));
  ASSERT_TRUE(map("neighbors")
                  .put_value(fabrix_neighbor_key{.sender = 1, .high = 2, .low = 3},
                             fabrix_neighbor{.mac = {1, 1}}));
  const std::vector<fabrix_count> none(io::possible_cpus());
  ASSERT_TRUE(
      map("counters").put(io::BpfMap::octets_of(std::uint64_t{9}), std::as_bytes(std::span(none))));
  add_port(77, 9);
  EXPECT_EQ(places(), (std::vector{kNarrow, kWide, kNeighbor, kCounter, kPortIn, kPortOut, kNearIn,
                                   kNearOut}));
}

// Its time is as far in the future as its bucket can ask for, and not farther.
TEST_F(LinuxReadingTest, AMeterThatLetsNothingPassForLongIsSuspected) {
  const std::uint32_t id = 5;
  constexpr std::uint64_t kSecond = 1'000'000'000;
  ASSERT_TRUE(map("meters").put_value(id, linux_meter_time() + kSecond));
  EXPECT_EQ(places(), std::vector<LinuxPlace>{});
  ASSERT_TRUE(map("meters").put_value(id, linux_meter_time() + 3600 * kSecond));
  EXPECT_EQ(places(), std::vector{LinuxPlace::kMeter});
}

TEST_F(LinuxReadingTest, AnotherVersionInForceIsSuspected) {
  auto state = map("state").value_of<fabrix_state>(std::uint32_t{0}).value().value();
  state.version = 1 - state.version;
  ASSERT_TRUE(map("state").put_value(std::uint32_t{0}, state));
  EXPECT_EQ(places(), std::vector{LinuxPlace::kState});
}

TEST_F(LinuxReadingTest, EndsWhenItIsToldTo) {
  const std::atomic<bool> stop = true;
  EXPECT_TRUE(read_datapath(datapath_->maps(), expected(), stop));
}

}  // namespace
}  // namespace fabrix::controller::tests
