#include "controller/linux_port_maps.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace fabrix::controller::tests {
namespace {

constexpr std::uint32_t kSeven = 7;
constexpr std::uint32_t kLikeSeven = 7 + FABRIX_NEAR;  // the same low bits

class LinuxPortMapsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    auto opened = LinuxDatapath::open("");
    ASSERT_TRUE(opened) << opened.error().message;
    datapath_ = *std::move(opened);
  }
  void put_in(std::uint32_t interface, std::uint32_t port) const {
    ASSERT_TRUE(put_port_in(*datapath_, interface,
                            {.port = port, .slot = 3, .punts_at = 0, .sample_rate = 0, .vlan = 7}));
  }
  void put_out(std::uint32_t port, std::uint32_t interface) const {
    ASSERT_TRUE(
        put_port_out(*datapath_, port, {.interface = interface, .flags = 1, .vlan = 7, .slot = 3}));
  }
  fabrix_near_in near_in() const {
    return datapath_->map("near_in").value_of<fabrix_near_in>(kSeven).value().value();
  }
  fabrix_near_out near_out() const {
    return datapath_->map("near_out").value_of<fabrix_near_out>(kSeven).value().value();
  }

  std::unique_ptr<LinuxDatapath> datapath_;
};

TEST_F(LinuxPortMapsTest, TheFirstOfTwoWithTheSameLowBitsIsNear) {
  put_in(kSeven, 1);
  put_in(kLikeSeven, 2);
  EXPECT_EQ(near_in().port, 1U);
  EXPECT_EQ(datapath_->map("ports_in").keys().value().size(), 2U);
  put_out(kLikeSeven, 11);
  put_out(kSeven, 12);
  EXPECT_EQ(near_out().interface, 11U);
  EXPECT_EQ(near_out().slot, 3U);
  EXPECT_EQ(near_out().flags, 1U);
  EXPECT_EQ(near_in().vlan, 7U);
  EXPECT_EQ(near_out().vlan, 7U);
}

TEST_F(LinuxPortMapsTest, WhatChangesChangesThereToo) {
  put_in(kSeven, 1);
  put_in(kSeven, 2);
  EXPECT_EQ(near_in().port, 2U);
  put_out(kSeven, 11);
  put_out(kSeven, 12);
  EXPECT_EQ(near_out().interface, 12U);
}

TEST_F(LinuxPortMapsTest, WhatIsDroppedIsNowhere) {
  put_in(kSeven, 1);
  put_out(kSeven, 11);
  ASSERT_TRUE(drop_port_in(*datapath_, kLikeSeven));  // was not there
  ASSERT_TRUE(drop_port_out(*datapath_, kLikeSeven));
  EXPECT_EQ(near_in().port, 1U);
  EXPECT_EQ(near_out().interface, 11U);
  ASSERT_TRUE(drop_port_in(*datapath_, kSeven));
  ASSERT_TRUE(drop_port_out(*datapath_, kSeven));
  EXPECT_EQ(near_in().interface, 0U);
  EXPECT_EQ(near_out().interface, 0U);
  EXPECT_TRUE(datapath_->map("ports_in").keys().value().empty());
  EXPECT_TRUE(datapath_->map("ports_out").keys().value().empty());
}

TEST_F(LinuxPortMapsTest, OthersThanThoseKeptAreDropped) {
  put_in(kSeven, 1);
  put_in(8, 2);
  put_out(kSeven, 11);
  put_out(9, 12);
  ASSERT_TRUE(keep_ports(*datapath_, {8}, {9}));
  EXPECT_EQ(near_in().interface, 0U);
  EXPECT_EQ(near_out().interface, 0U);
  EXPECT_EQ(datapath_->map("ports_in").keys().value().size(), 1U);
  EXPECT_EQ(datapath_->map("ports_out").keys().value().size(), 1U);
}

}  // namespace
}  // namespace fabrix::controller::tests
